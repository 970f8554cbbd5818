import type { Diagnosis } from '../../diagnose/diagnose.ts';
import { forMarkdown } from '../safe-text.ts';
import { coverage } from './coverage.ts';
import { evidenceText } from './evidence-text.ts';
import { action, confidenceText, headline } from './prose.ts';
import { conclusion, subject } from './terminal.ts';

/** @returns GitHub-flavoured Markdown, with a final newline */
export function findingsMarkdown(diagnosis: Diagnosis, name: string): string {
  const rows = diagnosis.findings.map(
    (one) =>
      `| ${[one.severity === 'info' ? 'info' : `**${one.severity}**`, one.code, headline(one, forMarkdown), action(one), one.evidence.map(evidenceText).join('<br>'), confidenceText(one.confidence)].join(' | ')} |`,
  );
  return `${[
    `### tslab doctor: ${forMarkdown(conclusion(diagnosis))}`,
    forMarkdown(subject(diagnosis, name)),
    ...(rows.length > 0 ? [[...HEAD, ...rows].join('\n')] : []),
    coverage(diagnosis)
      .map((sentence) => `- ${forMarkdown(sentence)}`)
      .join('\n'),
  ].join('\n\n')}\n`;
}

const HEAD = ['| severity | code | what | what to do | evidence | |', '| --- | --- | --- | --- | --- | --- |'];
