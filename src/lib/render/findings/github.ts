import type { Diagnosis } from '../../diagnose/diagnose.ts';
import type { Severity } from '../../diagnose/finding.ts';
import { forGithub, forGithubProperty } from '../safe-text.ts';
import { action, headline } from './prose.ts';
import { conclusion } from './terminal.ts';

const LEVELS: Record<Severity, string> = { error: 'error', warning: 'warning', info: 'notice' };

/** @returns workflow commands that GitHub Actions turns into annotations, with a final newline */
export function findingsGithub(diagnosis: Diagnosis): string {
  const lines = diagnosis.findings.map(
    (one) =>
      `::${LEVELS[one.severity]} title=${forGithubProperty(one.code)}::${forGithub(`${headline(one)} → ${action(one)}`)}`,
  );
  return `${[...lines, `::notice title=tslab doctor::${forGithub(conclusion(diagnosis))}`].join('\n')}\n`;
}
