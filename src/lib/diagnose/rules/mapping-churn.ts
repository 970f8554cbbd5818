import { multiply, ratio } from '../../snapshot/u64.ts';
import { secondsOf, totals } from '../counts.ts';
import { chiefOwner, watchedEpochs } from '../epochs.ts';
import { finding, type Rule } from '../rule.ts';

/** Memory that goes to the kernel and comes back, over and over: page faults that nobody asked for. */
export const mappingChurn: Rule<'mapping-churn'> = {
  code: 'mapping-churn',
  judges: 'counts',
  fields: [
    ['/total_madvise_bytes'],
    ['/total_slow_cache_miss'],
    ['/slab_bytes'],
    ['/epochs/*/age_sec', '/timestamp_ns'],
  ],
  judge(observation, limits) {
    const counts = totals(observation);
    const seconds = secondsOf(observation);
    const [given, misses, slow] = [
      counts.of('total_madvise_bytes'),
      counts.of('total_slow_cache_miss'),
      counts.of('total_slow_path_hits'),
    ];
    if (!seconds || given === undefined || misses === undefined) return [];
    const givenBackPerSec = Number(given) / seconds;
    const takenAgainPerSec = Number(multiply(misses, observation.last.slab_bytes ?? 0)) / seconds;
    const share = slow === undefined ? 1 : (ratio(misses, slow) ?? 0);
    if (Math.min(givenBackPerSec, takenAgainPerSec) < limits.rate || share < limits.share) return [];
    return [
      finding(
        'mapping-churn',
        'warning',
        observation.delta ? 'high' : 'medium',
        chiefOwner(watchedEpochs(observation), 'madvise_bytes'),
        [
          ...counts.evidence('total_madvise_bytes', 'total_slow_cache_miss', 'total_slow_path_hits'),
          {
            metric: 'given back',
            pointer: '/total_madvise_bytes',
            value: givenBackPerSec,
            unit: 'bytes/s',
            basis: counts.basis,
          },
        ],
        { givenBackPerSec, takenAgainPerSec, heldBytes: observation.last.estimated_slab_rss_bytes ?? 0 },
      ),
    ];
  },
};
