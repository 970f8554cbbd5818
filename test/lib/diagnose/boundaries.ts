import type { Severity } from '../../../src/lib/diagnose/finding.ts';
import type { Snapshot } from '../../../src/lib/snapshot/model.ts';
import { CALM, type EpochPlan, MIB, type Plan, snapshotOf } from './model.ts';

/** Where a finding begins, and where it grows worse: at the limit, and one step beside it. null: silent. */
export interface Boundary {
  readonly name: string;
  readonly at: readonly Snapshot[];
  readonly expects: Severity;
  readonly beside: readonly Snapshot[];
  readonly besideIs: Severity | null;
}

const counting = (cls: Plan['cls'], top: Plan['top'] = {}) => [snapshotOf({ ...(cls && { cls }), top })];

/** Contention of label 2 of all; the others' is charged to label 0. */
const split = (
  locks: { contended: number; fast: number; others: number },
  retries = { own: 0, others: 0, frees: 200_000 },
) =>
  counting({
    lock_contended: locks.contended + locks.others,
    lock_fast_acquire: locks.fast + 1_000_000,
    bitmap_free_cas_retries: retries.own + retries.others,
    bitmap_alloc_attempts: retries.frees + 1500,
    contention_by_label: {
      lock_contended: { 0: locks.others, 2: locks.contended },
      lock_fast_acquire: { 0: 1_000_000, 2: locks.fast },
      bitmap_alloc_cas_retries: { 0: 3, 2: 0 },
      bitmap_free_cas_retries: { 0: retries.others, 2: retries.own },
    },
  });
const noLocks = { contended: 0, fast: 0, others: 0 };

/** Five seconds in which so many closes took so long, with four threads. */
const closing = (calls: number, totalNs: number) => [
  snapshotOf(),
  snapshotOf({
    at: 5,
    epochs: CALM.map((epoch) => ({ ...epoch, age: (epoch.age ?? 0) + 5, slotAllocs: (epoch.slotAllocs ?? 0) + 1000 })),
    cls: { epoch_close_calls: 20 + calls, epoch_close_total_ns: 400_000 + totalNs },
  }),
];

/** One epoch whose close took so long, for so many slabs. */
const costing = (ns: number, slabs: number) => [
  snapshotOf({ epochs: [...CALM, { era: 9, state: 'CLOSING', label: 'huge-batch', age: 4, cost: { ns, slabs } }] }),
];

/** Two large closes that RSS did not answer, and a small one that it did. */
const smallClose = (bytes: number) => [
  snapshotOf({
    epochs: [
      ...CALM,
      ...[4 * MIB, 4 * MIB, bytes].map((given, i) => ({
        era: 3 + i,
        state: 'CLOSING' as const,
        close: { before: 100 * MIB, after: 100 * MIB - (i === 2 ? 10 * MIB : 0), bytes: given },
      })),
    ],
  }),
];

/** RSS grows by 32 MiB; so many slabs are given back meanwhile. */
const growingBeside = (slabs: number) =>
  [0, 1, 2, 3, 4, 5].map((at) => {
    const epochs = CALM.map((epoch) => ({ ...epoch, age: (epoch.age ?? 0) + at, slotAllocs: 100_000 + at }));
    const snapshot = snapshotOf({ at, epochs, top: { rss_bytes_current: 40 * MIB + (32 * MIB * at) / 5 } });
    const [one] = snapshot.classes;
    if (one) one.cache_overflow_len = Math.round((slabs * at) / 5);
    if (one) one.slabs_mapped = Number(one.slabs_mapped) + Number(one.cache_overflow_len);
    return snapshot;
  });

const beside = (epoch: EpochPlan, plan: Plan = {}) => snapshotOf({ ...plan, epochs: [...CALM, epoch] });

/** Somebody inside an epoch in which nothing is allocated, seen twice. */
const waiting = (era: number, age: number, seconds: number) =>
  [0, seconds].map((at) =>
    snapshotOf({
      at,
      epochs: [
        ...CALM.map((epoch) => ({
          ...epoch,
          age: (epoch.age ?? 0) + Math.floor(at),
          slotAllocs: 100_000 + Math.floor(at),
        })),
        { era, label: 'waiting', age: age + Math.floor(at), refcount: 1, partial: 1, live: 5, slotAllocs: 5 },
      ],
    }),
  );

/** RSS alone grows, in six looks. */
const growingFor = (seconds: number) =>
  [0, 1, 2, 3, 4, 5].map((i) =>
    snapshotOf({ at: (seconds * i) / 5, top: { rss_bytes_current: 40 * MIB + 8 * MIB * i } }),
  );

/** The same of an allocator that was made so many seconds ago. */
const growingSince = (lifetimeSec: number) =>
  [0, 1, 2, 3, 4, 5].map((at) =>
    snapshotOf({
      at,
      epochs: [
        ...CALM.map((epoch) => ({ ...epoch, age: (epoch.age ?? 0) + at })),
        { era: 1, age: lifetimeSec - 5 + at },
      ],
      top: { rss_bytes_current: 40 * MIB + 8 * MIB * at },
    }),
  );

const torn = (of: number) =>
  Array.from({ length: of }, (_, at) => snapshotOf({ at: at / 1000, top: { torn: at < 2 } }));

const churning = (slow: number) =>
  counting({ madvise_bytes: 4 * 1024 * MIB, slow_path_cache_miss: 262_144, slow_path_hits: slow });

export const BOUNDARIES: readonly Boundary[] = [
  {
    name: 'lock-contention.notice-rate',
    at: counting({ lock_contended: 1000, lock_fast_acquire: 19_000 }),
    expects: 'info',
    beside: counting({ lock_contended: 1000, lock_fast_acquire: 19_001 }),
    besideIs: null,
  },
  {
    name: 'lock-contention.rate',
    at: counting({ lock_contended: 1000, lock_fast_acquire: 4000 }),
    expects: 'warning',
    beside: counting({ lock_contended: 1000, lock_fast_acquire: 4001 }),
    besideIs: 'info',
  },
  {
    name: 'cas-contention.notice-rate',
    at: counting({ bitmap_alloc_cas_retries: 2000, bitmap_alloc_attempts: 200_000 }),
    expects: 'info',
    beside: counting({ bitmap_alloc_cas_retries: 2000, bitmap_alloc_attempts: 200_001 }),
    besideIs: null,
  },
  {
    name: 'cas-contention.rate',
    at: counting({ bitmap_alloc_cas_retries: 10_000, bitmap_alloc_attempts: 200_000 }),
    expects: 'warning',
    beside: counting({ bitmap_alloc_cas_retries: 10_000, bitmap_alloc_attempts: 200_001 }),
    besideIs: 'info',
  },
  {
    name: 'label-contention.notice-rate',
    at: split({ contended: 1000, fast: 19_000, others: 5 }),
    expects: 'info',
    beside: split({ contended: 1000, fast: 19_001, others: 5 }),
    besideIs: null,
  },
  {
    name: 'label-contention.rate',
    at: split({ contended: 1000, fast: 4000, others: 5 }),
    expects: 'warning',
    beside: split({ contended: 1000, fast: 4001, others: 5 }),
    besideIs: 'info',
  },
  {
    name: 'label-contention.of-all',
    at: split({ contended: 1000, fast: 4000, others: 1000 }),
    expects: 'warning',
    beside: split({ contended: 1000, fast: 4000, others: 1001 }),
    besideIs: null,
  },
  {
    name: 'close-costly.calls',
    at: counting({ epoch_close_calls: 5, epoch_close_total_ns: 25_000_000 }),
    expects: 'warning',
    beside: counting({ epoch_close_calls: 4, epoch_close_total_ns: 20_000_000 }),
    besideIs: null,
  },
  {
    name: 'close-costly.time-share',
    at: closing(5000, 5e9),
    expects: 'warning',
    beside: closing(5000, 5e9 - 1),
    besideIs: null,
  },
  {
    name: 'close-costly.busy-mean',
    at: closing(50_000, 5e9),
    expects: 'warning',
    beside: closing(50_001, 5e9),
    besideIs: null,
  },
  {
    name: 'close-costly.one',
    at: costing(20e6, 1024),
    expects: 'warning',
    beside: costing(20e6 - 1, 1024),
    besideIs: null,
  },
  {
    name: 'close-costly.slabs',
    at: costing(35e6, 1024),
    expects: 'warning',
    beside: costing(35e6, 1023),
    besideIs: null,
  },
  {
    name: 'kernel-not-cooperating.close-offered',
    at: smallClose(MIB / 4 - 1),
    expects: 'warning',
    beside: smallClose(MIB / 4),
    besideIs: null,
  },
  {
    name: 'rss-not-allocator.allocator',
    at: growingBeside((24 * MIB) / 16_384),
    expects: 'info',
    beside: growingBeside((24 * MIB) / 16_384 - 1),
    besideIs: 'warning',
  },
  {
    name: 'rss-not-allocator.seconds',
    at: growingFor(2),
    expects: 'warning',
    beside: growingFor(1.999),
    besideIs: null,
  },
  {
    name: 'rss-not-allocator.young',
    at: growingSince(30),
    expects: 'warning',
    beside: growingSince(29),
    besideIs: 'info',
  },
  {
    name: 'mapping-churn.share',
    at: churning(4 * 262_144),
    expects: 'warning',
    beside: churning(4 * 262_144 + 1),
    besideIs: null,
  },
  {
    name: 'pinned-memory.bytes',
    at: [beside({ era: 5, state: 'CLOSING', age: 60, partial: 260, live: 512 })],
    expects: 'warning',
    beside: [beside({ era: 5, state: 'CLOSING', age: 60, partial: 260, live: 513 })],
    besideIs: null,
  },
  {
    name: 'pinned-memory.share',
    at: [beside({ era: 5, state: 'CLOSING', age: 60, partial: 600, live: 600 * 64 })],
    expects: 'warning',
    beside: [beside({ era: 5, state: 'CLOSING', age: 60, partial: 600, live: 600 * 64 + 1 })],
    besideIs: null,
  },
  {
    name: 'reclaimable-not-returned.share',
    at: [beside({ era: 5, age: 60, partial: 1024, empty: 1024, full: 3058, live: 3058 * 128 })],
    expects: 'warning',
    beside: [beside({ era: 5, age: 60, partial: 1024, empty: 1024, full: 3059, live: 3059 * 128 })],
    besideIs: null,
  },
  {
    name: 'refcount-leak.overtaken',
    at: waiting(9, 10, 1),
    expects: 'info',
    beside: waiting(10, 10, 1),
    besideIs: null,
  },
  {
    name: 'refcount-leak.overtaken-age',
    at: waiting(9, 1, 1),
    expects: 'info',
    beside: waiting(9, 0, 1),
    besideIs: null,
  },
  {
    name: 'refcount-leak.idle-for',
    at: waiting(9, 10, 60),
    expects: 'warning',
    beside: waiting(9, 10, 59.999),
    besideIs: 'info',
  },
  { name: 'source-torn.share', at: torn(20), expects: 'warning', beside: torn(21), besideIs: 'info' },
  {
    name: 'source-torn.snapshots',
    at: torn(2),
    expects: 'warning',
    beside: counting({}, { torn: true }),
    besideIs: 'info',
  },
  {
    name: 'ring-exhausted.share',
    at: counting({}, { epoch_advances: 99, epoch_advances_refused: 1 }),
    expects: 'warning',
    beside: counting({}, { epoch_advances: 100, epoch_advances_refused: 1 }),
    besideIs: 'info',
  },
  {
    name: 'madvise-failures.error-share',
    at: counting({ madvise_calls: 4, madvise_failures: 2 }),
    expects: 'error',
    beside: counting({ madvise_calls: 5, madvise_failures: 2 }),
    besideIs: 'warning',
  },
];

/** Retries of a label: these make cas-contention speak as well. */
export const RETRIES: readonly (readonly [name: string, snapshots: readonly Snapshot[], found: boolean])[] = [
  ['at every limit', split(noLocks, { own: 10_000, others: 10_000, frees: 200_000 }), true],
  ['of all', split(noLocks, { own: 10_000, others: 10_001, frees: 200_000 }), false],
  ['rate', split(noLocks, { own: 10_000, others: 10_000, frees: 200_001 }), false],
  ['count', split(noLocks, { own: 1000, others: 0, frees: 20_000 }), true],
  ['below the count', split(noLocks, { own: 999, others: 0, frees: 10_000 }), false],
];
