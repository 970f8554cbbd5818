/**
 * Exact 64-bit integers in one representation: a `number` up to 2^53 − 1, a `bigint` above, never the other way round.
 * So equal values are `===`, ordinary counters cost what numbers cost, and no digit is ever lost. Plain `+` and `-` on a U64
 * do not type-check; the functions here are the way to calculate.
 */
export type U64 = number | bigint;

/** A difference of two U64: the same representation, and it may be negative. */
export type I64 = number | bigint;

export const U64_MAX = 0xffff_ffff_ffff_ffffn;

/** @returns the canonical form of an exact integer */
export function canonical(value: bigint): U64 {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

export function add(a: U64, b: U64): U64 {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return canonical(BigInt(a) + BigInt(b));
}

/** @returns a − b, negative where b is larger */
export function subtract(a: U64, b: U64): I64 {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return canonical(BigInt(a) - BigInt(b));
}

export function multiply(a: U64, b: U64): U64 {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    if (Number.isSafeInteger(product)) return product;
  }
  return canonical(BigInt(a) * BigInt(b));
}

export function sum(values: Iterable<U64>): U64 {
  let total: U64 = 0;
  for (const value of values) total = add(total, value);
  return total;
}

/** @returns negative, 0 or positive, as for Array.prototype.sort; exact for any mix of representations */
export function compare(a: U64, b: U64): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function max(a: U64, b: U64): U64 {
  return compare(a, b) >= 0 ? a : b;
}

/** @returns a / b as a double, correct to the last bit or so; null where b is 0 */
export function ratio(a: I64, b: U64): number | null {
  return b === 0 ? null : Number(a) / Number(b);
}
