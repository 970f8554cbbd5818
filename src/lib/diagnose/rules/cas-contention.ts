import { ratio } from '../../snapshot/u64.ts';
import { classes } from '../counts.ts';
import { finding, type Rule } from '../rule.ts';

const SIDES = [
  { on: 'alloc', retries: 'bitmap_alloc_cas_retries', attempts: 'bitmap_alloc_attempts' },
  { on: 'free', retries: 'bitmap_free_cas_retries', attempts: 'bitmap_free_attempts' },
] as const;

/** Classes in which threads often meet in one word of a slab. Failed swaps of the current slab are normal at any rate and not looked at. */
export const casContention: Rule<'cas-contention'> = {
  code: 'cas-contention',
  needs: 'snapshot',
  sharperWithWindow: true,
  fields: [['/classes/*/bitmap_alloc_cas_retries'], ['/classes/*/bitmap_alloc_attempts']],
  judge(observation, limits) {
    return classes(observation).flatMap((counts) =>
      SIDES.flatMap(({ on, retries, attempts }) => {
        const [events = 0, of = 0] = [counts.of(retries), counts.of(attempts)];
        const share = ratio(events, of) ?? 0;
        if (Number(events) < limits.retries || share < Math.min(limits['notice-rate'], limits.rate)) return [];
        return [
          finding(
            'cas-contention',
            share >= limits.rate ? 'warning' : 'info',
            observation.delta ? 'high' : 'medium',
            { objectSize: counts.holder.object_size },
            counts.evidence(retries, attempts),
            { on, events, of, share },
          ),
        ];
      }),
    );
  },
};
