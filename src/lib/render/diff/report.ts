import type { Diff } from '../../analysis/diff/result.ts';
import { diffGithub } from './github.ts';
import { diffJson } from './json.ts';
import { diffJunit } from './junit.ts';
import { diffMarkdown } from './markdown.ts';
import { type DiffView, renderDiff } from './table.ts';

export const FORMATS = ['table', 'json', 'markdown', 'junit', 'github'] as const;
export type Format = (typeof FORMATS)[number];

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
