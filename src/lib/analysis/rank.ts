import type { Filter } from './filter.ts';
import type { Measure } from './measure.ts';
import { type Subject, type Value, valueIn } from './subject.ts';

export interface Ranking {
  readonly measure: Measure;
  readonly order: 'desc' | 'asc';
  /** At most so many; all where absent. */
  readonly n?: number;
  readonly filter?: Filter;
  /** How a subject's value is found; valueIn where absent. */
  readonly value?: (subject: Subject, measure: Measure) => Value;
}

export interface Ranked {
  /** 1 for the first; equals share a rank. */
  readonly rank: number;
  readonly subject: Subject;
  readonly value: Value;
}

/**
 * @returns the subjects by value; equals keep the order they came in, and those without a value come last, whatever the order
 */
export function rank(subjects: readonly Subject[], { measure, order, n, filter, value = valueIn }: Ranking): Ranked[] {
  const direction = order === 'desc' ? -1 : 1;
  const sorted = subjects
    .filter((subject) => filter === undefined || filter(subject))
    .map((subject) => ({ subject, value: value(subject, measure) }))
    .sort((a, b) => {
      if (isMissing(a.value) || isMissing(b.value)) return Number(isMissing(a.value)) - Number(isMissing(b.value));
      return direction * compareValues(a.value, b.value);
    });
  let rank = 0;
  return sorted
    .map((one, i) => {
      const before = sorted[i - 1];
      if (!before || !isEqual(before.value, one.value)) rank = i + 1;
      return { rank, ...one };
    })
    .slice(0, n);
}

function isMissing(value: Value): value is null | undefined {
  return value === null || value === undefined;
}

function isEqual(a: Value, b: Value): boolean {
  return isMissing(a) || isMissing(b) ? isMissing(a) && isMissing(b) : a === b;
}

/** Exact for integers of any size and mix; doubles compare as doubles. */
function compareValues(a: number | bigint, b: number | bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
