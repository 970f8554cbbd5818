import type { Code } from '../../../src/lib/diagnose/finding.ts';
import { THRESHOLDS } from '../../../src/lib/diagnose/thresholds.ts';
import type { ByLabel, Snapshot } from '../../../src/lib/snapshot/model.ts';
import { CALM, type EpochPlan, MIB, type Plan, SLAB_BYTES, START_NS, snapshotOf } from './model.ts';

/** Snapshots that make a code fire, and the same just short of it. */
export interface Case {
  readonly code: Code;
  readonly name: string;
  readonly fires: readonly Snapshot[];
  readonly silent: readonly Snapshot[];
  /** The text must name this. */
  readonly names?: string;
}

const limit = <C extends Code>(code: C, name: keyof (typeof THRESHOLDS)[C]): number =>
  (THRESHOLDS[code][name] as { value: number }).value;

/** One snapshot with that epoch beside calm ones. */
const beside = (epoch: EpochPlan, plan: Plan = {}) =>
  snapshotOf({ ...plan, epochs: [...(plan.epochs ?? CALM), epoch] });
/** Two of them, six seconds apart; the second may differ. */
const twice = (epoch: EpochPlan, later: Partial<EpochPlan> = {}, seconds = 6) => [
  beside(epoch),
  beside({ ...epoch, age: (epoch.age ?? 0) + seconds, ...later }, { at: seconds, epochs: CALM.map(older(seconds)) }),
];
const older =
  (seconds: number) =>
  (epoch: EpochPlan): EpochPlan => ({
    ...epoch,
    age: (epoch.age ?? 0) + seconds,
    slotAllocs: (epoch.slotAllocs ?? 0) + 100,
  });
const counting = (cls: Plan['cls'], top: Plan['top'] = {}) => [snapshotOf({ ...(cls && { cls }), top })];

const leaky = (age: number): EpochPlan => ({
  era: 5,
  label: 'background-worker-3',
  age,
  refcount: 2,
  partial: 2,
  live: 20,
});
const stuck = (age: number): EpochPlan => ({ era: 5, state: 'CLOSING', label: 'parser', age, partial: 1, live: 100 });
const forgotten = (age: number, slabs: number): EpochPlan => ({
  era: 5,
  label: 'batch',
  age,
  full: slabs,
  live: slabs * 128,
  slotAllocs: slabs * 128,
});
const sparse = (age: number, slabs: number): EpochPlan => ({
  era: 5,
  state: 'CLOSING',
  label: 'index',
  age,
  partial: slabs,
  live: slabs,
});
const hollow = (age: number, slabs: number, state: 'ACTIVE' | 'CLOSING' = 'ACTIVE'): EpochPlan => ({
  era: 5,
  state,
  label: 'buffers',
  age,
  partial: slabs,
  empty: slabs,
});
const byLabel = (contended: number, fast: number, retries = 0): { contention_by_label: ByLabel } => ({
  contention_by_label: {
    lock_contended: { 0: 5, 1: 0, 2: contended },
    lock_fast_acquire: { 0: 3000, 1: 0, 2: fast },
    bitmap_alloc_cas_retries: { 0: 3, 1: 0, 2: 0 },
    bitmap_free_cas_retries: { 0: 2, 1: 0, 2: retries },
  },
});
const closes = (bytes: number, fell: number): EpochPlan[] =>
  [1, 2, 3, 4].map((i) => ({
    era: 2 + i,
    state: 'CLOSING',
    label: 'job',
    age: 3,
    close: { before: 100 * MIB, after: 100 * MIB - fell, bytes },
  }));
const growing = (rss: number, slabs = 14): Snapshot[] =>
  [0, 1, 2, 3, 4, 5].map((i) =>
    snapshotOf({
      at: i,
      epochs: CALM.map((epoch, k) =>
        k === 0 ? { ...older(i)(epoch), partial: slabs - 10 + i * (slabs - 14) } : older(i)(epoch),
      ),
      top: { rss_bytes_current: 40 * MIB + Math.round((rss * i) / 5) },
    }),
  );
const leakAge = limit('refcount-leak', 'age');
const closingAge = limit('refcount-leak', 'closing-age');
const drainAge = limit('epoch-not-draining', 'age');
const oldAge = limit('epoch-active-old', 'age');
const oldSlabs = limit('epoch-active-old', 'bytes') / SLAB_BYTES;
const unseenSlabs = limit('epoch-active-old', 'unseen-bytes') / SLAB_BYTES;
const refused = limit('alloc-into-closing', 'refused');
/** Of a process that is 4 s old: enough to be a rate that counts. */
const mapped = Math.max(limit('cache-undersized', 'mapped'), (4 * limit('cache-undersized', 'rate')) / SLAB_BYTES);
const pinnedSlabs = Math.ceil(limit('pinned-memory', 'bytes') / (SLAB_BYTES - 128));
const emptySlabs = limit('reclaimable-not-returned', 'bytes') / SLAB_BYTES;
const offered = limit('kernel-not-cooperating', 'offered') / 4;
const churn = limit('mapping-churn', 'rate');
const scanned = limit('close-yield-low', 'scanned');
/** Of the 4 s that CALM spans. */
const closingNs = limit('close-yield-low', 'time-share') * 4e9;
const mean = limit('close-costly', 'mean');
const waits = limit('lock-contention', 'contended');
const retries = limit('cas-contention', 'retries');
const grew = limit('rss-not-allocator', 'bytes');
const growth = limit('refcount-leak', 'growth');
/** Taken over 2 s, the age of the oldest calm epoch being 4: what the process says of itself. */
const churning = (bytesPerSec: number) =>
  counting({
    madvise_bytes: bytesPerSec * 4,
    slow_path_cache_miss: (bytesPerSec * 4) / SLAB_BYTES,
    slow_path_hits: (bytesPerSec * 4) / SLAB_BYTES,
  });

const faulting = { slow_path_cache_miss: mapped, slow_path_hits: mapped, empty_slab_overflowed: mapped };

/** Of a process that is not a second old. */
const young = (mapped: number): Plan => ({
  epochs: CALM.map((epoch) => ({ ...epoch, age: 0 })),
  cls: { slow_path_cache_miss: mapped, slow_path_hits: mapped, empty_slab_overflowed: mapped },
});

const longClose = limit('close-costly', 'one');
const manySlabs = limit('close-costly', 'slabs');
/** An epoch that was closed so many times, which took so long together. */
const dear = (ns: number, calls = 1, at = 0): Snapshot =>
  snapshotOf({
    at,
    epochs: [
      ...CALM.map(older(at)),
      { era: 9, state: 'CLOSING', label: 'huge-batch', age: 4, cost: { ns, calls, slabs: calls * manySlabs } },
    ],
  });
/** A close so many seconds before the snapshot, whose epoch is no longer on record. */
const longestOf = (ns: number, at = 0, secondsAgo = 1, slabs = manySlabs): Snapshot =>
  snapshotOf({
    at,
    epochs: CALM.map(older(at)),
    top: {
      longest_epoch_close: {
        timestamp_ns: START_NS + BigInt(Math.round((at - secondsAgo) * 1e9)),
        epoch_id: 7,
        epoch_era: 3,
        label: 'huge-batch',
        duration_ns: ns,
        scanned_slabs: slabs,
      },
    },
  });

export const CASES: readonly Case[] = [
  {
    code: 'refcount-leak',
    name: 'old',
    fires: [beside(leaky(leakAge))],
    silent: [beside(leaky(leakAge - 1))],
    names: 'two missing domain exits. Application bug, not the allocator',
  },
  {
    code: 'refcount-leak',
    name: 'idle while watched',
    fires: twice(leaky(leakAge)),
    silent: twice({ ...leaky(leakAge - 20), era: 16 }),
  },
  {
    code: 'refcount-leak',
    name: 'in use or not',
    fires: twice(leaky(leakAge)),
    silent: twice(leaky(leakAge), { refcount: 0 }),
  },
  {
    code: 'refcount-leak',
    name: 'closed',
    fires: [beside({ ...leaky(closingAge), state: 'CLOSING' })],
    silent: [beside({ ...leaky(closingAge - 1), state: 'CLOSING' })],
  },
  {
    code: 'refcount-leak',
    name: 'no threads',
    fires: [beside(leaky(1), { epochs: [], top: { thread_count: 0 } })],
    silent: [beside(leaky(1), { epochs: [], top: { thread_count: 1 } })],
  },
  {
    code: 'refcount-leak',
    name: 'growing',
    fires: [0, growth / 2, growth].map((more, at) =>
      beside({ ...leaky(1 + at), refcount: 1 + more }, { at, epochs: CALM.map(older(at)) }),
    ),
    silent: [0, growth / 2, growth - 1].map((more, at) =>
      beside({ ...leaky(1 + at), refcount: 1 + more }, { at, epochs: CALM.map(older(at)) }),
    ),
  },
  {
    code: 'refcount-leak',
    name: 'overtaken',
    fires: twice(leaky(limit('refcount-leak', 'overtaken-age'))),
    silent: twice({ ...leaky(limit('refcount-leak', 'overtaken-age')), era: 18 - limit('refcount-leak', 'overtaken') }),
  },
  {
    code: 'epoch-not-draining',
    name: 'age',
    fires: [beside(stuck(drainAge))],
    silent: [beside(stuck(drainAge - 1))],
    names: 'parser',
  },
  {
    code: 'epoch-not-draining',
    name: 'long open, just closed',
    fires: [beside({ ...stuck(9000), closing: drainAge })],
    silent: [beside({ ...stuck(9000), closing: drainAge - 1 })],
    names: 'closed 300 s ago',
  },
  {
    code: 'refcount-leak',
    name: 'long open, just closed',
    fires: [beside({ ...leaky(9000), state: 'CLOSING', closing: closingAge })],
    silent: [beside({ ...leaky(9000), state: 'CLOSING', closing: closingAge - 1 })],
  },
  {
    code: 'pinned-memory',
    name: 'long open, just closed',
    fires: [beside({ ...sparse(200, 300), closing: 60 })],
    silent: [beside({ ...sparse(200, 300), closing: 59 })],
  },
  {
    code: 'epoch-not-draining',
    name: 'objects',
    fires: [beside({ ...stuck(drainAge), live: 1 })],
    silent: [beside({ ...stuck(drainAge), live: 0, partial: 0 })],
  },
  {
    code: 'epoch-active-old',
    name: 'age',
    fires: [beside(forgotten(oldAge, unseenSlabs))],
    silent: [beside(forgotten(oldAge - 1, unseenSlabs))],
    names: 'batch',
  },
  {
    code: 'epoch-active-old',
    name: 'unseen',
    fires: [beside(forgotten(oldAge, unseenSlabs))],
    silent: [beside(forgotten(oldAge, unseenSlabs - 1))],
  },
  {
    code: 'epoch-active-old',
    name: 'idle',
    fires: twice(forgotten(oldAge, oldSlabs)),
    silent: twice(forgotten(oldAge, oldSlabs - 1)),
  },
  {
    code: 'epoch-active-old',
    name: 'in use',
    fires: twice(forgotten(oldAge, oldSlabs)),
    silent: twice(forgotten(oldAge, oldSlabs), { slotAllocs: 1e6 }),
  },
  {
    code: 'alloc-into-closing',
    name: 'count',
    fires: counting({ slow_path_epoch_closed: refused, bitmap_alloc_attempts: 50_000 }),
    silent: counting({ slow_path_epoch_closed: refused - 1, bitmap_alloc_attempts: 50_000 }),
  },
  {
    code: 'alloc-into-closing',
    name: 'share and owner',
    fires: [
      beside(
        { ...stuck(9), label: 'late-writer', refused: 200 },
        { cls: { slow_path_epoch_closed: 200, bitmap_alloc_attempts: 200_000 } },
      ),
    ],
    silent: [
      beside(
        { ...stuck(9), label: 'late-writer', refused: 200 },
        { cls: { slow_path_epoch_closed: 200, bitmap_alloc_attempts: 200_001 } },
      ),
    ],
    names: 'late-writer',
  },
  {
    code: 'cache-undersized',
    name: 'count',
    fires: counting(faulting),
    silent: counting({ slow_path_cache_miss: mapped - 1, slow_path_hits: mapped, empty_slab_overflowed: mapped }),
    names: 'class 128',
  },
  {
    code: 'cache-undersized',
    name: 'count, where nobody knows the time',
    fires: [snapshotOf(young(limit('cache-undersized', 'mapped')))],
    silent: [snapshotOf(young(limit('cache-undersized', 'mapped') - 1))],
  },
  {
    code: 'cache-undersized',
    name: 'share',
    fires: counting({ slow_path_cache_miss: mapped, slow_path_hits: mapped * 2, empty_slab_overflowed: mapped }),
    silent: counting({ slow_path_cache_miss: mapped, slow_path_hits: mapped * 2 + 1, empty_slab_overflowed: mapped }),
  },
  {
    code: 'cache-undersized',
    name: 'share of the allocations',
    fires: counting({ ...faulting, bitmap_alloc_attempts: mapped * 128 * 10 }),
    silent: counting({ ...faulting, bitmap_alloc_attempts: mapped * 128 * 10 + 1 }),
  },
  {
    code: 'cache-undersized',
    name: 'growth is not return',
    fires: counting({ slow_path_cache_miss: mapped, slow_path_hits: mapped, empty_slab_overflowed: mapped / 2 }),
    silent: counting({ slow_path_cache_miss: mapped, slow_path_hits: mapped, empty_slab_overflowed: mapped / 2 - 1 }),
  },
  { code: 'mapping-churn', name: 'rate', fires: churning(churn), silent: churning(churn - MIB) },
  {
    code: 'pinned-memory',
    name: 'bytes',
    fires: [beside(sparse(60, pinnedSlabs))],
    silent: [beside(sparse(60, pinnedSlabs - 1))],
    names: 'index',
  },
  {
    code: 'pinned-memory',
    name: 'age',
    fires: [beside(sparse(limit('pinned-memory', 'age'), 300))],
    silent: [beside(sparse(limit('pinned-memory', 'age') - 1, 300))],
  },
  {
    code: 'reclaimable-not-returned',
    name: 'bytes',
    fires: [beside(hollow(60, emptySlabs))],
    silent: [beside(hollow(60, emptySlabs - 1))],
    names: 'buffers',
  },
  {
    code: 'reclaimable-not-returned',
    name: 'closed',
    fires: [beside(hollow(60, 1, 'CLOSING'))],
    silent: [beside(hollow(59, 1, 'CLOSING'))],
  },
  {
    code: 'madvise-failures',
    name: 'count',
    fires: counting({ madvise_failures: 1 }),
    silent: counting({ madvise_failures: 0 }),
  },
  {
    code: 'kernel-not-cooperating',
    name: 'offered',
    fires: [snapshotOf({ epochs: [...CALM, ...closes(offered, 0)] })],
    silent: [snapshotOf({ epochs: [...CALM, ...closes(offered - 1, 0)] })],
  },
  {
    code: 'kernel-not-cooperating',
    name: 'share',
    fires: [snapshotOf({ epochs: [...CALM, ...closes(4 * MIB, MIB - 1)] })],
    silent: [snapshotOf({ epochs: [...CALM, ...closes(4 * MIB, MIB)] })],
  },
  {
    code: 'close-yield-low',
    name: 'yield',
    fires: counting({
      epoch_close_scanned_slabs: scanned,
      epoch_close_recycled_slabs: scanned / 10 - 1,
      epoch_close_calls: 1000,
      epoch_close_total_ns: closingNs,
    }),
    silent: counting({
      epoch_close_scanned_slabs: scanned,
      epoch_close_recycled_slabs: scanned / 10,
      epoch_close_calls: 1000,
      epoch_close_total_ns: closingNs,
    }),
  },
  {
    code: 'close-yield-low',
    name: 'cost',
    fires: counting({
      epoch_close_scanned_slabs: scanned,
      epoch_close_recycled_slabs: 0,
      epoch_close_calls: 1000,
      epoch_close_total_ns: closingNs,
    }),
    silent: counting({
      epoch_close_scanned_slabs: scanned,
      epoch_close_recycled_slabs: 0,
      epoch_close_calls: 1000,
      epoch_close_total_ns: closingNs - 1,
    }),
  },
  {
    code: 'close-costly',
    name: 'mean',
    fires: counting({ epoch_close_total_ns: mean * 20 }),
    silent: counting({ epoch_close_total_ns: mean * 20 - 1 }),
  },
  {
    code: 'close-costly',
    name: 'one epoch',
    fires: [dear(longClose)],
    silent: [dear(longClose - 1)],
    names: 'epoch 2 (huge-batch): closing it took 20 ms, for 1,024 slabs',
  },
  {
    code: 'close-costly',
    name: 'each of several times',
    fires: [dear(longClose * 3, 3)],
    silent: [dear(longClose * 3 - 3, 3)],
    names: 'took 20 ms each of 3 times, for 1,024 slabs',
  },
  {
    code: 'close-costly',
    name: 'one whose slot was opened anew',
    fires: [longestOf(longClose)],
    silent: [longestOf(longClose - 1)],
    names: 'epoch 7 (huge-batch): closing it took 20 ms',
  },
  {
    code: 'close-costly',
    name: 'one, in the window',
    fires: [snapshotOf(), dear(longClose, 1, 5)],
    silent: [dear(longClose), dear(longClose, 1, 5)],
  },
  {
    code: 'close-costly',
    name: 'the longest, in the window',
    fires: [snapshotOf(), longestOf(longClose, 5, 5)],
    silent: [snapshotOf(), longestOf(longClose, 5, 5.001)],
  },
  {
    code: 'lock-contention',
    name: 'rate',
    fires: counting({ lock_contended: waits, lock_fast_acquire: waits * 4 }),
    silent: counting({ lock_contended: waits, lock_fast_acquire: waits * 19 + 1 }),
    names: 'class 128',
  },
  {
    code: 'lock-contention',
    name: 'count',
    fires: counting({ lock_contended: waits, lock_fast_acquire: 0 }),
    silent: counting({ lock_contended: waits - 1, lock_fast_acquire: 0 }),
  },
  {
    code: 'cas-contention',
    name: 'alloc',
    fires: counting({ bitmap_alloc_cas_retries: retries, bitmap_alloc_attempts: retries * 20 }),
    silent: counting({ bitmap_alloc_cas_retries: retries, bitmap_alloc_attempts: retries * 100 + 1 }),
  },
  {
    code: 'cas-contention',
    name: 'free',
    fires: counting({ bitmap_free_cas_retries: retries * 10 }),
    silent: counting({ bitmap_free_cas_retries: retries - 1 }),
  },
  {
    code: 'label-contention',
    name: 'locks',
    names: 'gc causes',
    // Spread over so many fast ones of others that the class as a whole is fine.
    fires: counting({ lock_contended: 1005, lock_fast_acquire: 3000 + 4000, ...byLabel(1000, 4000) }, {}).map(
      spread(40_000),
    ),
    silent: counting({ lock_contended: 1004, lock_fast_acquire: 3000 + 4000, ...byLabel(999, 4000) }, {}).map(
      spread(40_000),
    ),
  },
  {
    code: 'ring-exhausted',
    name: 'count',
    fires: counting({}, { epoch_advances_refused: 1 }),
    silent: counting({}, { epoch_advances_refused: 0 }),
  },
  {
    code: 'label-registry-full',
    name: 'overflows',
    fires: counting({}, { label_registry_overflows: 1 }),
    silent: counting({}, { label_registry_overflows: 0 }),
  },
  { code: 'rss-not-allocator', name: 'bytes', fires: growing(grew), silent: growing(grew - 1) },
  { code: 'rss-not-allocator', name: 'the allocator grows', fires: growing(grew), silent: growing(grew, 14 + 60) },
  {
    code: 'law-broken',
    name: 'total',
    fires: counting({}, { total_slow_path_hits: 1999 }),
    silent: counting({}, { total_slow_path_hits: 2000 }),
  },
  { code: 'source-torn', name: 'torn', fires: counting({}, { torn: true }), silent: counting({}, { torn: false }) },
  {
    code: 'source-stale',
    name: 'same time',
    fires: [snapshotOf(), snapshotOf()],
    silent: [snapshotOf(), snapshotOf({ at: 1, epochs: CALM.map(older(1)) })],
  },
  {
    code: 'source-stale',
    name: 'ended',
    fires: counting({}, { process: { live: false } }),
    silent: counting({}, { process: { live: true } }),
  },
];

/** Gives label 1 so many fast acquisitions. */
function spread(fast: number) {
  return (snapshot: Snapshot): Snapshot => {
    const [one] = snapshot.classes;
    const split = one?.contention_by_label;
    if (one && split) {
      split.lock_fast_acquire = { ...split.lock_fast_acquire, 1: fast };
      one.lock_fast_acquire = Number(one.lock_fast_acquire) + fast;
    }
    return snapshot;
  };
}
