import type { Unit } from '../../metrics/catalogue.ts';
import type { Part } from './metric.ts';
import type { NotComparable } from './observe.ts';
import type { Mode, SampleKind } from './pairing.ts';

/**
 * regression · improvement · change: a difference beyond the threshold, in a metric without a worse direction · within: real, but below the
 * threshold · noise: not told from chance · same: no difference at all · too-few: no outcome of so few samples could be told from chance.
 */
export type Status = 'regression' | 'improvement' | 'change' | 'within' | 'noise' | 'same' | 'too-few';

/** One side of a comparison, as doubles for reading; what was decided was decided exactly. */
export interface Summary {
  readonly samples: number;
  readonly median: number;
  /** The range that holds the median with the confidence said; absent for one sample. */
  readonly low?: number;
  readonly high?: number;
  readonly confidence?: number;
  /** Of a single sample: the count or gauge itself, every digit, and what it was divided by. */
  readonly amount?: bigint;
  readonly operations?: bigint;
}

export interface Comparison {
  readonly name: string;
  readonly part: Part;
  readonly unit: Unit;
  readonly help: string;
  /** What a count was divided by: so many per `times` of these. */
  readonly per: { readonly name: string; readonly times: number } | null;
  readonly worse: 'up' | 'down' | null;
  /** Counts for the exit code. */
  readonly gated: boolean;
  /** Was named in a threshold. */
  readonly explicit: boolean;
  readonly status: Status;
  readonly exact: boolean;
  readonly before: Summary;
  readonly after: Summary;
  readonly difference: number;
  /** Difference over the value before; null where that was 0. */
  readonly relative: number | null;
  readonly threshold: { readonly relative: number; readonly absolute: number; readonly max?: number };
  /** The limit was passed, whatever the difference. */
  readonly beyondMax: boolean;
  readonly p?: number;
  readonly adjustedP?: number;
  readonly needed?: number;
}

export interface Incomparable {
  readonly name: string;
  readonly part: Part;
  readonly gated: boolean;
  readonly explicit: boolean;
  readonly reason: NotComparable;
  /** The limit was passed all the same: a limit needs no other side. */
  readonly beyondMax: boolean;
}

export interface SideSummary {
  /** Names of files, as given. */
  readonly sources: readonly string[];
  readonly snapshots: number;
  readonly processes: number;
  readonly pids: readonly (number | bigint)[];
}

export type FailOn = 'regression' | 'change' | 'never';

/** What the comparison comes to. */
export type Outcome = 'regression' | 'change' | 'not-enough-samples' | 'fine';

export interface Diff {
  readonly mode: Mode;
  readonly samples: SampleKind;
  readonly since: 'start' | 'recording';
  readonly before: SideSummary;
  readonly after: SideSummary;
  readonly failOn: FailOn;
  readonly alpha: number;
  /** Tests that the correction was made for. */
  readonly tests: number;
  readonly comparisons: readonly Comparison[];
  readonly notComparable: readonly Incomparable[];
  readonly outcome: Outcome;
  /** Samples a side that are needed; where samples are too few. */
  readonly needed: number | null;
}
