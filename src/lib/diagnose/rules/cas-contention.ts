import { ratio } from '../../snapshot/u64.ts';
import { type ClassCounts, classes, perClasses } from '../counts.ts';
import { finding, type Rule } from '../rule.ts';

const SIDES = [
  { on: 'alloc', retries: 'bitmap_alloc_cas_retries', attempts: 'bitmap_alloc_attempts' },
  { on: 'free', retries: 'bitmap_free_cas_retries', attempts: 'bitmap_free_attempts' },
] as const;

/** Classes in which threads often meet in one word of a slab. Failed swaps of the current slab are normal at any rate and not looked at. */
export const casContention: Rule<'cas-contention'> = {
  code: 'cas-contention',
  judges: 'counts',
  fields: [['/classes/*/bitmap_alloc_cas_retries'], ['/classes/*/bitmap_alloc_attempts']],
  judge(observation, limits) {
    return SIDES.flatMap(({ on, retries, attempts }) => {
      const shareOf = (counts: ClassCounts) => ratio(counts.of(retries) ?? 0, counts.of(attempts) ?? 0) ?? 0;
      const bad = classes(observation)
        .filter(
          (counts) =>
            Number(counts.of(retries) ?? 0) >= limits.retries &&
            shareOf(counts) >= Math.min(limits['notice-rate'], limits.rate),
        )
        .sort((a, b) => shareOf(b) - shareOf(a));
      return perClasses(bad, (worst, objectSizes) =>
        finding(
          'cas-contention',
          shareOf(worst) >= limits.rate ? 'warning' : 'info',
          observation.delta ? 'high' : 'medium',
          { objectSize: worst.holder.object_size },
          worst.evidence(retries, attempts),
          { on, objectSizes, events: worst.of(retries) ?? 0, of: worst.of(attempts) ?? 0, share: shareOf(worst) },
        ),
      );
    });
  },
};
