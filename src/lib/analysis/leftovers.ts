import type { EpochStats, Snapshot } from '../snapshot/model.ts';
import { compare, sum, type U64 } from '../snapshot/u64.ts';

/** Objects that were never freed, as the last snapshot of a program has them. */
export interface Leftovers {
  readonly objects: U64;
  readonly bytes: U64;
  /** What holds something, by size. */
  readonly classes: readonly Left[];
  /** What holds something, oldest first. */
  readonly slices: readonly Left[];
}

export interface Left {
  /** A class's size, `128 B`; an epoch's label, which is hostile text. */
  readonly name: string;
  readonly objects: U64;
  readonly bytes: U64;
  /** Objects by the seconds in which they were allocated, where the label says which these are; null where that cannot be told. */
  readonly objectsPerSecond?: number | null;
}

/** How the time of a program was cut into slices. Times are since 1970. */
export interface Slicing {
  readonly epochMs: number;
  /** When its allocator was made: with its first object. */
  readonly madeMs: number;
  readonly endedMs: number;
  /** Of the labels, minutes east of UTC. */
  readonly utcOffsetMin: number;
}

/** @param slicing undefined where the program ran in one epoch */
export function leftoversIn({ classes, epochs = [] }: Snapshot, slicing: Slicing | undefined): Leftovers {
  const bySize = classes
    .map(({ object_size: size, live_objects: objects = 0, live_bytes: bytes = 0 }) => ({
      name: `${size} B`,
      objects,
      bytes,
    }))
    .filter(holds);
  const byTime = [...epochs]
    .sort((a, b) => compare(a.epoch_era ?? 0, b.epoch_era ?? 0))
    .map((epoch) => {
      const { label = '', live_objects: objects = 0, live_bytes: bytes = 0 } = epoch;
      const seconds = slicing && secondsOf(epoch, slicing);
      const objectsPerSecond = seconds ? Number(objects) / seconds : seconds === null ? null : undefined;
      return { name: label, objects, bytes, ...(objectsPerSecond !== undefined && { objectsPerSecond }) };
    })
    .filter(holds);
  return {
    objects: sum(bySize.map(({ objects }) => objects)),
    bytes: sum(bySize.map(({ bytes }) => bytes)),
    classes: bySize,
    slices: byTime,
  };
}

function holds({ objects }: { objects: U64 }): boolean {
  return objects !== 0;
}

/** `12:00:16` or `12:00:16-12:00:32`, with `11-23 ` before a time of another day, and with milliseconds: native/preload/ageing.c. */
const TIME = String.raw`(?:(\d\d-\d\d) )?(\d\d):(\d\d):(\d\d(?:\.\d{3})?)`;
const SLICE = new RegExp(`^${TIME}(?:-${TIME})?(Z?)$`);
const DAY_MS = 86_400_000;
/** As sharp as the clock is that a slice goes by, and a little: what is shorter says nothing of a rate. */
const CLOCK_MS = 5;
/** A busy program looks at the clock less often, and opens a slice late by up to this share of it: native/preload/slices.c. */
const LATE_SHARE = 1 / 4;

/**
 * @returns how long the program was at work in what the label stands for; undefined where the label is none of ours, null where it is not known
 */
function secondsOf({ label = '', open_since_ns: opened }: EpochStats, slicing: Slicing): number | null | undefined {
  const found = SLICE.exec(label);
  if (!found) return undefined;
  const [, fromDay, h1, m1, s1, toDay, h2, m2, s2, utc] = found;
  if (!opened || (h2 !== undefined && fromDay !== toDay)) return null;
  const openedMs = Number(opened) / 1e6;
  const localMs = openedMs + (utc ? 0 : slicing.utcOffsetMin * 60_000);
  const startOfDay = msOfDay(h1, m1, s1);
  const lateMs = modulo(localMs - startOfDay + CLOCK_MS, DAY_MS) - CLOCK_MS;
  const lengthMs = h2 === undefined ? slicing.epochMs : modulo(msOfDay(h2, m2, s2) - startOfDay, DAY_MS) || DAY_MS;
  const fromMs = openedMs - lateMs;
  // Later than that, it had nothing to allocate: that time counts.
  const sinceMs = Math.max(slicing.madeMs, lateMs > slicing.epochMs * LATE_SHARE ? fromMs : openedMs);
  const lastedMs = Math.min(slicing.endedMs, fromMs + lengthMs) - sinceMs;
  return lastedMs < CLOCK_MS ? null : lastedMs / 1000;
}

function msOfDay(...[h, m, s]: (string | undefined)[]): number {
  return Math.round((Number(h) * 3600 + Number(m) * 60 + Number(s)) * 1000);
}

function modulo(a: number, n: number): number {
  return ((a % n) + n) % n;
}
