import type { Snapshot } from '../snapshot/model.ts';
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
  /** Objects by the seconds in which they were allocated, where the label says which these are. */
  readonly objectsPerSecond?: number;
}

/** @param epochMs length of a slice; undefined where the program ran in one epoch */
export function leftoversIn({ classes, epochs = [] }: Snapshot, epochMs: number | undefined): Leftovers {
  const bySize = classes
    .map(({ object_size: size, live_objects: objects = 0, live_bytes: bytes = 0 }) => ({
      name: `${size} B`,
      objects,
      bytes,
    }))
    .filter(holds);
  const byTime = [...epochs]
    .sort((a, b) => compare(a.epoch_era ?? 0, b.epoch_era ?? 0))
    .map(({ label = '', live_objects: objects = 0, live_bytes: bytes = 0 }) => {
      const seconds = epochMs === undefined ? undefined : secondsOf(label, epochMs / 1000);
      return { name: label, objects, bytes, ...(seconds && { objectsPerSecond: Number(objects) / seconds }) };
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
const SLICE = new RegExp(`^${TIME}(?:-${TIME})?Z?$`);
const DAY_S = 86_400;

/** @returns the length of the time a slice stands for; undefined where the label is none of ours, or spans more days than one can tell */
function secondsOf(label: string, sliceSec: number): number | undefined {
  const found = SLICE.exec(label);
  if (!found) return undefined;
  const [, fromDay, h1, m1, s1, toDay, h2, m2, s2] = found;
  if (h2 === undefined) return sliceSec;
  if (fromDay !== toDay) return undefined;
  const seconds = secondOfDay(h2, m2, s2) - secondOfDay(h1, m1, s1);
  return seconds > 0 ? seconds : seconds + DAY_S;
}

function secondOfDay(...[h, m, s]: (string | undefined)[]): number {
  return Number(h) * 3600 + Number(m) * 60 + Number(s);
}
