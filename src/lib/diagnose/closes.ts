import { ratio, subtract, type U64 } from '../snapshot/u64.ts';
import { epochEvidence, ownerOf, type Watched, watchedEpochs } from './epochs.ts';
import type { Evidence, Owner } from './finding.ts';
import type { Observation } from './observation.ts';
import { unitOf } from './unit.ts';

/** One epoch's close, or the mean of its closes where it was closed more than once. */
export interface OneClose {
  readonly owner: Owner;
  /** Nanoseconds of one. */
  readonly ns: number;
  readonly calls: U64;
  readonly totalNs: U64;
  /** Slabs that one looked at. */
  readonly slabs: U64;
  readonly evidence: readonly Evidence[];
}

/** @returns of each label the dearest close on record, in the window where there is one; the dearest of all first */
export function dearestCloses(observation: Observation): OneClose[] {
  const longest = longestOf(observation);
  const all = [
    ...watchedEpochs(observation).flatMap((one) => closesOf(one, observation)),
    ...(longest ? [longest] : []),
  ];
  const byLabel = new Map<string | undefined, OneClose>();
  for (const one of all.sort((a, b) => b.ns - a.ns))
    if (!byLabel.has(one.owner.label)) byLabel.set(one.owner.label, one);
  return [...byLabel.values()];
}

/** The epoch may have drained long ago, and its slot opened anew. */
function longestOf({ last, delta, seconds = 0 }: Observation): OneClose | undefined {
  const close = last.longest_epoch_close;
  if (close?.duration_ns === undefined || close.epoch_id === undefined) return undefined;
  if (delta && secondsAgo(last.timestamp_ns, close.timestamp_ns) > seconds) return undefined;
  return {
    owner: {
      ...(close.label !== undefined && { label: close.label }),
      epochId: close.epoch_id,
      ...(close.epoch_era !== undefined && { epochEra: close.epoch_era }),
    },
    ns: Number(close.duration_ns),
    calls: 1,
    totalNs: close.duration_ns,
    slabs: close.scanned_slabs ?? 0,
    evidence: (['duration_ns', 'scanned_slabs', 'madvise_bytes'] as const).flatMap((metric): Evidence[] => {
      const value = close[metric];
      if (value === undefined) return [];
      const pointer = `/longest_epoch_close/${metric}`;
      return [{ metric, pointer, value, unit: unitOf('longest', metric), basis: 'now' }];
    }),
  };
}

function closesOf(one: Watched, { delta, seconds = 0 }: Observation): OneClose[] {
  const { epoch, history } = one;
  const { close_calls, close_ns, close_scanned_slabs: scanned = 0 } = epoch;
  if (!close_calls || close_ns === undefined) return [];
  // An epoch that was there when the window began may have been closed before.
  const before = delta && history.seconds >= seconds ? history.first : undefined;
  const calls = atLeast0(subtract(close_calls, before?.close_calls ?? 0));
  const totalNs = atLeast0(subtract(close_ns, before?.close_ns ?? 0));
  if (calls === 0) return [];
  const slabs = atLeast0(subtract(scanned, before?.close_scanned_slabs ?? 0));
  return [
    {
      owner: ownerOf([one]),
      ns: ratio(totalNs, calls) ?? 0,
      calls,
      totalNs,
      slabs: Math.floor(ratio(slabs, calls) ?? 0),
      evidence: epochEvidence([one], 'close_ns', 'close_calls', 'close_scanned_slabs', 'madvise_bytes'),
    },
  ];
}

function atLeast0(value: U64 | bigint): U64 {
  return value < 0 ? 0 : value;
}

function secondsAgo(now: U64 | undefined, then: U64 | undefined): number {
  return now === undefined || then === undefined ? 0 : Number(subtract(now, then)) / 1e9;
}
