import { InputError } from '../../errors.ts';
import type { Snapshot } from '../../snapshot/model.ts';
import {
  clockWentBack,
  firstOf,
  follows,
  isOneProcess,
  isSameInstant,
  isSameText,
  joinRuns,
  lastOf,
  type Run,
} from './run.ts';

/** same-process: what happened in between against what happened before · two-runs: each side for itself, per operation. */
export type Mode = 'same-process' | 'two-runs';

/** What one sample of a side is: a whole process, or one interval of a recording. */
export type SampleKind = 'run' | 'interval';

/** A stretch of one process's life that counts as one observation. */
export interface Window {
  /** Counters count from here; from the start of the process where absent. */
  readonly start?: Snapshot;
  readonly end: Snapshot;
  /** What gauges are read from: at least one. */
  readonly gauges: readonly Snapshot[];
}

/** How the two sides are set against each other. */
export interface Pairing {
  readonly mode: Mode;
  readonly samples: SampleKind;
  /** Where counters count from: the process's start, or the first snapshot of a recording. */
  readonly since: 'start' | 'recording';
  readonly before: readonly Window[];
  readonly after: readonly Window[];
}

export interface PairingChoice {
  readonly mode: Mode | 'auto';
  readonly samples: SampleKind | 'auto';
}

/**
 * Decides what is compared with what.
 * @param before runs of each file; after likewise
 * @throws InputError where the two sides cannot be set against each other: the same snapshot twice, the wrong order, an overlap
 */
export function pair(before: readonly Run[], after: readonly Run[], choice: PairingChoice): Pairing {
  const [first, second] = choice.mode === 'two-runs' ? [before, after] : [joinRuns(before), joinRuns(after)];
  const mode = choice.mode === 'auto' ? modeOf(first, second) : choice.mode;
  return mode === 'same-process' ? sameProcess(first, second, choice) : twoRuns(first, second, choice);
}

const HINT = 'swap the sides, or say --mode two-runs if these are two processes after all';

function modeOf(before: readonly Run[], after: readonly Run[]): Mode {
  const shared = before.some((one) => after.some((other) => isOneProcess(one, other)));
  if (!shared) return 'two-runs';
  if (before.length === 1 && after.length === 1) return 'same-process';
  throw new InputError(
    'mixed-processes',
    'a process stands on both sides, beside others',
    'compare one process with its own past, or independent processes with each other',
  );
}

function sameProcess(
  [before, ...others]: readonly Run[],
  [after, ...more]: readonly Run[],
  choice: PairingChoice,
): Pairing {
  if (!before || !after || others.length > 0 || more.length > 0)
    throw new InputError(
      'not-one-process',
      'the sides are not one process at two times',
      'leave out --mode same-process',
    );
  const sameInstant = before.seen === 1 && after.seen === 1 && isSameInstant(lastOf(before), lastOf(after));
  if (sameInstant || isSameText(before, after))
    throw new InputError(
      'same-snapshot',
      'both sides are the same: nothing to compare',
      'take the second one later, or say --mode two-runs if these are two runs that repeat exactly',
    );
  if (!follows(before, after)) {
    if (follows(after, before)) throw new InputError('wrong-order', 'the side named first was taken later', HINT);
    if (clockWentBack(before, after))
      throw new InputError(
        'clock-backwards',
        'the sides are one process, and its clock went back between them: no telling what happened when',
        'take both sides anew, or say --mode two-runs if these are two processes after all',
      );
    throw new InputError('not-one-process', 'the sides are not one process at two times that do not overlap', HINT);
  }
  const intervals = usesIntervals([before], [after], choice.samples);
  return {
    mode: 'same-process',
    samples: intervals ? 'interval' : 'run',
    since: before.snapshots.length > 1 ? 'recording' : 'start',
    before: intervals ? intervalsOf(before) : [before.snapshots.length > 1 ? spanOf(before) : lifeOf(before)],
    after: intervals
      ? intervalsOf(after)
      : [
          after.snapshots.length > 1
            ? spanOf(after)
            : { start: lastOf(before), end: lastOf(after), gauges: [lastOf(after)] },
        ],
  };
}

function twoRuns(before: readonly Run[], after: readonly Run[], choice: PairingChoice): Pairing {
  if (usesIntervals(before, after, choice.samples))
    return {
      mode: 'two-runs',
      samples: 'interval',
      since: 'recording',
      before: before.flatMap(intervalsOf),
      after: after.flatMap(intervalsOf),
    };
  const recorded = [...before, ...after].every(({ snapshots }) => snapshots.length > 1);
  const windowOf = recorded ? spanOf : lifeOf;
  return {
    mode: 'two-runs',
    samples: 'run',
    since: recorded ? 'recording' : 'start',
    before: before.map(windowOf),
    after: after.map(windowOf),
  };
}

/** Intervals of one process resemble each other, so they are samples only where there is nothing better: one recording a side. */
function usesIntervals(before: readonly Run[], after: readonly Run[], choice: SampleKind | 'auto'): boolean {
  const recorded = [...before, ...after].every(({ snapshots }) => snapshots.length > 2);
  const alone = before.length === 1 && after.length === 1;
  if (choice === 'interval' && !(recorded && alone))
    throw new InputError(
      'no-intervals',
      'intervals are samples only where each side is one recording of one process with at least 3 snapshots',
      'leave out --samples interval',
    );
  return choice !== 'run' && recorded && alone;
}

function lifeOf(run: Run): Window {
  return { end: lastOf(run), gauges: run.snapshots };
}

function spanOf(run: Run): Window {
  return { start: firstOf(run), end: lastOf(run), gauges: run.snapshots };
}

function intervalsOf({ snapshots }: Run): Window[] {
  return snapshots.slice(1).map((end, i) => ({ start: snapshots[i] as Snapshot, end, gauges: [end] }));
}

/** @returns contiguous windows merged to at most `count` of about equal length */
export function batchesOf(windows: readonly Window[], count: number): Window[] {
  if (windows.length <= count) return [...windows];
  return Array.from({ length: count }, (_, i) => {
    const part = windows.slice(
      Math.floor((i * windows.length) / count),
      Math.floor(((i + 1) * windows.length) / count),
    );
    const [first] = part;
    return {
      ...(first?.start && { start: first.start }),
      end: (part.at(-1) as Window).end,
      gauges: part.flatMap(({ gauges }) => gauges),
    };
  });
}
