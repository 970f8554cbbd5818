import { fraction, order, plus, type Rational, times } from './rational.ts';

/** @param values at least one, in any order. @returns the middle one, or the mean of the two in the middle */
export function median(values: readonly Rational[]): Rational {
  const sorted = values.toSorted(order);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  if (upper === undefined || lower === undefined) throw new RangeError('no median of nothing');
  return sorted.length % 2 === 1 ? upper : times(plus(lower, upper), fraction(1n, 2n));
}

/** An interval that holds the population's median with at least the confidence said, whatever the distribution. */
export interface MedianInterval {
  readonly low: Rational;
  readonly high: Rational;
  /** What the interval's ranks really give: at least the level asked for, or less where even the extremes cannot reach it. */
  readonly confidence: number;
}

/**
 * The r-th smallest and r-th largest value, r as large as the level allows. The interval misses the median when fewer than r of n values fall
 * on one side of it, which has the probability 2·P(X < r) for X binomial (n, ½): Conover, Practical Nonparametric Statistics, 3rd ed., § 3.2.
 * @param values at least one
 * @param level between 0 and 1; 0.95 needs 6 values, fewer give their whole range and its true confidence
 */
export function medianInterval(values: readonly Rational[], level: number): MedianInterval {
  const sorted = values.toSorted(order);
  const { rank, confidence } = intervalRank(sorted.length, level);
  const [low, high] = [sorted[rank - 1], sorted[sorted.length - rank]];
  if (low === undefined || high === undefined) throw new RangeError('no interval of nothing');
  return { low, high, confidence };
}

/** @returns the rank r of medianInterval (from 1) for n values, and the confidence it gives */
export function intervalRank(n: number, level: number): { rank: number; confidence: number } {
  // P(X = 0), then P(X = k + 1) from P(X = k).
  let probability = 2 ** -n;
  let below = probability;
  let rank = 1;
  let confidence = Math.max(0, 1 - 2 * below);
  for (let k = 1; 2 * (k + 1) <= n + 1; k++) {
    probability = (probability * (n - k + 1)) / k;
    below += probability;
    if (1 - 2 * below < level) break;
    rank = k + 1;
    confidence = 1 - 2 * below;
  }
  return { rank, confidence };
}
