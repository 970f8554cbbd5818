import { ratio } from '../../snapshot/u64.ts';
import { byLabel, closedFor, epochEvidence, ownerOf, refOf, slabBytesOf, sumOf, watchedEpochs } from '../epochs.ts';
import { finding, type Rule } from '../rule.ts';

/** A few survivors of closed epochs that keep whole slabs from being given back. */
export const pinnedMemory: Rule<'pinned-memory'> = {
  code: 'pinned-memory',
  judges: 'state',
  fields: [['/epochs/*/pinned_waste_bytes'], ['/epochs/*/estimated_rss_bytes'], ['/epochs/*/age_sec']],
  judge(observation, limits) {
    const stale = watchedEpochs(observation).filter(
      (one) =>
        one.epoch.state === 'CLOSING' && closedFor(one) >= limits.age && Number(one.epoch.pinned_waste_bytes ?? 0) > 0,
    );
    return byLabel(stale).flatMap(({ epochs }) => {
      const [pinnedBytes, slabBytes] = [sumOf(epochs, 'pinned_waste_bytes'), slabBytesOf(epochs)];
      const share = ratio(pinnedBytes, slabBytes) ?? 0;
      if (Number(pinnedBytes) < limits.bytes || share < limits.share) return [];
      const most = [...epochs].sort(
        (a, b) => Number(b.epoch.pinned_waste_bytes ?? 0) - Number(a.epoch.pinned_waste_bytes ?? 0),
      );
      return [
        finding(
          'pinned-memory',
          'warning',
          'certain',
          ownerOf(most),
          epochEvidence(most, 'pinned_waste_bytes', 'estimated_rss_bytes', 'live_objects'),
          { epochs: most.map(refOf), pinnedBytes, slabBytes, share },
        ),
      ];
    });
  },
};
