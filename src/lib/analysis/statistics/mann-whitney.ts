import { order, type Rational } from './rational.ts';

/** The outcome of a two-sided Mann-Whitney U test: does one side tend to larger values? */
export interface RankTest {
  /** Pairs in which the first side's value is the larger one; ties count one half. */
  readonly u: number;
  /** Probability of a U at least as far from its mean if both sides were drawn from the same distribution. */
  readonly p: number;
  readonly method: 'exact' | 'normal';
}

/** From here on the exact distribution differs from the normal one in no digit that matters. */
const EXACT_BELOW = 50;

/**
 * Mann and Whitney (1947), "On a test of whether one of two random variables is stochastically larger than the other". Exact where no two values
 * are equal and each side has fewer than 50; otherwise the normal approximation, its variance corrected for ties and ½ for continuity
 * (Hollander, Wolfe and Chicken, Nonparametric Statistical Methods, 3rd ed., § 4.1).
 * @param first at least one value
 * @param second at least one value
 */
export function mannWhitney(first: readonly Rational[], second: readonly Rational[]): RankTest {
  const [m, n] = [first.length, second.length];
  const { u, tieTerm } = rankSum(first, second);
  if (tieTerm === 0 && m < EXACT_BELOW && n < EXACT_BELOW) {
    const tail = Math.min(u, m * n - u);
    const atMost = distribution(m, n)
      .slice(0, tail + 1)
      .reduce((sum, probability) => sum + probability, 0);
    return { u, p: Math.min(1, 2 * atMost), method: 'exact' };
  }
  const all = m + n;
  const variance = ((m * n) / 12) * (all + 1 - tieTerm / (all * (all - 1)));
  if (variance <= 0) return { u, p: 1, method: 'normal' };
  const distance = Math.max(0, Math.abs(u - (m * n) / 2) - 0.5);
  return { u, p: Math.min(1, 2 * upperTail(distance / Math.sqrt(variance))), method: 'normal' };
}

/** @returns U of the first side, and Σ(t³ − t) over the groups of t equal values */
function rankSum(first: readonly Rational[], second: readonly Rational[]): { u: number; tieTerm: number } {
  const pooled = [
    ...first.map((value) => ({ value, first: true })),
    ...second.map((value) => ({ value, first: false })),
  ].sort((a, b) => order(a.value, b.value));
  let ranks = 0;
  let tieTerm = 0;
  for (let start = 0; start < pooled.length; ) {
    let end = start + 1;
    const head = pooled[start];
    for (let next = pooled[end]; head && next && order(head.value, next.value) === 0; next = pooled[end]) end++;
    const size = end - start;
    tieTerm += size ** 3 - size;
    // Ranks count from 1; equal values share the mean of theirs.
    ranks += ((start + 1 + end) / 2) * pooled.slice(start, end).filter((entry) => entry.first).length;
    start = end;
  }
  return { u: ranks - (first.length * (first.length + 1)) / 2, tieTerm };
}

const distributions = new Map<string, readonly number[]>();

/**
 * @returns P(U = u) for u from 0 to m·n where all arrangements are equally likely. The largest value belongs to either side, so
 * P(m, n, u) = m/(m+n)·P(m−1, n, u−n) + n/(m+n)·P(m, n−1, u): the recursion of Mann and Whitney.
 */
function distribution(m: number, n: number): readonly number[] {
  const key = `${m},${n}`;
  const known = distributions.get(key);
  if (known) return known;
  let made: number[];
  if (m === 0 || n === 0) made = [1];
  else {
    const fromFirst = distribution(m - 1, n);
    const fromSecond = distribution(m, n - 1);
    made = Array.from(
      { length: m * n + 1 },
      (_, u) => (m * (fromFirst[u - n] ?? 0) + n * (fromSecond[u] ?? 0)) / (m + n),
    );
  }
  distributions.set(key, made);
  return made;
}

/**
 * @returns the smallest p that m and n values can give: all of one side above all of the other, 2 arrangements of (m+n choose m)
 */
export function smallestP(m: number, n: number): number {
  let arrangements = 1;
  for (let i = 1; i <= m; i++) arrangements *= (n + i) / i;
  return Math.min(1, 2 / arrangements);
}

/** @returns the smallest size of both sides at which some outcome has a p of at most `level`; level above 0 */
export function samplesNeeded(level: number): number {
  let size = 1;
  while (smallestP(size, size) > level) size++;
  return size;
}

/**
 * @returns P(Z > z) of the standard normal distribution for z ≥ 0, ½·erfc(z/√2): series below 3, Laplace's continued fraction above
 * (Abramowitz and Stegun 26.2.11 and 26.2.14). Absolute error below 1e-15, relative error below 1e-12.
 */
export function upperTail(z: number): number {
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z < 3) {
    let term = z;
    let sum = z;
    for (let k = 3; term > sum * 1e-18; k += 2) {
      term *= (z * z) / k;
      sum += term;
    }
    return 0.5 - density * sum;
  }
  let fraction = z;
  for (let k = 200; k >= 1; k--) fraction = z + k / fraction;
  return density / fraction;
}
