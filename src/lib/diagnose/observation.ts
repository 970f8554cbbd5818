import type { Delta } from '../analysis/delta.ts';
import type { EpochStats, Snapshot } from '../snapshot/model.ts';
import type { U64 } from '../snapshot/u64.ts';
import type { Warning } from '../snapshot/warning.ts';

/** What is known of one allocator after looking at it once or many times. Its size does not depend on how often. */
export interface Observation {
  readonly last: Snapshot;
  /** What happened since the first look at this process and allocator; absent after one look. */
  readonly delta?: Delta;
  /** Seconds that the delta spans by the producer's clock; absent where that clock cannot be trusted. */
  readonly seconds?: number;
  /** Seconds that the process has existed for, at least; absent where the producer does not say. */
  readonly uptimeSec?: number;
  /** Seconds that the allocator has existed for; known as long as its first epoch is there. */
  readonly lifetimeSec?: number;
  /** Looks at this process and allocator. */
  readonly samples: number;
  /** Times the process or its counters began anew before that. */
  readonly restarts: number;
  /** Of the epochs in `last`, by their index there. */
  readonly epochs: readonly EpochHistory[];
  readonly memory: readonly MemoryPoint[];
  readonly source: SourceFacts;
}

/** How an epoch changed while it was watched. */
export interface EpochHistory {
  readonly first: EpochStats;
  readonly samples: number;
  /** Seconds between first and last look by the producer's clock, 0 after one look. */
  readonly seconds: number;
  /** It held fewer domains at some look than at the one before. */
  readonly refcountFell: boolean;
  readonly leastRefcount: U64;
  /** It held fewer live objects at some look than at the one before. */
  readonly liveFell: boolean;
  /** As it was when first seen CLOSING, and for how long since. */
  readonly closing?: { readonly first: EpochStats; readonly seconds: number; readonly samples: number };
}

export interface MemoryPoint {
  readonly timeNs: U64 | undefined;
  readonly rss: U64;
  /** Slabs and metadata, as the producer estimates them. */
  readonly allocator: U64;
  /** Slabs given back to the kernel and kept for use: not resident, if the kernel took them. */
  readonly givenBack: U64;
}

export interface SourceFacts {
  /** Snapshots of all runs. */
  readonly snapshots: number;
  readonly torn: number;
  /** How many snapshots in a row, up to the last, bear its time. */
  readonly sameTime: number;
  /** Laws broken, by warning code: the first case, and in how many snapshots. */
  readonly laws: ReadonlyMap<Warning['code'], { readonly warning: Warning; readonly snapshots: number }>;
  /** By the clock that was passed in; absent without one. */
  readonly ageSec?: number;
}
