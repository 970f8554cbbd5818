import { CLOSING_FIELDS, closingOf } from '../closing.ts';
import { finding, type Rule } from '../rule.ts';

/** Closes that take long: whoever leaves last, or calls epoch_close, waits for it. */
export const closeCostly: Rule<'close-costly'> = {
  code: 'close-costly',
  judges: 'counts',
  fields: CLOSING_FIELDS,
  judge(observation, limits) {
    const { calls, totalNs, meanNs, timeShare, evidence } = closingOf(observation);
    const slow = Number(calls) >= limits.calls && meanNs >= limits.mean;
    const busy =
      observation.delta !== undefined && (timeShare ?? 0) >= limits['time-share'] && meanNs >= limits['busy-mean'];
    if (!slow && !busy) return [];
    return [
      finding('close-costly', 'warning', observation.delta ? 'high' : 'medium', {}, evidence, {
        calls,
        totalNs,
        meanNs,
        ...(timeShare !== undefined && { timeShare }),
      }),
    ];
  },
};
