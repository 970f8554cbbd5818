import { numberIn } from '../metrics/read.ts';
import type { ClassStats, EpochStats, Snapshot } from '../snapshot/model.ts';
import { compare } from '../snapshot/u64.ts';

const SIGNS_OF_USE = [
  'bitmap_alloc_attempts',
  'slow_path_hits',
  'new_slab_count',
  'total_partial_slabs',
  'total_full_slabs',
  'live_objects',
];
const SIGNS_OF_HOLDING = ['total_partial_slabs', 'total_full_slabs', 'refcount', 'live_objects', 'estimated_rss_bytes'];

/** @returns the classes that anything ever happened in, in the snapshot's order */
export function activeClasses({ classes }: Snapshot): ClassStats[] {
  return classes.filter((cls) => SIGNS_OF_USE.some((field) => isAboveZero(cls, field)));
}

/** @returns the epochs that hold slabs or domains, most memory first, older first among equals */
export function holdingEpochs({ epochs = [] }: Snapshot): EpochStats[] {
  return epochs
    .filter((epoch) => SIGNS_OF_HOLDING.some((field) => isAboveZero(epoch, field)))
    .sort(
      (a, b) =>
        compare(b.estimated_rss_bytes ?? 0, a.estimated_rss_bytes ?? 0) || compare(b.age_sec ?? 0, a.age_sec ?? 0),
    );
}

function isAboveZero(holder: ClassStats | EpochStats, field: string): boolean {
  const value = numberIn(holder, field);
  return value !== undefined && value > 0;
}
