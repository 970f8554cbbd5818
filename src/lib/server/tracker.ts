import type { Delta } from '../analysis/delta.ts';
import { perSecond } from '../analysis/rate.ts';
import { type EpochSpan, EpochSpans } from '../analysis/report/epoch-spans.ts';
import { COUNTERS, GAUGES, measure } from '../analysis/report/measures.ts';
import { type Reading, Timeline } from '../analysis/timeline.ts';
import type { Snapshot } from '../snapshot/model.ts';
import { subtract, type U64 } from '../snapshot/u64.ts';
import { Findings } from './findings.ts';
import type { Point } from './stream.ts';

/** Ten minutes of a page that is open. */
const KEPT_POINTS = 600;

/** Remembers one process in bounded memory. */
export class Tracker {
  readonly #timeline = new Timeline();
  readonly #epochs = new EpochSpans();
  readonly findings = new Findings();
  #points: Point[] = [];
  #run = 0;
  #reading: Reading | undefined;

  add(snapshot: Snapshot, takenMs: number): void {
    const reading = this.#timeline.next(snapshot);
    if (reading.events.some(({ code }) => code === 'unchanged')) return;
    if (reading.delta && !reading.delta.continuous) this.#run++;
    this.#reading = reading;
    this.findings.add(snapshot, takenMs);
    this.#epochs.add(snapshot, this.#run, { index: reading.sequence, timeNs: snapshot.timestamp_ns });
    this.#points.push(pointOf(reading, takenMs));
    if (this.#points.length > KEPT_POINTS * 1.25) this.#points = this.#points.slice(-KEPT_POINTS);
  }

  get reading(): Reading | undefined {
    return this.#reading;
  }

  get points(): readonly Point[] {
    return this.#points;
  }

  get epochs(): readonly EpochSpan[] {
    return this.#epochs.spans();
  }
}

function pointOf({ snapshot, delta }: Reading, takenMs: number): Point {
  const { rss, slabs, live, pinned } = measure(GAUGES, snapshot);
  const rise = risesOf(delta);
  const rate = (change: U64 | undefined) => perSecond(change, delta?.elapsedNs) ?? null;
  const [hits, mapped, refused] = [rise('slowPath'), rise('cacheMiss'), rise('epochClosed')];
  const other =
    hits === undefined || mapped === undefined || refused === undefined
      ? undefined
      : subtract(subtract(hits, mapped), refused);
  return [
    snapshot.timestamp_ns === undefined ? takenMs : Number(snapshot.timestamp_ns) / 1e6,
    ...[rss, slabs, live, pinned].map(asNumber),
    ...[mapped, refused, other, rise('allocations')].map(rate),
  ];
}

function risesOf(delta: Delta | undefined): (name: keyof typeof COUNTERS) => U64 | undefined {
  if (!delta?.continuous) return () => undefined;
  const [before, after] = [measure(COUNTERS, delta.before), measure(COUNTERS, delta.after)];
  return (name) => {
    const [was, is] = [before[name], after[name]];
    return was === undefined || is === undefined ? undefined : subtract(is, was);
  };
}

/** @returns a double for drawing; null where the number is not known */
export function asNumber(value: U64 | undefined): number | null {
  return value === undefined ? null : Number(value);
}
