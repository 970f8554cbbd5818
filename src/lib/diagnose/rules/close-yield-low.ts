import { ratio } from '../../snapshot/u64.ts';
import { CLOSING_FIELDS, closingOf } from '../closing.ts';
import { chiefOwner, watchedEpochs } from '../epochs.ts';
import { finding, type Rule } from '../rule.ts';

/** Closes that look at many slabs, find few to give back, and take their time over it. */
export const closeYieldLow: Rule<'close-yield-low'> = {
  code: 'close-yield-low',
  judges: 'counts',
  fields: [...CLOSING_FIELDS, ['/epochs/*/age_sec', '/timestamp_ns']],
  judge(observation, limits) {
    const { calls, scanned, recycled, timeShare = 0, evidence } = closingOf(observation);
    const closeYield = ratio(recycled, scanned) ?? 1;
    if (Number(scanned) < limits.scanned || closeYield >= limits.yield || timeShare < limits['time-share']) return [];
    return [
      finding(
        'close-yield-low',
        'warning',
        observation.delta ? 'high' : 'medium',
        chiefOwner(watchedEpochs(observation), 'close_calls'),
        evidence,
        {
          calls,
          scanned,
          recycled,
          yield: closeYield,
          timeShare,
        },
      ),
    ];
  },
};
