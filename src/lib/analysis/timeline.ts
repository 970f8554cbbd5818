import type { Snapshot } from '../snapshot/model.ts';
import type { U64 } from '../snapshot/u64.ts';
import { type Break, type Delta, deltaBetween } from './delta.ts';

export type TimelineEvent =
  | Break
  /** The gap is a multiple of what samples usually are apart. Rates over it are right, but an average over all of it. */
  | { readonly code: 'missed'; readonly samples: number; readonly gapNs: U64 };

/** One sample in the light of the one before. */
export interface Reading {
  /** 0 for the first. */
  readonly sequence: number;
  readonly snapshot: Snapshot;
  /** Absent for the first sample. */
  readonly delta?: Delta;
  readonly events: readonly TimelineEvent[];
}

/** Gaps that the usual one is the median of. */
const REMEMBERED = 9;
/** Fewer say nothing. */
const LEAST = 3;
/** A timer that is late by less than this share of a gap has not missed one. */
const MISSED_FROM = 1.8;

/** Puts samples in relation to the ones before. Memory does not grow. */
export class Timeline {
  #last: { snapshot: Snapshot; steadyMs: number | undefined } | undefined;
  #gapsNs: number[] = [];
  #sequence = 0;

  /** @param steadyMs arrival by a clock that nobody sets, where snapshots arrive as they are taken; see deltaBetween */
  next(snapshot: Snapshot, steadyMs?: number): Reading {
    const sequence = this.#sequence++;
    const last = this.#last;
    if (!last) {
      this.#last = { snapshot, steadyMs };
      return { sequence, snapshot, events: [] };
    }
    const steadyNs =
      steadyMs === undefined || last.steadyMs === undefined ? undefined : (steadyMs - last.steadyMs) * 1e6;
    const delta = deltaBetween(last.snapshot, snapshot, steadyNs);
    const events: TimelineEvent[] = [...delta.breaks];
    if (events.some(({ code }) => code === 'unchanged')) return { sequence, snapshot, delta, events };
    this.#last = { snapshot, steadyMs };
    if (delta.continuous && delta.elapsedNs !== undefined) events.push(...this.#missed(delta.elapsedNs));
    return { sequence, snapshot, delta, events };
  }

  /** Samples will come at another pace from now on. */
  forgetPace(): void {
    this.#gapsNs = [];
  }

  #missed(elapsedNs: U64): TimelineEvent[] {
    const gap = Number(elapsedNs);
    const usual = this.#gapsNs.length < LEAST ? undefined : median(this.#gapsNs);
    this.#gapsNs = [...this.#gapsNs.slice(1 - REMEMBERED), gap];
    if (usual === undefined || gap < usual * MISSED_FROM) return [];
    return [{ code: 'missed', samples: Math.max(1, Math.round(gap / usual) - 1), gapNs: elapsedNs }];
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
