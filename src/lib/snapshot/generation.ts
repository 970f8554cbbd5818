import type { Generation } from '../metrics/row.ts';
import type { Snapshot } from './model.ts';

/** What each generation of producers brought, for people. */
export const GENERATIONS: Readonly<Record<Generation, string>> = {
  1: 'totals and classes',
  2: 'snapshot metadata',
  3: 'epochs',
  4: 'epoch-close telemetry',
  5: 'contention',
  6: 'labels and domains',
  7: 'kernel cooperation and live objects',
};

/** @returns the newest generation whose mark the snapshot bears */
export function generationOf(snapshot: Snapshot): Generation {
  const [firstClass] = snapshot.classes;
  const [firstEpoch] = snapshot.epochs ?? [];
  if (
    snapshot.last_epoch_close ||
    snapshot.allocator ||
    snapshot.slab_bytes !== undefined ||
    firstEpoch?.rss_before_close !== undefined
  )
    return 7;
  if (snapshot.label_registry || firstEpoch?.label !== undefined || firstEpoch?.refcount !== undefined) return 6;
  if (firstClass?.lock_fast_acquire !== undefined || snapshot.total_bitmap_alloc_attempts !== undefined) return 5;
  if (firstClass?.epoch_close_calls !== undefined) return 4;
  if (snapshot.epochs) return 3;
  if (snapshot.timestamp_ns !== undefined || snapshot.schema_version !== undefined) return 2;
  return 1;
}
