import { numberIn } from '../metrics/read.ts';
import type { EpochStats } from '../snapshot/model.ts';
import { add, subtract, type U64 } from '../snapshot/u64.ts';
import type { EpochRef, Evidence, Owner } from './finding.ts';
import type { EpochHistory, Observation } from './observation.ts';
import { unitOf } from './unit.ts';

/** An epoch of the last snapshot, and how it came to be so. */
export interface Watched {
  readonly index: number;
  readonly epoch: EpochStats;
  readonly history: EpochHistory;
  readonly isCurrent: boolean;
}

export function watchedEpochs({ last, epochs }: Observation): Watched[] {
  return (last.epochs ?? []).flatMap((epoch, index) => {
    const history = epochs[index];
    return history ? [{ index, epoch, history, isCurrent: epoch.epoch_id === last.current_epoch }] : [];
  });
}

/**
 * @returns true where nothing was allocated in the epoch while it was watched, false where something was; undefined where it was looked at once
 *   or the producer does not count by epoch and nothing else tells
 */
export function isIdle({ epoch, history }: Watched): boolean | undefined {
  if (history.samples < 2) return undefined;
  const [was, is] = [history.first.slot_allocs, epoch.slot_allocs];
  if (was !== undefined && is !== undefined) return subtract(is, was) === 0;
  const fields = ['live_objects', 'total_partial_slabs', 'total_full_slabs', 'total_reclaimable_slabs'] as const;
  return fields.some((field) => epoch[field] !== history.first[field]) ? false : undefined;
}

/** @returns whether all are idle; undefined where that of one is not known and of none known to be false */
export function allIdle(epochs: readonly Watched[]): boolean | undefined {
  const each = epochs.map(isIdle);
  if (each.includes(false)) return false;
  return each.includes(undefined) ? undefined : true;
}

/** @returns epochs by label, those of one label oldest first */
export function byLabel(
  epochs: readonly Watched[],
): { readonly label: string | undefined; readonly epochs: Watched[] }[] {
  const groups = new Map<string | undefined, Watched[]>();
  for (const one of [...epochs].sort((a, b) => age(b) - age(a)))
    groups.set(one.epoch.label, [...(groups.get(one.epoch.label) ?? []), one]);
  return [...groups].map(([label, epochs]) => ({ label, epochs }));
}

export function age({ epoch }: Watched): number {
  return Number(epoch.age_sec ?? 0);
}

/** Seconds since it was closed; older producers say only when it was opened. */
export function closedFor(one: Watched): number {
  return Number(one.epoch.closing_sec ?? one.epoch.age_sec ?? 0);
}

export function refOf({ index, epoch }: Watched): EpochRef {
  const {
    epoch_id: id,
    epoch_era: era,
    state,
    age_sec: ageSec,
    closing_sec: closedSec,
    refcount,
    live_objects: liveObjects,
  } = epoch;
  return {
    index,
    id,
    ...(era !== undefined && { era }),
    ...(state && { state }),
    ...(ageSec !== undefined && { ageSec }),
    ...(closedSec !== undefined && state === 'CLOSING' && { closedSec }),
    ...(refcount !== undefined && { refcount }),
    ...(liveObjects !== undefined && { liveObjects }),
  };
}

/** @returns whose the epochs are: their label, and slot and era of the first */
export function ownerOf(epochs: readonly Watched[]): Owner {
  const first = epochs[0]?.epoch;
  if (!first) return {};
  return {
    ...(first.label !== undefined && { label: first.label }),
    epochId: first.epoch_id,
    ...(first.epoch_era !== undefined && { epochEra: first.epoch_era }),
  };
}

/** @returns the label that more than half of a number is due to, over the epochs on record; no owner where nobody in particular is */
export function chiefOwner(epochs: readonly Watched[], field: string): Owner {
  const all = Number(sumOf(epochs, field));
  const chief = byLabel(epochs).find((group) => Number(sumOf(group.epochs, field)) * 2 > all);
  return chief?.label ? { label: chief.label } : {};
}

/** Epochs whose numbers a finding lists one by one. */
const LISTED = 4;

/** @returns the fields of the first epochs as evidence; those that are not there are left out */
export function epochEvidence(epochs: readonly Watched[], ...fields: readonly string[]): Evidence[] {
  return epochs.slice(0, LISTED).flatMap(({ index, epoch }) =>
    fields.flatMap((metric): Evidence[] => {
      const value = numberIn(epoch, metric);
      if (value === undefined) return [];
      return [{ metric, pointer: `/epochs/${index}/${metric}`, value, unit: unitOf('epoch', metric), basis: 'now' }];
    }),
  );
}

/** @returns the sum over the epochs that have the number */
export function sumOf(epochs: readonly Watched[], field: string): U64 {
  return epochs.reduce<U64>((total, { epoch }) => add(total, numberIn(epoch, field) ?? 0), 0);
}

/** @returns bytes of slabs the epoch holds */
export function slabBytesOf(epochs: readonly Watched[]): U64 {
  return sumOf(epochs, 'estimated_rss_bytes');
}

/** Live objects; for producers that do not count them, slabs that hold some. */
export function holdsOf({ epoch }: Watched): U64 {
  if (epoch.live_objects !== undefined) return epoch.live_objects;
  const { total_partial_slabs: partial = 0, total_full_slabs: full = 0, total_reclaimable_slabs: empty = 0 } = epoch;
  const holding = subtract(add(partial, full), empty);
  return holding < 0 ? 0 : holding;
}
