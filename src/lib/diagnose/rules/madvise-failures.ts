import { ratio } from '../../snapshot/u64.ts';
import { classes, most, totals } from '../counts.ts';
import { finding, type Rule } from '../rule.ts';

/** Times the kernel said no. */
export const madviseFailures: Rule<'madvise-failures'> = {
  code: 'madvise-failures',
  judges: 'counts',
  fields: [['/total_madvise_failures']],
  judge(observation, limits) {
    const counts = totals(observation);
    const [failures = 0, calls = 0] = [counts.of('total_madvise_failures'), counts.of('total_madvise_calls')];
    if (Number(failures) < limits.failures) return [];
    const share = ratio(failures, calls) ?? 1;
    const [worst] = classes(observation).sort(most('madvise_failures'));
    return [
      finding(
        'madvise-failures',
        share >= limits['error-share'] ? 'error' : 'warning',
        'certain',
        worst ? { objectSize: worst.holder.object_size } : {},
        [
          ...counts.evidence('total_madvise_failures', 'total_madvise_calls'),
          ...(worst ? worst.evidence('madvise_failures') : []),
        ],
        { failures, calls, share },
      ),
    ];
  },
};
