import type { Diagnosis } from '../../diagnose/diagnose.ts';
import { findingsGithub } from './github.ts';
import { findingsJson } from './json.ts';
import { findingsMarkdown } from './markdown.ts';
import { findingsSarif } from './sarif.ts';
import { type FindingsView, renderFindings } from './terminal.ts';

export const FORMATS = ['text', 'json', 'markdown', 'sarif', 'github'] as const;
export type Format = (typeof FORMATS)[number];

export interface ReportView extends FindingsView {
  readonly exitCode: number;
  readonly version: string;
}

/** @returns the diagnosis in the format, with a final newline */
export function findingsReport(diagnosis: Diagnosis, format: Format, view: ReportView): string {
  switch (format) {
    case 'text':
      return `${renderFindings(diagnosis, view)}\n`;
    case 'json':
      return findingsJson(diagnosis, view.exitCode);
    case 'markdown':
      return findingsMarkdown(diagnosis, view.name);
    case 'sarif':
      return findingsSarif(diagnosis, view.name, view.version);
    case 'github':
      return findingsGithub(diagnosis);
  }
}
