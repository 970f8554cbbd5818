import { numberIn } from '../../metrics/read.ts';
import { ratio, subtract } from '../../snapshot/u64.ts';
import { classes, most, totals } from '../counts.ts';
import { epochEvidence, ownerOf, refOf, type Watched, watchedEpochs } from '../epochs.ts';
import { finding, type Rule } from '../rule.ts';

/** Allocations refused because their epoch was closed: somebody keeps an epoch's number longer than the epoch lives. */
export const allocIntoClosing: Rule<'alloc-into-closing'> = {
  code: 'alloc-into-closing',
  judges: 'counts',
  fields: [['/total_slow_epoch_closed']],
  judge(observation, limits) {
    const counts = totals(observation);
    const refused = counts.of('total_slow_epoch_closed') ?? 0;
    const allocations = counts.of('total_bitmap_alloc_attempts') ?? counts.of('total_slow_path_hits') ?? 0;
    // Refusals are no allocations: nothing may have been allocated at all.
    const share = ratio(refused, allocations) ?? (Number(refused) > 0 ? Number.POSITIVE_INFINITY : 0);
    if (Number(refused) < limits.refused || share < limits.share) return [];
    const epochs = watchedEpochs(observation)
      .filter((one) => refusedIn(one) > 0)
      .sort((a, b) => refusedIn(b) - refusedIn(a));
    const [worst] = classes(observation).sort(most('slow_path_epoch_closed'));
    return [
      finding(
        'alloc-into-closing',
        'warning',
        'certain',
        { ...ownerOf(epochs), ...(worst && { objectSize: worst.holder.object_size }) },
        [
          ...counts.evidence('total_slow_epoch_closed', 'total_bitmap_alloc_attempts'),
          ...epochEvidence(epochs.slice(0, 1), 'refused_allocs'),
          ...(worst ? worst.evidence('slow_path_epoch_closed') : []),
        ],
        { refused, allocations, share: Number.isFinite(share) ? share : 1, epochs: epochs.map(refOf) },
      ),
    ];
  },
};

/** Refusals in this incarnation while it was watched, or all of them where it was seen once. */
function refusedIn({ epoch, history }: Watched): number {
  const now = numberIn(epoch, 'refused_allocs') ?? 0;
  return Number(history.samples > 1 ? subtract(now, numberIn(history.first, 'refused_allocs') ?? 0) : now);
}
