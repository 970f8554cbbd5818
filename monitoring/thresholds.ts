/**
 * From which value on a number is bad news: one place for alerts and dashboards.
 * Ratios are 0 to 1, memory in bytes, times in seconds.
 */
const MIB = 1024 ** 2;

export const THRESHOLDS = {
  /** Slow paths per allocation. Healthy workloads of the harness have up to 0.07: every short epoch needs its first slabs. */
  slowPathRatio: 0.2,
  /** Allocations into a CLOSING epoch, per allocation. */
  intoClosingRatio: 0.001,
  /** Slabs mapped and given back again, per allocation. */
  churnRatio: 0.01,
  /** Lock acquisitions that had to wait: from 5 % worth a look, from 20 % a fault. 16 threads on a healthy workload stay below. */
  lockContentionLook: 0.05,
  lockContentionRatio: 0.2,
  /** Compare-and-swap retries per operation. */
  casRetriesLook: 0.01,
  casRetriesRatio: 0.05,
  /** Share of the bytes offered that RSS dropped by. */
  cooperationRatio: 0.5,
  /** What the last close did is news for so long. */
  recentCloseSeconds: 900,
  /** Advances that found no free slot of the ring, of all that were tried. */
  refusedRatio: 0.01,
  /** Slabs given back per slab examined by epoch_close. */
  closeYieldRatio: 0.1,
  closeSeconds: 0.005,
  /** One close that nobody's mean shows; fewer slabs are no work for so long, that thread waited for its turn. */
  longCloseSeconds: 0.02,
  longCloseSlabs: 1024,
  /** Free slots in slabs that something still holds, per byte held. */
  pinnedRatio: 0.5,
  epochAgeSeconds: 300,
  drainAgeSeconds: 300,
  memoryLeakAgeSeconds: 60,
  memoryLeakBytes: 50 * MIB,
  closingBytes: 16 * MIB,
  reclaimableBytes: 32 * MIB,
  pinnedCommittedBytes: 64 * MIB,
  cooperationBytes: MIB,
  rssGrowthRatio: 1.25,
  rssGrowthBytes: 64 * MIB,
  staleSeconds: 300,
  /** Below so many operations per second a ratio says nothing. */
  fewAllocations: 100,
  fewLocks: 10,
} as const;
