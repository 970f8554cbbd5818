import { ratio } from '../../snapshot/u64.ts';
import { classes } from '../counts.ts';
import { finding, type Rule } from '../rule.ts';

/** Classes whose lock is often taken by somebody else. */
export const lockContention: Rule<'lock-contention'> = {
  code: 'lock-contention',
  needs: 'snapshot',
  sharperWithWindow: true,
  fields: [['/classes/*/lock_contended'], ['/classes/*/lock_fast_acquire']],
  judge(observation, limits) {
    return classes(observation).flatMap((counts) => {
      const [events = 0, of = 0] = [counts.of('lock_contended'), counts.sum('lock_fast_acquire', 'lock_contended')];
      const share = ratio(events, of) ?? 0;
      if (Number(events) < limits.contended || share < Math.min(limits['notice-rate'], limits.rate)) return [];
      return [
        finding(
          'lock-contention',
          share >= limits.rate ? 'warning' : 'info',
          observation.delta ? 'high' : 'medium',
          { objectSize: counts.holder.object_size },
          counts.evidence('lock_contended', 'lock_fast_acquire'),
          { events, of, share },
        ),
      ];
    });
  },
};
