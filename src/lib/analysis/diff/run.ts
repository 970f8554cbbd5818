import { stringifyExact } from '../../snapshot/exact-json.ts';
import { checkMonotonic } from '../../snapshot/laws.ts';
import type { EpochStats, Snapshot } from '../../snapshot/model.ts';
import { compare, type U64 } from '../../snapshot/u64.ts';
import { isSameProcess } from '../validate.ts';

/** Snapshots of one process in the order of their time: one, or a recording of it. */
export interface Run {
  /** At least one; of a long recording every n-th, its first and last among them. */
  readonly snapshots: readonly Snapshot[];
  /** How many there were. */
  readonly seen: number;
}

/** Kept of one run. Counters are cumulative, so leaving out snapshots in between merges intervals and loses no event. */
const KEEP = 128;

/** Takes in snapshots one by one and tells the processes apart; its memory does not grow with a recording's length. */
export class RunCollector {
  readonly #runs: { kept: Snapshot[]; last: Snapshot; stride: number; seen: number }[] = [];

  /** @param snapshot the next one of the same file */
  add(snapshot: Snapshot): void {
    const run = this.#runs.at(-1);
    if (run && (continues(run.last, snapshot) || isAnonymousSequel(run.last, snapshot))) {
      if (run.seen % run.stride === 0) run.kept.push(snapshot);
      run.last = snapshot;
      run.seen++;
      if (run.kept.length >= 2 * KEEP) {
        run.kept = run.kept.filter((_, i) => i % 2 === 0);
        run.stride *= 2;
      }
    } else if (!run || !isSameInstant(run.last, snapshot)) {
      this.#runs.push({ kept: [snapshot], last: snapshot, stride: 1, seen: 1 });
    }
  }

  runs(): Run[] {
    return this.#runs.map(({ kept, last, seen }) => ({
      snapshots: kept.at(-1) === last ? kept : [...kept, last],
      seen,
    }));
  }
}

/**
 * Joins runs of several files that are one process: snapshots taken one after the other of one process are no independent samples.
 * @returns fewer or as many runs, in order of first appearance
 */
export function joinRuns(runs: readonly Run[]): Run[] {
  const joined: Run[] = [];
  for (const run of runs) {
    const at = joined.findIndex(
      (other) =>
        follows(other, run) ||
        follows(run, other) ||
        isSameInstant(lastOf(other), lastOf(run)) ||
        isSameText(other, run),
    );
    const other = joined[at];
    if (!other) joined.push(run);
    else if (follows(other, run)) joined[at] = chain(other, run);
    else if (follows(run, other)) joined[at] = chain(run, other);
  }
  return joined;
}

function chain(first: Run, second: Run): Run {
  return { snapshots: [...first.snapshots, ...second.snapshots], seen: first.seen + second.seen };
}

export function firstOf({ snapshots }: Run): Snapshot {
  return snapshots[0] as Snapshot;
}

export function lastOf({ snapshots }: Run): Snapshot {
  return snapshots.at(-1) as Snapshot;
}

/** @returns true where the second run is the same process, later */
export function follows(earlier: Run, later: Run): boolean {
  return continues(lastOf(earlier), firstOf(later));
}

/**
 * @returns true where the second run is the same process, later, although its time is earlier. An epoch that both know must say so: by counters
 * alone it may as well be a longer run of another process.
 */
export function clockWentBack(earlier: Run, later: Run): boolean {
  const [before, after] = [lastOf(earlier), firstOf(later)];
  const [then, now] = [before.timestamp_ns, after.timestamp_ns];
  if (then === undefined || now === undefined || compare(then, now) <= 0 || continues(after, before)) return false;
  return isLaterState(before, after) && sharesEpoch(before, after);
}

/** @returns true where both runs are of one process, whatever their order */
export function isOneProcess(a: Run, b: Run): boolean {
  if (isSameText(a, b) || clockWentBack(a, b)) return true;
  return [firstOf(a), lastOf(a)].some((one) =>
    [firstOf(b), lastOf(b)].some(
      (other) => continues(one, other) || continues(other, one) || isSameInstant(one, other),
    ),
  );
}

/**
 * @returns true where `later` is the same allocator of the same process at a later time. A pid alone does not say so (in containers every
 * process is pid 1): no counter may have gone down, and an epoch that both know must have been opened at the same time.
 */
export function continues(earlier: Snapshot, later: Snapshot): boolean {
  const [before, after] = [earlier.timestamp_ns, later.timestamp_ns];
  if (before === undefined || after === undefined || compare(before, after) >= 0) return false;
  return isLaterState(earlier, later);
}

/** @returns continues, but for the time */
function isLaterState(earlier: Snapshot, later: Snapshot): boolean {
  return isSameProcess(earlier, later) && checkMonotonic(earlier, later).length === 0 && epochsAgree(earlier, later);
}

export function isSameInstant(a: Snapshot, b: Snapshot): boolean {
  return isSameProcess(a, b) && a.timestamp_ns !== undefined && a.timestamp_ns === b.timestamp_ns;
}

/** @returns true where both are the same word for word, and no time tells whether they are one run or two that repeat exactly */
export function isSameText(a: Run, b: Run): boolean {
  if (lastOf(a).timestamp_ns !== undefined || a.seen !== b.seen) return false;
  return stringifyExact(a.snapshots) === stringifyExact(b.snapshots);
}

/** A recording of a producer that says neither process nor time: all of it is one process until a counter goes down. */
function isAnonymousSequel(earlier: Snapshot, later: Snapshot): boolean {
  const anonymous = earlier.pid === undefined && later.pid === undefined;
  return anonymous && checkMonotonic(earlier, later).length === 0;
}

function epochsAgree(a: Snapshot, b: Snapshot): boolean {
  const opened = openings(a);
  return (b.epochs ?? []).every((epoch) => {
    const before = opened.get(nameOf(epoch));
    return before === undefined || epoch.open_since_ns === undefined || before === epoch.open_since_ns;
  });
}

/** @returns true where both know an epoch that was opened at one time; 0 is what a slot says that was never opened */
function sharesEpoch(a: Snapshot, b: Snapshot): boolean {
  const opened = openings(a);
  return (b.epochs ?? []).some((epoch) => epoch.open_since_ns && opened.get(nameOf(epoch)) === epoch.open_since_ns);
}

function openings({ epochs = [] }: Snapshot): Map<string, U64 | undefined> {
  return new Map(epochs.map((epoch) => [nameOf(epoch), epoch.open_since_ns]));
}

function nameOf({ epoch_id, epoch_era }: EpochStats): string {
  return `${epoch_id}/${epoch_era}`;
}
