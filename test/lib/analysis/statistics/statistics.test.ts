import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { effectiveSize, isCorrelated, lag1 } from '../../../../src/lib/analysis/statistics/autocorrelation.ts';
import { holm } from '../../../../src/lib/analysis/statistics/holm.ts';
import {
  mannWhitney,
  samplesNeeded,
  smallestP,
  upperTail,
} from '../../../../src/lib/analysis/statistics/mann-whitney.ts';
import { intervalRank, median, medianInterval } from '../../../../src/lib/analysis/statistics/median.ts';
import {
  fraction,
  fromDecimal,
  order,
  type Rational,
  toNumber,
} from '../../../../src/lib/analysis/statistics/rational.ts';

const exactly = (values: readonly number[]): Rational[] =>
  values.map((value) => fromDecimal(String(value)) as Rational);
const from = (first: number, count: number, step = 1) => Array.from({ length: count }, (_, i) => first + i * step);

describe('Mann-Whitney U', () => {
  // wilcox.test(x, y) of R 4.2.2: exact without ties below 50, normal with ties or above, continuity corrected.
  test.each([
    [[0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46], [1.15, 0.88, 0.9, 0.74, 1.21], 35, 0.254412254412254],
    [[1, 2, 3], [4, 5, 6], 0, 0.1],
    [[1, 3, 5, 7, 9, 11, 13], [2, 4, 6, 8, 10, 12, 14, 20], 21, 0.463403263403263],
    [from(1, 8), from(9, 8), 0, 0.000155400155400155],
    [[1, 2, 2, 3, 4, 4, 5], [2, 3, 3, 5, 6, 6, 7], 12.5, 0.136880965774581],
    [[0, 0, 0, 0, 1], [0, 0, 2, 3, 4, 5], 6, 0.0905840203857227],
    [[5, 5, 5, 6], [5, 5, 7, 7], 5, 0.404656761927286],
    [from(1, 59), from(10.5, 61), 1225, 0.00258561995142624],
  ])('agrees with R: %j and %j', (first, second, u, p) => {
    const result = mannWhitney(exactly(first), exactly(second));
    expect(result.u).toBe(u);
    expect(result.p).toBeCloseTo(p, 12);
  });

  // Largest U that is significant at 0.05, two-sided, as textbooks print it and as pwilcox of R 4.2.2 gives it; -1 where none is.
  // Rows m = 3 to 10, columns n = m to 10.
  test.each([
    [3, [-1, -1, 0, 1, 1, 2, 2, 3]],
    [4, [0, 1, 2, 3, 4, 4, 5]],
    [5, [2, 3, 5, 6, 7, 8]],
    [6, [5, 6, 8, 10, 11]],
    [7, [8, 10, 12, 14]],
    [8, [13, 15, 17]],
    [9, [17, 20]],
    [10, [23]],
  ])('has the critical values of the tables for m = %i', (m, critical) => {
    const found = critical.map((_, i) => {
      let largest = -1;
      for (let u = 0; u <= (m * (m + i)) / 2; u++) if (pOf(m, m + i, u) <= 0.05) largest = u;
      return largest;
    });
    expect(found).toEqual(critical);
  });

  /** p of an arrangement with the given U: u of the n second values stand below first ones. */
  function pOf(m: number, n: number, u: number): number {
    const below = Array.from({ length: m }, (_, i) => Math.max(0, Math.min(n, u - i * n)));
    const first = below.map((count, i) => count + 0.25 + (i * 0.5) / m);
    const second = from(1, n);
    // A first value above `count` second values has U contribution `count`.
    const result = mannWhitney(exactly(first), exactly(second));
    expect(result).toMatchObject({ u, method: 'exact' });
    return result.p;
  }

  test('equal values on both sides say nothing', () => {
    expect(mannWhitney(exactly([1, 1, 1]), exactly([1, 1, 1]))).toEqual({ u: 4.5, p: 1, method: 'normal' });
  });

  test('knows what so many samples can say at best', () => {
    expect(smallestP(3, 3)).toBeCloseTo(0.1, 12);
    expect(smallestP(8, 8)).toBeCloseTo(2 / 12870, 15);
    expect([0.05, 0.05 / 25, 0.05 / 300].map(samplesNeeded)).toEqual([4, 7, 8]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), (m, n) => {
        const separated = mannWhitney(exactly(from(1, m)), exactly(from(100, n)));
        expect(separated.p).toBeCloseTo(smallestP(m, n), 12);
      }),
    );
  });

  const values = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 12 });
  test('does not care which side is first, nor about order or scale', () => {
    fc.assert(
      fc.property(values, values, fc.integer({ min: 1, max: 1_000_000 }), (a, b, factor) => {
        const { p, u } = mannWhitney(exactly(a), exactly(b));
        const swapped = mannWhitney(exactly(b), exactly(a));
        expect(swapped.p).toBeCloseTo(p, 12);
        expect(u + swapped.u).toBe(a.length * b.length);
        const scaled = (side: number[]) => side.toReversed().map((value) => fraction(BigInt(value * factor), 7n));
        expect(mannWhitney(scaled(a), scaled(b)).p).toBeCloseTo(p, 12);
        expect(p).toBeGreaterThan(0);
        expect(p).toBeLessThanOrEqual(1);
      }),
    );
  });
});

// pnorm(z, lower.tail = FALSE) of R 4.2.2
test.each([
  [0, 0.5],
  [0.5, 0.308537538725987],
  [1, 0.158655253931457],
  [1.959963984540054, 0.025],
  [2.9, 0.00186581330038404],
  [3, 0.00134989803163009],
  [3.1, 0.000967603213218356],
  [5, 2.86651571879194e-7],
  [8, 6.22096057427178e-16],
  [20, 2.75362411860623e-89],
  [37, 5.72557122252458e-300],
])('upper tail of the normal distribution at %f', (z, p) => {
  expect(upperTail(z) / p).toBeCloseTo(1, 11);
});

describe('Holm', () => {
  test('agrees with p.adjust of R 4.2.2', () => {
    const adjusted = holm([0.01, 0.04, 0.03, 0.005, 0.8, 0.01]);
    for (const [i, p] of [0.05, 0.09, 0.09, 0.03, 0.8, 0.05].entries()) expect(adjusted[i]).toBeCloseTo(p, 12);
  });

  test('never lowers a p, keeps their order, and leaves one alone', () => {
    const p = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 });
    fc.assert(
      fc.property(p, (raw) => {
        const adjusted = holm(raw);
        raw.forEach((one, i) => {
          expect(adjusted[i]).toBeGreaterThanOrEqual(one);
          raw.forEach((other, j) => {
            if (one < other) expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j] as number);
          });
        });
      }),
    );
    expect(holm([0.03])).toEqual([0.03]);
    expect(holm([])).toEqual([]);
  });
});

describe('median', () => {
  // qbinom(0.025, n, 0.5) and pbinom of R 4.2.2; the ranks are those of Conover's table A3.
  test.each([
    [1, 1, 0],
    [2, 1, 0.5],
    [5, 1, 0.9375],
    [6, 1, 0.96875],
    [7, 1, 0.984375],
    [8, 1, 0.9921875],
    [9, 2, 0.9609375],
    [10, 2, 0.978515625],
    [11, 2, 0.98828125],
    [12, 3, 0.96142578125],
    [15, 4, 0.96484375],
    [20, 6, 0.958610534668],
    [25, 8, 0.956714749336],
    [30, 10, 0.957226054743],
    [50, 18, 0.967160862436],
    [100, 40, 0.964799799782],
  ])('95 %% interval of %i values begins at rank %i', (n, rank, confidence) => {
    const found = intervalRank(n, 0.95);
    expect(found.rank).toBe(rank);
    expect(found.confidence).toBeCloseTo(confidence, 11);
  });

  test('is the middle, and lies in its interval', () => {
    expect(toNumber(median(exactly([3, 1, 2])))).toBe(2);
    expect(toNumber(median(exactly([4, 1, 2, 3])))).toBe(2.5);
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: 1, maxLength: 40 }), (counts) => {
        const all = counts.map((count) => fraction(count));
        const { low, high } = medianInterval(all, 0.95);
        expect(order(low, median(all))).toBeLessThanOrEqual(0);
        expect(order(median(all), high)).toBeLessThanOrEqual(0);
      }),
    );
  });
});

describe('autocorrelation', () => {
  test('agrees with acf of R 4.2.2', () => {
    expect(lag1([3, 5, 4, 6, 8, 7, 9, 12, 10, 11, 14, 13])).toBeCloseTo(0.676573426573427, 12);
    expect(lag1([1, -1, 1, -1, 2, -2])).toBeCloseTo(-0.75, 12);
  });
  test('a trend is worth one value, independent values are worth themselves', () => {
    expect([from(1, 20), from(1, 8), [4, 1, 3, 2, 4, 1]].map(effectiveSize)).toEqual([1, 8, 6]);
  });
  test('a trend is correlated, a constant and a zigzag are not', () => {
    expect([from(1, 20), Array<number>(20).fill(4), [1, 2, 1, 2, 1, 2]].map(isCorrelated)).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('exact fractions', () => {
  test('say what a decimal says', () => {
    expect(fromDecimal('0.1')).toEqual(fraction(1n, 10n));
    expect(order(fromDecimal('1.10') as Rational, fraction(11n, 10n))).toBe(0);
    expect(toNumber(fromDecimal('2.5e-7') as Rational)).toBe(2.5e-7);
    expect(toNumber(fromDecimal('1e3') as Rational)).toBe(1000);
    for (const text of ['', 'x', '1.', '.5', '1e9999', '0x10', '1 ']) expect(fromDecimal(text)).toBeUndefined();
  });
  test('tell neighbours of 64 bits apart', () => {
    expect(order(fraction(2n ** 64n - 1n), fraction(2n ** 64n - 2n))).toBe(1);
    expect(toNumber(fraction(2n ** 3000n, 2n ** 2999n))).toBe(2);
  });
});
