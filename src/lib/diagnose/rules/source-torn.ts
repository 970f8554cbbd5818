import { finding, type Rule } from '../rule.ts';

/** Snapshots whose sections were not read at one instant. */
export const sourceTorn: Rule<'source-torn'> = {
  code: 'source-torn',
  judges: 'state',
  fields: [['/torn']],
  judge({ source: { torn, snapshots } }, limits) {
    if (torn === 0) return [];
    const severity = torn >= limits.snapshots && torn / snapshots >= limits.share ? 'warning' : 'info';
    return [finding('source-torn', severity, 'certain', {}, [], { snapshots: torn, of: snapshots })];
  },
};
