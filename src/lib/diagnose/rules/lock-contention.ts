import { ratio, type U64 } from '../../snapshot/u64.ts';
import { type ClassCounts, classes, perClasses } from '../counts.ts';
import { finding, type Rule } from '../rule.ts';

/** Classes whose lock is often taken by somebody else. */
export const lockContention: Rule<'lock-contention'> = {
  code: 'lock-contention',
  judges: 'counts',
  fields: [['/classes/*/lock_contended'], ['/classes/*/lock_fast_acquire']],
  judge(observation, limits) {
    const bad = classes(observation)
      .filter(
        (counts) =>
          Number(counts.of('lock_contended') ?? 0) >= limits.contended &&
          shareOf(counts) >= Math.min(limits['notice-rate'], limits.rate),
      )
      .sort((a, b) => shareOf(b) - shareOf(a));
    return perClasses(bad, (worst, objectSizes) =>
      finding(
        'lock-contention',
        shareOf(worst) >= limits.rate ? 'warning' : 'info',
        observation.delta ? 'high' : 'medium',
        { objectSize: worst.holder.object_size },
        worst.evidence('lock_contended', 'lock_fast_acquire'),
        { objectSizes, events: worst.of('lock_contended') ?? 0, of: acquisitions(worst), share: shareOf(worst) },
      ),
    );
  },
};

function acquisitions(counts: ClassCounts): U64 {
  return counts.sum('lock_fast_acquire', 'lock_contended') ?? 0;
}

function shareOf(counts: ClassCounts): number {
  return ratio(counts.of('lock_contended') ?? 0, acquisitions(counts)) ?? 0;
}
