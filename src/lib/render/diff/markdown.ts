import type { Diff } from '../../analysis/diff/result.ts';
import { forMarkdown } from '../safe-text.ts';
import { changeOf, conclusion, headline, medianText, nameOf, perOf, pOf, thresholdOf, VERDICTS } from './phrases.ts';
import { notes, shown } from './table.ts';

/** @returns GitHub-flavoured Markdown for a pull request, with a final newline */
export function diffMarkdown(diff: Diff, all: boolean): string {
  const rows = shown(diff, all).map((one) => {
    const verdict = one.status === 'regression' ? '**regression**' : VERDICTS[one.status];
    const cells = [
      nameOf(one),
      medianText(one.before, one),
      medianText(one.after, one),
      perOf(one),
      changeOf(one),
      thresholdOf(one),
      pOf(one),
    ];
    return `| ${[...cells.map(cell), verdict].join(' | ')} |`;
  });
  const table =
    rows.length === 0
      ? []
      : [
          [
            '| metric | before | after | unit | change | threshold | p | verdict |',
            '| --- | ---: | ---: | --- | ---: | --- | ---: | --- |',
            ...rows,
          ].join('\n'),
        ];
  const below = notes(diff, all).map((note) => `- ${cell(note)}`);
  return `${[
    `### tslab diff: ${cell(conclusion(diff))}`,
    headline(diff).map(cell).join('  \n'),
    ...table,
    ...(below.length > 0 ? [below.join('\n')] : []),
  ].join('\n\n')}\n`;
}

/** Our own punctuation is safe; what a label or a file name could do with it is not. */
function cell(text: string): string {
  return forMarkdown(text);
}
