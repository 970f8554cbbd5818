import { max, type U64 } from '../../snapshot/u64.ts';
import type { Counter, Gauge, Measured } from './measures.ts';

/** One instant of a report's charts: one snapshot, or several neighbours merged. */
export interface Point {
  /** Number of the last snapshot merged into it, from 0. */
  readonly index: number;
  readonly timeNs: U64 | undefined;
  /** Counters of two points may be subtracted only where this is the same. */
  readonly run: number;
  /** The highest value of those merged. */
  readonly gauges: Measured<Gauge>;
  /** As of the last one merged. */
  readonly counters: Measured<Counter>;
  /** The highest value of those merged, by label text (hostile). */
  readonly labels: ReadonlyMap<string, U64>;
}

/** Enough for a chart 900 pixels wide, few enough for a page of bounded size. */
export const MAX_POINTS = 600;

/** Collects points in bounded memory: when there are too many, neighbours are merged in pairs, and from then on twice as many go into one. */
export class Timeline {
  #points: Point[] = [];
  #pending: Point | undefined;
  #pendingCount = 0;
  /** Snapshots that go into one point. */
  stride = 1;

  add(point: Point): void {
    this.#pending = this.#pending ? merged(this.#pending, point) : point;
    if (++this.#pendingCount < this.stride) return;
    this.#points.push(this.#pending);
    this.#pending = undefined;
    this.#pendingCount = 0;
    if (this.#points.length < MAX_POINTS) return;
    this.#points = this.#points.flatMap((one, i, all) => {
      const next = all[i + 1];
      return i % 2 === 1 ? [] : [next ? merged(one, next) : one];
    });
    this.stride *= 2;
  }

  points(): readonly Point[] {
    return this.#pending ? [...this.#points, this.#pending] : this.#points;
  }
}

function merged(a: Point, b: Point): Point {
  return { ...b, gauges: highest(a.gauges, b.gauges), labels: highestByLabel(a.labels, b.labels) };
}

function highest(a: Measured<Gauge>, b: Measured<Gauge>): Measured<Gauge> {
  const result: Record<string, U64> = { ...a };
  for (const [name, value] of Object.entries(b)) result[name] = max(value, result[name] ?? 0);
  return result;
}

/** A program that invents labels must not make points grow: what is smallest goes. */
const MAX_LABELS = 64;

function highestByLabel(a: Point['labels'], b: Point['labels']): Map<string, U64> {
  const result = new Map(a);
  for (const [label, bytes] of b) result.set(label, max(bytes, result.get(label) ?? 0));
  if (result.size <= MAX_LABELS) return result;
  return new Map([...result].sort(([, x], [, y]) => Number(y) - Number(x)).slice(0, MAX_LABELS));
}
