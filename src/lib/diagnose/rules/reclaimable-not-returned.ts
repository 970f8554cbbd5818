import { multiply, ratio, type U64 } from '../../snapshot/u64.ts';
import {
  age,
  byLabel,
  closedFor,
  epochEvidence,
  ownerOf,
  refOf,
  slabBytesOf,
  sumOf,
  type Watched,
  watchedEpochs,
} from '../epochs.ts';
import { finding, type Rule } from '../rule.ts';

/** Empty slabs that stay: of an epoch that somebody should close, or of a closed one that a stopped thread keeps from being swept. */
export const reclaimableNotReturned: Rule<'reclaimable-not-returned'> = {
  code: 'reclaimable-not-returned',
  judges: 'state',
  fields: [['/epochs/*/total_reclaimable_slabs'], ['/epochs/*/total_partial_slabs'], ['/slab_bytes']],
  judge(observation, limits) {
    const slab = observation.last.slab_bytes ?? 0;
    const all = slabBytesOf(watchedEpochs(observation));
    return (['CLOSING', 'ACTIVE'] as const).flatMap((state) =>
      byLabel(
        watchedEpochs(observation).filter((one) => one.epoch.state === state && isHolding(one, limits.age)),
      ).flatMap(({ epochs }) => {
        const bytes = multiply(sumOf(epochs, 'total_reclaimable_slabs'), slab);
        const much = Number(bytes) >= limits.bytes && (ratio(bytes, all) ?? 0) >= limits.share;
        // A closed epoch that is swept keeps none: any that is kept for so long is one too many.
        if (state === 'ACTIVE' ? !much : Number(bytes) === 0) return [];
        return [
          finding(
            'reclaimable-not-returned',
            'warning',
            isKept(epochs) ? 'high' : 'medium',
            ownerOf(epochs),
            epochEvidence(epochs, 'total_reclaimable_slabs', 'age_sec'),
            { epochs: epochs.map(refOf), bytes, state },
          ),
        ];
      }),
    );
  },
};

/** Impossible counts, which some producers have, are told by law-broken. */
function isHolding(one: Watched, atLeastSec: number): boolean {
  const {
    total_reclaimable_slabs: empty = 0,
    total_partial_slabs: partial = 0,
    total_full_slabs: full = 0,
  } = one.epoch;
  const heldFor = one.epoch.state === 'CLOSING' ? closedFor(one) : age(one);
  return empty > 0 && Number(empty) <= Number(partial) + Number(full) && heldFor >= atLeastSec;
}

/** They were empty at the first look already. */
function isKept(epochs: readonly Watched[]): boolean {
  return epochs.every(
    ({ history }) => history.samples > 1 && (history.first.total_reclaimable_slabs ?? (0 as U64)) > 0,
  );
}
