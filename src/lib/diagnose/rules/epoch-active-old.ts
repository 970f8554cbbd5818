import { age, byLabel, epochEvidence, isIdle, ownerOf, refOf, slabBytesOf, watchedEpochs } from '../epochs.ts';
import { finding, type Rule } from '../rule.ts';

/** Epochs that nobody is inside of, nobody allocates from, and nobody closed. One that is in use, or is the current one, may be as old as the process. */
export const epochActiveOld: Rule<'epoch-active-old'> = {
  code: 'epoch-active-old',
  judges: 'state',
  fields: [['/epochs/*/state'], ['/epochs/*/age_sec'], ['/epochs/*/estimated_rss_bytes']],
  judge(observation, limits) {
    const old = watchedEpochs(observation).filter(
      (one) =>
        one.epoch.state === 'ACTIVE' &&
        !one.epoch.refcount &&
        !one.isCurrent &&
        age(one) >= limits.age &&
        isIdle(one) !== false,
    );
    return byLabel(old).flatMap(({ epochs }) => {
      const idle = epochs.every((one) => isIdle(one) === true);
      const bytes = slabBytesOf(epochs);
      if (Number(bytes) < (idle ? limits.bytes : Math.max(limits.bytes, limits['unseen-bytes']))) return [];
      return [
        finding(
          'epoch-active-old',
          'warning',
          idle ? 'high' : 'low',
          ownerOf(epochs),
          epochEvidence(epochs, 'age_sec', 'estimated_rss_bytes', 'live_objects', 'slot_allocs'),
          { epochs: epochs.map(refOf), bytes, ...(idle && { idle }) },
        ),
      ];
    });
  },
};
