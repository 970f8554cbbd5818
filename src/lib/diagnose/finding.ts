import type { Unit } from '../metrics/catalogue.ts';
import type { I64, U64 } from '../snapshot/u64.ts';
import type { Warning } from '../snapshot/warning.ts';

/**
 * What is wrong, as data. render/findings/prose.ts has the words, one case per code; docs/runbooks/<code>.md is the code's page.
 */

/** error: broken, now · warning: costs or will cost something, act · info: worth knowing, nothing to do yet. */
export const SEVERITIES = ['error', 'warning', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** certain: follows from the numbers · high: hard to explain otherwise · medium: the usual cause · low: one of several explanations. */
export type Confidence = 'certain' | 'high' | 'medium' | 'low';

/** now: as the last snapshot has it · since-start: counted since the process began · window: what happened between two snapshots. */
export type Basis = 'now' | 'since-start' | 'window';

/** One number that a finding rests on, and where it stands in the last snapshot. */
export interface Evidence {
  /** A metric's name in the catalogue, or what was computed from the metric the pointer names. */
  readonly metric: string;
  /** JSON pointer into the last snapshot. */
  readonly pointer: string;
  readonly value: I64 | number;
  readonly unit: Unit | 'bytes/s';
  readonly basis: Basis;
}

/** Whom it concerns: what the finding knows of label, epoch and class. */
export interface Owner {
  /** Hostile text; '' for unlabeled. */
  readonly label?: string;
  readonly epochId?: U64;
  readonly epochEra?: U64;
  /** Bytes of the class's objects. */
  readonly objectSize?: U64;
}

/** An epoch as a finding names it. */
export interface EpochRef {
  /** Index in the snapshot's `epochs`. */
  readonly index: number;
  readonly id: U64;
  readonly era?: U64;
  readonly state?: 'ACTIVE' | 'CLOSING';
  readonly ageSec?: U64;
  /** Since it was closed, where the producer says it. */
  readonly closedSec?: U64;
  readonly refcount?: U64;
  readonly liveObjects?: U64;
}

/** Every class with the same trouble, the worst first; the numbers beside it are that one's. */
interface Classes {
  readonly objectSizes: readonly U64[];
}

/** How one class or label fares: events of interest, and of how many. */
export interface Share {
  readonly events: U64;
  readonly of: U64;
  readonly share: number;
}

/** What a finding of each code says beside its evidence. */
export interface Arguments {
  'refcount-leak': {
    /** Oldest first. */
    readonly epochs: readonly EpochRef[];
    readonly domains: U64;
    /** What gives it away. old: beyond the age · overtaken: idle while newer epochs came · no-threads: nobody is left to leave · growing: ever more. */
    readonly sign: 'old' | 'overtaken' | 'no-threads' | 'growing';
    /** Nothing was allocated in the epochs while they were watched; undefined: not known. */
    readonly idle?: boolean;
  };
  'epoch-not-draining': {
    readonly epochs: readonly EpochRef[];
    readonly objects: U64;
    readonly bytes: U64;
    /** Live objects were freed while they were watched; undefined: not known. */
    readonly draining?: boolean;
  };
  'epoch-active-old': { readonly epochs: readonly EpochRef[]; readonly bytes: U64; readonly idle?: boolean };
  'alloc-into-closing': {
    readonly refused: U64;
    readonly allocations: U64;
    readonly share: number;
    readonly epochs: readonly EpochRef[];
  };
  'cache-undersized': Classes & {
    readonly mapped: U64;
    readonly slowPaths: U64;
    readonly evicted: U64;
    readonly capacity?: U64;
  };
  'mapping-churn': { readonly givenBackPerSec: number; readonly takenAgainPerSec: number; readonly heldBytes: U64 };
  'pinned-memory': {
    readonly epochs: readonly EpochRef[];
    readonly pinnedBytes: U64;
    readonly slabBytes: U64;
    readonly share: number;
  };
  'reclaimable-not-returned': {
    readonly epochs: readonly EpochRef[];
    readonly bytes: U64;
    readonly state: 'ACTIVE' | 'CLOSING';
  };
  'madvise-failures': { readonly failures: U64; readonly calls: U64; readonly share: number };
  'kernel-not-cooperating': {
    readonly closes: number;
    readonly offeredBytes: U64;
    readonly fellBytes: I64;
    readonly threads?: U64;
  };
  'close-yield-low': {
    readonly calls: U64;
    readonly scanned: U64;
    readonly recycled: U64;
    readonly yield: number;
    readonly timeShare: number;
  };
  'close-costly': {
    /** all: closes are long on average, or many · one: one that stands out. */
    readonly sign: 'all' | 'one';
    readonly calls: U64;
    readonly totalNs: U64;
    readonly meanNs: number;
    readonly timeShare?: number;
    /** Slabs that the one looked at. */
    readonly slabs?: U64;
  };
  'lock-contention': Classes & Share;
  'cas-contention': Classes & Share & { readonly on: 'alloc' | 'free' };
  'label-contention': Share & { readonly on: 'lock' | 'alloc' | 'free'; readonly ofAll: number };
  'ring-exhausted': {
    readonly refused: U64;
    readonly advances: U64;
    readonly slots: U64;
    /** Who holds the slots of the ring now, most first; hostile labels. */
    readonly holders: readonly { readonly label: string; readonly slots: number }[];
  };
  'label-registry-full': { readonly overflows?: U64; readonly count: U64; readonly max: U64 };
  'rss-not-allocator': {
    readonly rssGrewBytes: I64;
    readonly allocatorGrewBytes: I64;
    /** Only where it would explain the growth, had the kernel not taken it. */
    readonly givenBackBytes?: I64;
    readonly seconds?: number;
  };
  'law-broken': { readonly warning: Warning; readonly snapshots: number; readonly of: number };
  'source-torn': { readonly snapshots: number; readonly of: number };
  'source-stale': {
    readonly how: 'ended' | 'same-time' | 'old';
    /** How long ago the source last had something new, where that is known. */
    readonly ageSec?: number;
    readonly snapshots: number;
  };
}

export type Code = keyof Arguments;

export type Finding<C extends Code = Code> = {
  [K in C]: {
    readonly code: K;
    readonly severity: Severity;
    readonly confidence: Confidence;
    readonly owner: Owner;
    readonly evidence: readonly Evidence[];
    readonly args: Arguments[K];
  };
}[C];

const CONFIDENCES: readonly Confidence[] = ['certain', 'high', 'medium', 'low'];

/** For sorting: most severe first, then what is surest. */
export function bySeverity(a: Finding, b: Finding): number {
  return (
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    CONFIDENCES.indexOf(a.confidence) - CONFIDENCES.indexOf(b.confidence)
  );
}

/** @returns true where a is as severe as b or more */
export function atLeast(a: Severity, b: Severity): boolean {
  return SEVERITIES.indexOf(a) <= SEVERITIES.indexOf(b);
}
