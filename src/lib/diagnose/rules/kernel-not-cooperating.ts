import { add, type I64, ratio, subtract, type U64 } from '../../snapshot/u64.ts';
import { chiefOwner, epochEvidence, type Watched, watchedEpochs } from '../epochs.ts';
import { finding, type Rule } from '../rule.ts';

/**
 * Bytes given back by closes, against what RSS did between just before and just after each. Facts side by side: other threads take memory at the
 * same time, so this is correlation, and the closes that a busy process hides are seen by adding up several.
 */
export const kernelNotCooperating: Rule<'kernel-not-cooperating'> = {
  code: 'kernel-not-cooperating',
  judges: 'state',
  fields: [['/epochs/*/rss_before_close'], ['/epochs/*/rss_after_close'], ['/epochs/*/madvise_bytes']],
  judge(observation, limits) {
    const closes = watchedEpochs(observation).filter(
      ({ epoch }) => epoch.rss_before_close && Number(epoch.madvise_bytes ?? 0) >= limits['close-offered'],
    );
    const offeredBytes = closes.reduce<U64>((total, { epoch }) => add(total, epoch.madvise_bytes ?? 0), 0);
    const fellBytes = closes.reduce<I64>((total, one) => add(total, fellBy(one)), 0);
    if (Number(offeredBytes) < limits.offered || (ratio(fellBytes, offeredBytes) ?? 1) >= limits.share) return [];
    const threads = observation.last.thread_count;
    const most = [...closes].sort((a, b) => Number(subtract(b.epoch.madvise_bytes ?? 0, a.epoch.madvise_bytes ?? 0)));
    return [
      finding(
        'kernel-not-cooperating',
        'warning',
        threads !== undefined && Number(threads) <= 1 ? 'medium' : 'low',
        chiefOwner(closes, 'madvise_bytes'),
        epochEvidence(most, 'madvise_bytes', 'rss_before_close', 'rss_after_close'),
        { closes: closes.length, offeredBytes, fellBytes, ...(threads !== undefined && { threads }) },
      ),
    ];
  },
};

function fellBy({ epoch }: Watched): I64 {
  return subtract(epoch.rss_before_close ?? 0, epoch.rss_after_close ?? 0);
}
