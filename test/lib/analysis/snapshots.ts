import type { EpochStats, Snapshot } from '../../../src/lib/snapshot/model.ts';
import type { U64 } from '../../../src/lib/snapshot/u64.ts';

export const START_NS = 1770486521361625487n;

/** @returns a small snapshot with one class; what a test is about is given over it */
export function snapshotAt(
  seconds: number,
  slow: U64,
  over: Partial<Snapshot> = {},
  epochs: EpochStats[] = [],
): Snapshot {
  return {
    timestamp_ns: START_NS + BigInt(Math.round(seconds * 1e9)),
    pid: 1,
    total_slow_path_hits: slow,
    net_slabs: 5,
    classes: [{ object_size: 64, slow_path_hits: slow, bitmap_alloc_attempts: slow, estimated_rss_bytes: 4096 }],
    epochs,
    ...over,
  };
}

export function epochAged(ageSec: number, over: Partial<EpochStats> = {}): EpochStats {
  return { epoch_id: 0, epoch_era: 1, state: 'ACTIVE', age_sec: ageSec, ...over };
}
