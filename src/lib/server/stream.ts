/**
 * What /events sends to the page, as JSON. Texts went through forTerminal on the way here: the page sets them as text and nothing else.
 * Numbers arrive in the page as doubles; /snapshot has every digit.
 */

/** Sent once on connecting, and the page draws it: what is remembered of the process. */
export interface HistoryMessage {
  readonly id: string | undefined;
  readonly points: readonly Point[];
}

/** One instant: milliseconds since the Unix epoch, then the values of SERIES in their order; null where unknown. */
export type Point = readonly [timeMs: number, ...values: (number | null)[]];

export const SERIES = ['rss', 'slabs', 'live', 'pinned', 'mapped', 'refused', 'other', 'allocations'] as const;

/** Sent for every view. */
export interface UpdateMessage {
  readonly sequence: number;
  readonly takenMs: number;
  /** How long until the next one, about. */
  readonly everyMs: number;
  readonly failure?: string | undefined;
  readonly omitted: number;
  readonly unusable: number;
  readonly processes: readonly ProcessRow[];
  /** Absent where the process that was asked for is not there, or no longer. */
  readonly process?: ProcessState | undefined;
}

export interface ProcessRow {
  readonly id: string;
  readonly pid: string | undefined;
  readonly command: string;
  readonly name: string;
  readonly instance: string | undefined;
  readonly rss: number | null;
  readonly live: number | null;
  readonly pinned: number | null;
  /** Errors and warnings of doctor. */
  readonly findings: number;
}

export interface ProcessState {
  readonly id: string;
  readonly version: string;
  readonly point: Point;
  readonly torn: boolean;
  readonly classes: readonly ClassRow[];
  readonly epochs: readonly EpochBar[];
  readonly findings: readonly FindingRow[];
}

export interface ClassRow {
  readonly size: number;
  readonly liveObjects: number | null;
  readonly live: number | null;
  readonly committed: number | null;
  readonly pinned: number | null;
  /** Per second since the sample before. */
  readonly allocations: number | null;
  readonly slowPaths: number | null;
  readonly contended: number | null;
}

export interface EpochBar {
  readonly id: number;
  readonly era: number | null;
  /** '' for none. */
  readonly label: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly closingMs: number | null;
  readonly peak: number;
  /** As last seen. */
  readonly state: string;
  readonly age: number | null;
  readonly refcount: number | null;
  readonly liveObjects: number | null;
  readonly pinned: number | null;
  readonly bytes: number | null;
}

export interface FindingRow {
  readonly code: string;
  readonly severity: 'error' | 'warning' | 'info';
  readonly title: string;
  readonly advice: string;
}
