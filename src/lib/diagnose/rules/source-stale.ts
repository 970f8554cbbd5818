import type { Arguments, Severity } from '../finding.ts';
import { finding, type Rule } from '../rule.ts';

/** A source that has nothing new: what it says may have been true once. */
export const sourceStale: Rule<'source-stale'> = {
  code: 'source-stale',
  judges: 'state',
  fields: [],
  judge({ last, source: { ageSec, sameTime } }, limits) {
    const time = last.timestamp_ns;
    const evidence =
      time === undefined
        ? []
        : [{ metric: 'timestamp_ns', pointer: '/timestamp_ns', value: time, unit: 'timestamp', basis: 'now' } as const];
    const stale = (severity: Severity, how: Arguments['source-stale']['how']) => [
      finding('source-stale', severity, 'certain', {}, evidence, {
        how,
        snapshots: sameTime,
        ...(ageSec !== undefined && { ageSec }),
      }),
    ];
    if (last.process?.live === false) return stale('info', 'ended');
    if (ageSec !== undefined && ageSec >= limits.age) return stale('warning', 'old');
    return time !== undefined && sameTime >= limits.snapshots ? stale('warning', 'same-time') : [];
  },
};
