import type { Diff } from '../../analysis/diff/result.ts';
import { UsageError } from '../../errors.ts';
import { diffGithub } from './github.ts';
import { diffJson } from './json.ts';
import { diffJunit } from './junit.ts';
import { diffMarkdown } from './markdown.ts';
import { type DiffView, renderDiff } from './table.ts';

export const FORMATS = ['table', 'json', 'markdown', 'junit', 'github'] as const;
export type Format = (typeof FORMATS)[number];

/** One report: its form, and the file it goes to. */
export interface ReportFile {
  readonly format: Format;
  readonly path: string;
}

/**
 * @param text `junit=report.xml`
 * @throws UsageError
 */
export function parseReportFile(text: string): ReportFile {
  const at = text.indexOf('=');
  const format = FORMATS.find((name) => name === text.slice(0, at));
  const path = text.slice(at + 1);
  if (!format || path === '')
    throw new UsageError(
      'bad-output',
      `--output ${text}: not understood`,
      `write FORMAT=FILE with one of ${FORMATS.join(', ')}`,
    );
  return { format, path };
}

/** @returns the comparison in the format, with a final newline */
export async function reportOf(diff: Diff, format: Format, exitCode: number, view: DiffView): Promise<string> {
  switch (format) {
    case 'table':
      return `${await renderDiff(diff, view)}\n`;
    case 'json':
      return diffJson(diff, exitCode);
    case 'markdown':
      return diffMarkdown(diff, view.all);
    case 'junit':
      return diffJunit(diff);
    case 'github':
      return diffGithub(diff);
  }
}
