import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  add,
  canonical,
  compare,
  max,
  multiply,
  ratio,
  subtract,
  sum,
  U64_MAX,
} from '../../../src/lib/snapshot/u64.ts';

const exact = fc.oneof(
  fc.bigInt({ min: 0n, max: U64_MAX }),
  fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }),
  fc.bigInt({ min: 0n, max: 9n }),
);

test('calculates as bigint does, in canonical form', () => {
  fc.assert(
    fc.property(exact, exact, (a, b) => {
      const [x, y] = [canonical(a), canonical(b)];
      expect(add(x, y)).toBe(canonical(a + b));
      expect(subtract(x, y)).toBe(canonical(a - b));
      expect(multiply(x, y)).toBe(canonical(a * b));
      expect(Math.sign(compare(x, y))).toBe(a < b ? -1 : a > b ? 1 : 0);
      expect(max(x, y)).toBe(canonical(a > b ? a : b));
      expect(sum([x, y, x])).toBe(canonical(a + b + a));
    }),
  );
});

test('is a number up to 2^53 - 1 and a bigint above', () => {
  expect(typeof canonical(2n ** 53n - 1n)).toBe('number');
  expect(typeof canonical(2n ** 53n)).toBe('bigint');
});

test('has no ratio to 0', () => {
  expect(ratio(5, 0)).toBeNull();
  expect(ratio(U64_MAX, U64_MAX)).toBe(1);
  expect(ratio(-1, 2)).toBe(-0.5);
});
