import type { Comparison, Diff } from '../../analysis/diff/result.ts';
import { forMarkdown } from '../safe-text.ts';
import { changeOf, conclusion, headline, medianText, nameOf, perOf, pOf, thresholdOf, VERDICTS } from './phrases.ts';
import { notes, shown } from './table.ts';

/** @returns GitHub-flavoured Markdown for a pull request, with a final newline */
export function diffMarkdown(diff: Diff, all: boolean): string {
  const rows = shown(diff, all).map((one) => `| ${cells(one).join(' | ')} |`);
  const below = notes(diff, all, forMarkdown).map((note) => `- ${note}`);
  return `${[
    `### tslab diff: ${conclusion(diff)}`,
    headline(diff, forMarkdown).join('  \n'),
    ...(rows.length > 0 ? [[...HEAD, ...rows].join('\n')] : []),
    ...(below.length > 0 ? [below.join('\n')] : []),
  ].join('\n\n')}\n`;
}

const HEAD = [
  '| metric | before | after | unit | change | threshold | p | verdict |',
  '| --- | ---: | ---: | --- | ---: | --- | ---: | --- |',
];

function cells(one: Comparison): string[] {
  return [
    nameOf(one, forMarkdown),
    medianText(one.before, one),
    medianText(one.after, one),
    perOf(one),
    changeOf(one),
    thresholdOf(one),
    pOf(one),
    one.status === 'regression' ? '**regression**' : VERDICTS[one.status],
  ].map((text) => text.replaceAll('<', '&lt;'));
}
