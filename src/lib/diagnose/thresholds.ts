import type { Code } from './finding.ts';

/**
 * From where on something is worth a word. Every number that a rule compares with stands here, with where it comes from; people override them
 * with `--threshold code.name=value` or a configuration file.
 */
export interface Threshold {
  readonly value: number;
  readonly unit: 'seconds' | 'bytes' | 'ratio' | 'count' | 'nanoseconds' | 'bytes/s';
  /** What it limits, for people. */
  readonly says: string;
  /** Where the number comes from. */
  readonly origin: string;
}

const row = (value: number, unit: Threshold['unit'], says: string, origin: string): Threshold => ({
  value,
  unit,
  says,
  origin,
});

const KIB = 1024;
const MIB = KIB * KIB;

const OPEN_TOO_LONG = 'the usual alert on leaked epochs: open for more than 5 minutes';
const LEAK_ALERT = 'the usual alert on epochs that hold memory: more than one minute';
const CONTENTION_RED =
  'measured plateau of lock contention at 16 threads is 20 %; beyond it threads wait more than they need to';
const RETRIES_RED = 'measured at 16 threads: below 0.05 retries per operation';
const ENOUGH = 'fewer events than this say nothing about a share';

export const THRESHOLDS = {
  'refcount-leak': {
    age: row(300, 'seconds', 'somebody has been inside the epoch for so long', OPEN_TOO_LONG),
    'closing-age': row(60, 'seconds', 'somebody is still inside so long after the epoch was closed', LEAK_ALERT),
    overtaken: row(8, 'count', 'epochs opened since, while nothing is allocated in this one', 'half of the ring'),
    'overtaken-age': row(
      2,
      'seconds',
      'but not before the epoch is this old',
      'a request that waits for a slow disk or network takes less',
    ),
    'idle-for': row(
      60,
      'seconds',
      'watched without an allocation for that to be a warning',
      'a request that waits for another service is given up after 60 s by most proxies',
    ),
    growth: row(
      10,
      'count',
      'domains more than when it was first seen, and never fewer',
      'more threads than a small service has come and go, they do not only come',
    ),
  },
  'epoch-not-draining': {
    age: row(300, 'seconds', 'an epoch still holds objects so long after it was closed', OPEN_TOO_LONG),
    objects: row(1, 'count', 'objects it still holds', 'one object keeps the slot of the ring and a slab'),
  },
  'epoch-active-old': {
    age: row(
      300,
      'seconds',
      'an epoch nobody is inside of, and that is not the current one, is still open',
      OPEN_TOO_LONG,
    ),
    bytes: row(MIB, 'bytes', 'slabs it holds', 'what one thread keeps of one class anyway'),
    'unseen-bytes': row(
      50 * MIB,
      'bytes',
      'slabs it holds, where a single snapshot cannot tell whether it is in use',
      'the usual alert on the memory of one epoch',
    ),
  },
  'alloc-into-closing': {
    refused: row(100, 'count', 'allocations refused', ENOUGH),
    share: row(
      0.001,
      'ratio',
      'of all allocations',
      "30 times what the harness's rotating workloads meet at the moment of a close (3 in 100,000)",
    ),
  },
  'cache-undersized': {
    share: row(
      0.5,
      'ratio',
      "of a class's slow paths had to fault memory in",
      'a third more than what the bulk jobs of a healthy mixed workload come to (36 %)',
    ),
    objects: row(
      0.1,
      'ratio',
      "of a class's allocations had room in the slabs faulted in",
      'twice what a healthy steady workload comes to (5 %), and of small objects so few that the faults take no longer than the allocations',
    ),
    evicted: row(
      0.5,
      'ratio',
      'slabs evicted from the cache for each one faulted in',
      'below it, the memory is growth, not return',
    ),
    mapped: row(1000, 'count', 'slabs faulted in', ENOUGH),
    rate: row(
      64 * MIB,
      'bytes/s',
      'faulted in',
      '16,000 page faults a second: less than two hundredths of a processor at 1 µs each',
    ),
  },
  'mapping-churn': {
    rate: row(
      512 * MIB,
      'bytes/s',
      'given back to the kernel, and as much taken again',
      '130,000 page faults a second: an eighth of a processor at 1 µs each',
    ),
    share: row(
      0.25,
      'ratio',
      'of the slow paths had to fault memory in',
      'below it, reuse works and the churn is a side effect',
    ),
  },
  'pinned-memory': {
    bytes: row(
      4 * MIB,
      'bytes',
      'free slots that survivors of closed epochs pin, for one label',
      'eight classes of one slab each for 16 epochs are 2 MiB',
    ),
    share: row(0.5, 'ratio', "of the epochs' slabs", 'more is pinned than lives'),
    age: row(60, 'seconds', 'after the epoch was closed; until then it may drain', LEAK_ALERT),
  },
  'reclaimable-not-returned': {
    bytes: row(
      16 * MIB,
      'bytes',
      'empty slabs of open epochs',
      'a thread keeps up to 1 MiB per class and epoch for itself: two threads over all classes',
    ),
    share: row(0.25, 'ratio', 'of all slabs held', 'a quarter of the footprint is empty'),
    age: row(60, 'seconds', 'the epoch has been holding them for at most so long', LEAK_ALERT),
  },
  'madvise-failures': {
    failures: row(1, 'count', 'refusals', 'a healthy kernel never refuses'),
    'error-share': row(0.5, 'ratio', 'of the calls refused makes it an error', 'most memory is no longer given back'),
  },
  'kernel-not-cooperating': {
    offered: row(
      8 * MIB,
      'bytes',
      'given back by the closes on record',
      'RSS is counted in batches per thread, so less is lost in the noise',
    ),
    'close-offered': row(256 * KIB, 'bytes', 'given back by one close for it to count', 'the same'),
    share: row(
      0.25,
      'ratio',
      'of it by which RSS fell',
      'the harness sees 80 to 100 % with one thread; other threads may take memory meanwhile',
    ),
  },
  'close-yield-low': {
    yield: row(0.1, 'ratio', 'slabs given back per slab scanned', 'the usual alert on epoch closes: below 10 %'),
    scanned: row(1000, 'count', 'slabs scanned', ENOUGH),
    'time-share': row(
      0.05,
      'ratio',
      'of the time is spent closing',
      'a low yield that costs little is no problem: steady has 2 to 9 % at 3 % of the time, with four threads to a processor',
    ),
  },
  'close-costly': {
    mean: row(
      5_000_000,
      'nanoseconds',
      'for one close, on average',
      'ten times what closing 32 MiB takes the harness (0.5 ms)',
    ),
    calls: row(5, 'count', 'closes', ENOUGH),
    'time-share': row(
      0.25,
      'ratio',
      "of the threads' time spent closing, with a window",
      'a quarter of the time is not for housekeeping',
    ),
    'busy-mean': row(
      100_000,
      'nanoseconds',
      'for one close, for that share to count',
      'very many cheap closes are how requests end',
    ),
    one: row(
      20_000_000,
      'nanoseconds',
      'for one close that looked at many slabs',
      "four times the limit of the mean: one request in many waits that long and is seen in nobody's average",
    ),
    slabs: row(
      1024,
      'count',
      'slabs it looked at',
      'work for half a millisecond; whoever takes long for fewer was waiting for a processor: healthy services show 35 ms for 35 slabs',
    ),
  },
  'lock-contention': {
    rate: row(0.2, 'ratio', 'of the lock acquisitions had to wait', CONTENTION_RED),
    'notice-rate': row(0.05, 'ratio', 'the same, for a notice', 'the usual yellow line'),
    contended: row(1000, 'count', 'lock waits', ENOUGH),
  },
  'cas-contention': {
    rate: row(0.05, 'ratio', 'retries per operation', RETRIES_RED),
    'notice-rate': row(0.01, 'ratio', 'the same, for a notice', 'the usual yellow line'),
    retries: row(1000, 'count', 'retries', ENOUGH),
  },
  'label-contention': {
    rate: row(0.2, 'ratio', "of the label's lock acquisitions had to wait", CONTENTION_RED),
    'notice-rate': row(0.05, 'ratio', 'the same, for a notice', 'the usual yellow line'),
    'retry-rate': row(0.05, 'ratio', 'retries per operation of the whole allocator', RETRIES_RED),
    'of-all': row(0.5, 'ratio', 'of all contention is this label', 'otherwise nobody in particular causes it'),
    contended: row(1000, 'count', 'lock waits or retries of the label', ENOUGH),
  },
  'ring-exhausted': {
    refused: row(1, 'count', 'advances refused', 'each is a lifetime that could not be told from another'),
    share: row(0.01, 'ratio', 'of the advances refused makes it a warning', 'one in a hundred'),
  },
  'label-registry-full': {
    overflows: row(1, 'count', 'labels that got no id', 'each is an owner that can no longer be told from others'),
  },
  'rss-not-allocator': {
    bytes: row(16 * MIB, 'bytes', 'RSS grew by', 'less is a library that loads or a stack that grows'),
    share: row(0.1, 'ratio', 'of the RSS at first', 'less is noise'),
    allocator: row(0.25, 'ratio', "of that growth is the allocator's", 'more, and it has its part in it'),
    seconds: row(2, 'seconds', 'watched', 'less catches a single burst'),
    young: row(
      30,
      'seconds',
      'since the allocator was made',
      'programs that start fill heaps and caches; until then it is a notice',
    ),
  },
  'law-broken': { snapshots: row(1, 'count', 'snapshots that break it', 'correct producers never do') },
  'source-torn': {
    snapshots: row(
      2,
      'count',
      'torn snapshots make it a warning',
      'one is a writer that was interrupted at that moment',
    ),
    share: row(0.1, 'ratio', 'of the snapshots are torn', 'one now and then is a reader that was interrupted'),
  },
  'source-stale': {
    snapshots: row(2, 'count', 'snapshots in a row with the very same time', 'two readings of a living source differ'),
    age: row(
      60,
      'seconds',
      'old is the newest snapshot of a source that should be live',
      'twice a slow scrape interval',
    ),
  },
} as const satisfies { readonly [C in Code]: Readonly<Record<string, Threshold>> };

type Table = typeof THRESHOLDS;

/** The limits of each code by name, as numbers in the units of the table. */
export type Limits<C extends Code = Code> = Readonly<Record<keyof Table[C] & string, number>>;
export type AllLimits = { readonly [C in Code]: Limits<C> };

export const CODES = Object.keys(THRESHOLDS) as readonly Code[];

/** @returns the built-in limits with some replaced */
export function limitsWith(choices: ReadonlyMap<Code, Readonly<Record<string, number>>> = new Map()): AllLimits {
  return Object.fromEntries(
    CODES.map((code) => [
      code,
      {
        ...Object.fromEntries(Object.entries(THRESHOLDS[code]).map(([name, { value }]) => [name, value])),
        ...choices.get(code),
      },
    ]),
  ) as unknown as AllLimits;
}
