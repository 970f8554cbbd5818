import { CLASS, EPOCH, LABEL, type MetricRow, TOP } from '../metrics/catalogue.ts';
import { type Holder, numberIn } from '../metrics/read.ts';
import type { ByLabel, ClassStats, EpochStats, Snapshot } from '../snapshot/model.ts';
import { compare, type I64, subtract, type U64 } from '../snapshot/u64.ts';

/** What makes two snapshots in a row something else than two looks at one undisturbed process. Data only; render/event-text.ts has the words. */
export type Break =
  /** Another process, so every counter began anew. */
  | { readonly code: 'process-changed'; readonly before: U64; readonly after: U64 }
  /** Another allocator of the same process. */
  | { readonly code: 'instance-changed' }
  /** Counters went down although process and instance are the same. */
  | { readonly code: 'counter-reset'; readonly pointers: readonly string[]; readonly count: number }
  /** The producer gives no wall clock time, so there can be no rate. */
  | { readonly code: 'no-clock' }
  /** The very same instant: a source that was polled again before it had anything new. */
  | { readonly code: 'unchanged' }
  | { readonly code: 'clock-backwards'; readonly byNs: U64 }
  /** The wall clock moved by another amount than a clock that nobody sets. */
  | { readonly code: 'clock-jump'; readonly wallNs: U64; readonly steadyNs: U64 };

/** Field name to after − before. Gauges may be negative; a field that either side lacks is absent. */
export type Changes = Readonly<Record<string, I64>>;

export interface ClassDelta {
  readonly holder: ClassStats;
  readonly changes: Changes;
  /** The changes of contention_by_label: counter name to label id to change. */
  readonly byLabel: Readonly<Record<string, Changes>>;
}

export interface EpochDelta {
  readonly holder: EpochStats;
  /** Empty for an incarnation that the earlier snapshot does not have. */
  readonly changes: Changes;
}

/** What happened between two snapshots. Entries stand in the later snapshot's order. */
export interface Delta {
  readonly before: Snapshot;
  readonly after: Snapshot;
  readonly breaks: readonly Break[];
  /** Both are looks at one run of one allocator, as far as they say. Where false, there are no changes. */
  readonly continuous: boolean;
  /** Nanoseconds in between by the producer's wall clock, above 0; absent where that clock cannot be trusted or is not there. */
  readonly elapsedNs?: U64;
  readonly top: Changes;
  readonly classes: readonly ClassDelta[];
  readonly epochs: readonly EpochDelta[];
}

/**
 * @param steadyNs nanoseconds between the arrivals of the two by a clock that nobody sets; leave it out where snapshots do not arrive as they are
 *   taken (recordings, two files). The epochs' age_sec, which producers take from such a clock, is looked at in any case.
 * @returns exact changes; never changes across a restart, nor a time that a clock jump made up
 */
export function deltaBetween(before: Snapshot, after: Snapshot, steadyNs?: number): Delta {
  const breaks = [...identityBreaks(before, after)];
  const continuous = breaks.length === 0;
  const clock = clockBetween(before, after, steadyNs);
  if (clock.broken) breaks.push(clock.broken);
  // Many only ask what the two are to each other: the thousand differences are taken when somebody looks.
  let top: Changes | undefined;
  let classes: readonly ClassDelta[] | undefined;
  let epochs: readonly EpochDelta[] | undefined;
  return {
    before,
    after,
    breaks,
    continuous,
    ...(clock.elapsedNs !== undefined && { elapsedNs: clock.elapsedNs }),
    get top() {
      top ??= continuous ? changesOf(TOP, before, after) : {};
      return top;
    },
    get classes() {
      classes ??= after.classes.map((holder) => classDelta(continuous ? classLike(before, holder) : undefined, holder));
      return classes;
    },
    get epochs() {
      epochs ??= (after.epochs ?? []).map((holder) =>
        epochDelta(continuous ? epochLike(before, holder) : undefined, holder),
      );
      return epochs;
    },
  };
}

/** @returns whether both are looks at one run of one allocator, and at the very same instant; cheaper than a delta */
export function relationOf(
  before: Snapshot,
  after: Snapshot,
): { readonly continuous: boolean; readonly sameInstant: boolean } {
  return {
    continuous: identityBreaks(before, after).length === 0,
    sameInstant: before.timestamp_ns !== undefined && before.timestamp_ns === after.timestamp_ns,
  };
}

function identityBreaks(before: Snapshot, after: Snapshot): Break[] {
  if (before.pid !== undefined && after.pid !== undefined && before.pid !== after.pid)
    return [{ code: 'process-changed', before: before.pid, after: after.pid }];
  if (before.allocator?.instance !== after.allocator?.instance) return [{ code: 'instance-changed' }];
  const pointers = fallenCounters(before, after);
  // Those that did not fall may have begun anew as well and grown past their old value since: none can be trusted.
  return pointers.length > 0 ? [{ code: 'counter-reset', pointers: pointers.slice(0, 5), count: pointers.length }] : [];
}

function fallenCounters(before: Snapshot, after: Snapshot): string[] {
  const fallen: string[] = [];
  const look = (rows: readonly MetricRow[], a: Holder, b: Holder, at: string) => {
    for (const { field, kind } of rows) {
      if (kind !== 'counter') continue;
      const was = numberIn(a, field);
      const is = numberIn(b, field);
      if (was !== undefined && is !== undefined && compare(is, was) < 0) fallen.push(`${at}/${field}`);
    }
  };
  look(TOP, before, after, '');
  after.classes.forEach((cls, i) => {
    const earlier = classLike(before, cls);
    if (earlier) look(CLASS, earlier, cls, `/classes/${i}`);
  });
  return fallen;
}

/** Ages are whole seconds, rounded down at either end, and a producer may take a moment to write a snapshot. */
const AGE_TOLERANCE_NS = 2_000_000_000;
/** Arrivals are late and bunched where a pipe or a network is slow: only an amount that no delay of a healthy stream explains counts. */
const ARRIVAL_LEAST_NS = 1_000_000_000;
const ARRIVAL_FACTOR = 4;

function clockBetween(before: Snapshot, after: Snapshot, steadyNs?: number): { elapsedNs?: U64; broken?: Break } {
  if (before.timestamp_ns === undefined || after.timestamp_ns === undefined) return { broken: { code: 'no-clock' } };
  const wallNs = subtract(after.timestamp_ns, before.timestamp_ns);
  if (wallNs === 0) return { broken: { code: 'unchanged' } };
  if (wallNs < 0) return { broken: { code: 'clock-backwards', byNs: subtract(0, wallNs) } };
  const wall = Number(wallNs);
  const agedNs = agedBetween(before, after);
  if (agedNs !== undefined && Math.abs(wall - agedNs) > AGE_TOLERANCE_NS + agedNs / 10)
    return { broken: { code: 'clock-jump', wallNs, steadyNs: agedNs } };
  if (
    steadyNs !== undefined &&
    steadyNs >= ARRIVAL_LEAST_NS &&
    (wall * ARRIVAL_FACTOR < steadyNs || wall > steadyNs * ARRIVAL_FACTOR + AGE_TOLERANCE_NS)
  )
    return { broken: { code: 'clock-jump', wallNs, steadyNs: Math.round(steadyNs) } };
  return { elapsedNs: wallNs };
}

/** @returns by how much the epochs that are in both grew older, in nanoseconds; undefined where none says */
function agedBetween(before: Snapshot, after: Snapshot): number | undefined {
  let agedSec: number | undefined;
  for (const epoch of after.epochs ?? []) {
    // 0 is also what a slot says that was never opened; without an era, it may be another incarnation; a producer may stop the clock of
    // an epoch that drains.
    if (!epoch.age_sec || epoch.epoch_era === undefined || epoch.state === 'CLOSING') continue;
    const was = epochLike(before, epoch)?.age_sec;
    if (was !== undefined) agedSec = Math.max(agedSec ?? 0, Number(subtract(epoch.age_sec, was)));
  }
  return agedSec === undefined ? undefined : agedSec * 1e9;
}

function classLike({ classes }: Snapshot, { object_size }: ClassStats): ClassStats | undefined {
  return classes.find((cls) => cls.object_size === object_size);
}

/** An epoch is named for good by slot and era. */
function epochLike({ epochs = [] }: Snapshot, { epoch_id, epoch_era }: EpochStats): EpochStats | undefined {
  return epochs.find((epoch) => epoch.epoch_id === epoch_id && epoch.epoch_era === epoch_era);
}

function classDelta(before: ClassStats | undefined, holder: ClassStats): ClassDelta {
  if (!before) return { holder, changes: {}, byLabel: {} };
  return {
    holder,
    changes: changesOf(CLASS, before, holder),
    byLabel: labelChanges(before.contention_by_label, holder.contention_by_label),
  };
}

function epochDelta(before: EpochStats | undefined, holder: EpochStats): EpochDelta {
  return { holder, changes: before ? changesOf(EPOCH, before, holder) : {} };
}

/** A label id that the earlier snapshot did not list had counted nothing then. */
function labelChanges(before: ByLabel | undefined, after: ByLabel | undefined): Record<string, Changes> {
  if (!before || !after) return {};
  return Object.fromEntries(
    LABEL.map(({ field }) => [
      field,
      Object.fromEntries(
        Object.entries(after[field] ?? {}).map(([id, count]) => [id, subtract(count, before[field]?.[id] ?? 0)]),
      ),
    ]),
  );
}

function changesOf(rows: readonly MetricRow[], before: Holder, after: Holder): Changes {
  const changes: Record<string, I64> = {};
  for (const { field, kind, type, unit } of rows) {
    if (type !== 'u64' || kind === 'meta' || unit === 'id') continue;
    const [was, is] = [numberIn(before, field), numberIn(after, field)];
    if (was !== undefined && is !== undefined) changes[field] = subtract(is, was);
  }
  return changes;
}
