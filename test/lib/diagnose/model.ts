import type { ClassStats, EpochStats, Snapshot } from '../../../src/lib/snapshot/model.ts';
import { add, type U64 } from '../../../src/lib/snapshot/u64.ts';

export const START_NS = 1770486521361625487n;
export const SLAB_BYTES = 16_384;
const SIZE = 128;
const SLOTS = SLAB_BYTES / SIZE;
export const MIB = 1024 * 1024;

/** An epoch; what is not said is 0. `live` objects stand on `partial` + `full` − `empty` slabs. */
export interface EpochPlan {
  readonly era: number;
  readonly state?: 'ACTIVE' | 'CLOSING';
  readonly label?: string;
  readonly age?: number;
  /** Seconds since it was closed; its age, where it is CLOSING and not said. */
  readonly closing?: number;
  readonly refcount?: number;
  readonly partial?: number;
  readonly full?: number;
  readonly empty?: number;
  readonly live?: number;
  readonly slotAllocs?: number;
  readonly refused?: number;
  readonly close?: { readonly before: number; readonly after: number; readonly bytes: number };
  /** What its closes cost together. */
  readonly cost?: { readonly ns: number; readonly slabs: number; readonly calls?: number };
}

export interface Plan {
  /** Seconds after the first snapshot. */
  readonly at?: number;
  readonly epochs?: readonly EpochPlan[];
  /** Counters of the one class there is. */
  readonly cls?: Partial<ClassStats>;
  readonly top?: Partial<Snapshot>;
}

/** A request epoch in use, and one that has drained. */
export const CALM: readonly EpochPlan[] = [
  { era: 17, label: 'request', age: 2, refcount: 1, partial: 4, full: 10, live: 1500, slotAllocs: 90_000 },
  { era: 16, state: 'CLOSING', label: 'request', age: 4, slotAllocs: 80_000 },
];

/** @returns a snapshot of one class of 128 bytes that obeys every law; the first epoch is the current one */
export function snapshotOf({ at = 0, epochs = CALM, cls = {}, top = {} }: Plan = {}): Snapshot {
  const sum = (field: 'partial' | 'full' | 'empty' | 'live') =>
    epochs.reduce((total, epoch) => total + (epoch[field] ?? 0), 0);
  const [partial, full, empty, live] = [sum('partial'), sum('full'), sum('empty'), sum('live')];
  const counters: Record<string, U64> = {
    slow_path_hits: 2000,
    slow_path_cache_miss: 30,
    slow_path_epoch_closed: 0,
    empty_slab_recycled: 900,
    empty_slab_overflowed: 0,
    madvise_calls: 4,
    madvise_bytes: 65_536,
    madvise_failures: 0,
    epoch_close_calls: 20,
    epoch_close_scanned_slabs: 400,
    epoch_close_recycled_slabs: 390,
    epoch_close_total_ns: 400_000,
    bitmap_alloc_cas_retries: 3,
    bitmap_free_cas_retries: 2,
    bitmap_alloc_attempts: 200_000,
    current_partial_cas_failures: 0,
    current_partial_cas_attempts: 10,
    lock_fast_acquire: 3000,
    lock_contended: 5,
    ...(cls as Record<string, U64>),
  };
  const one: ClassStats = {
    class_index: 2,
    object_size: SIZE,
    slots_per_slab: SLOTS,
    cache_size: 0,
    cache_capacity: 64,
    cache_overflow_len: 0,
    ...counters,
    bitmap_free_attempts: add(counters['bitmap_alloc_attempts'] ?? 0, -live),
    total_partial_slabs: partial,
    total_full_slabs: full,
    total_reclaimable_slabs: empty,
    slabs_mapped: partial + full,
    net_slabs: partial + full,
    estimated_rss_bytes: (partial + full) * SLAB_BYTES,
    live_objects: live,
    live_bytes: live * SIZE,
    pinned_waste_bytes: epochs.reduce((total, epoch) => total + pinned(epoch), 0),
  };
  const total = (name: string, field: string) => ({ [name]: (one as unknown as Record<string, U64>)[field] });
  return {
    schema_version: 1,
    timestamp_ns: START_NS + BigInt(Math.round(at * 1e9)),
    pid: 4242,
    page_size: 4096,
    epoch_count: 16,
    slab_bytes: SLAB_BYTES,
    current_epoch: 0,
    thread_count: 4,
    rss_bytes_current: 40 * MIB,
    metadata_bytes: 65_536,
    estimated_slab_rss_bytes: (partial + full) * SLAB_BYTES,
    net_slabs: partial + full,
    epoch_advances: 100,
    epoch_advances_refused: 0,
    label_registry_overflows: 0,
    torn: false,
    ...total('total_slow_path_hits', 'slow_path_hits'),
    ...total('total_slow_cache_miss', 'slow_path_cache_miss'),
    ...total('total_slow_epoch_closed', 'slow_path_epoch_closed'),
    ...total('total_cache_overflows', 'empty_slab_overflowed'),
    ...total('total_madvise_calls', 'madvise_calls'),
    ...total('total_madvise_bytes', 'madvise_bytes'),
    ...total('total_madvise_failures', 'madvise_failures'),
    ...total('total_bitmap_alloc_attempts', 'bitmap_alloc_attempts'),
    ...total('total_bitmap_free_attempts', 'bitmap_free_attempts'),
    ...total('total_bitmap_alloc_cas_retries', 'bitmap_alloc_cas_retries'),
    ...total('total_bitmap_free_cas_retries', 'bitmap_free_cas_retries'),
    label_registry: { count: 3, max_labels: 16, labels: { 0: 'unlabeled', 1: 'request', 2: 'gc' } },
    allocator: { name: 'temporal-slab', version: '0.1.0', instance: 1 },
    classes: [one],
    epochs: epochs.map(epochOf),
    ...top,
  };
}

function epochOf(plan: EpochPlan, id: number): EpochStats {
  const { partial = 0, full = 0, live = 0, close, cost } = plan;
  return {
    epoch_id: id,
    epoch_era: plan.era,
    state: plan.state ?? 'ACTIVE',
    label: plan.label ?? '',
    age_sec: plan.age ?? 0,
    closing_sec: plan.state === 'CLOSING' ? (plan.closing ?? plan.age ?? 0) : 0,
    refcount: plan.refcount ?? 0,
    total_partial_slabs: partial,
    total_full_slabs: full,
    total_reclaimable_slabs: plan.empty ?? 0,
    estimated_rss_bytes: (partial + full) * SLAB_BYTES,
    live_objects: live,
    live_bytes: live * SIZE,
    pinned_waste_bytes: pinned(plan),
    slot_allocs: plan.slotAllocs ?? 0,
    refused_allocs: plan.refused ?? 0,
    rss_before_close: close?.before ?? 0,
    rss_after_close: close?.after ?? 0,
    madvise_bytes: close?.bytes ?? 0,
    open_since_ns: START_NS,
    close_calls: cost ? (cost.calls ?? 1) : close ? 1 : 0,
    close_ns: cost?.ns ?? 0,
    close_scanned_slabs: cost?.slabs ?? 0,
  };
}

function pinned({ partial = 0, full = 0, empty = 0, live = 0 }: EpochPlan): number {
  return ((partial + full - empty) * SLOTS - live) * SIZE;
}
