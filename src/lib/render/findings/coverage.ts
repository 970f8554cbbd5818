import type { Diagnosis, Lack } from '../../diagnose/diagnose.ts';
import type { Code } from '../../diagnose/finding.ts';

/** What was checked and what was not, for people: one sentence each, none where there is nothing to say. Holds no text of the watched program. */
export function coverage({ checks, observation }: Diagnosis): string[] {
  const judged = checks.filter(({ judged }) => judged !== 'no');
  const totals = judged.filter(({ judged }) => judged === 'since-start');
  const lacking = (kind: Lack['kind']) => checks.filter((one) => one.judged === 'no' && one.lacks.kind === kind);
  return [
    `checked: ${names(judged)}`,
    ...(totals.length > 0
      ? [
          `${totals.length} of them by totals since the start of the process; --window 5s or a recording judges what happens now`,
        ]
      : []),
    ...(lacking('window').length > 0
      ? [`not judged, since that takes --window 5s or a recording: ${names(lacking('window'))}`]
      : []),
    ...(lacking('numbers').length > 0
      ? [`not judged, since this producer does not say the numbers (--json lists them): ${names(lacking('numbers'))}`]
      : []),
    ...(observation.restarts > 0
      ? [
          `the process or its counters began anew ${observation.restarts === 1 ? 'once' : `${observation.restarts} times`}: judged is what came after`,
        ]
      : []),
  ];
}

function names(checks: readonly { readonly code: Code }[]): string {
  return checks.map(({ code }) => code).join(', ');
}
