/**
 * Exact fractions. Rates of 64-bit counters are compared as fractions, so that two of them are equal exactly when they are, ties are
 * ties, and "10 % more" of 100 is 110 and not 110.00000000000001.
 */
export interface Rational {
  readonly numerator: bigint;
  /** Above 0; not necessarily in lowest terms. */
  readonly denominator: bigint;
}

export const ZERO: Rational = { numerator: 0n, denominator: 1n };
export const ONE: Rational = { numerator: 1n, denominator: 1n };

/** @param denominator above 0 */
export function fraction(numerator: number | bigint, denominator: number | bigint = 1n): Rational {
  return { numerator: BigInt(numerator), denominator: BigInt(denominator) };
}

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;

/** @returns exactly what the decimal says (`0.1` is one tenth), or undefined for what is none */
export function fromDecimal(text: string): Rational | undefined {
  const match = DECIMAL.exec(text);
  if (!match) return undefined;
  const [, sign = '', whole = '', part = '', exponent = '0'] = match;
  const digits = BigInt(`${whole}${part}`) * (sign === '-' ? -1n : 1n);
  const power = Number(exponent) - part.length;
  return power >= 0 ? fraction(digits * 10n ** BigInt(power)) : fraction(digits, 10n ** BigInt(-power));
}

export function plus(a: Rational, b: Rational): Rational {
  return a.denominator === b.denominator
    ? { numerator: a.numerator + b.numerator, denominator: a.denominator }
    : fraction(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);
}

export function minus(a: Rational, b: Rational): Rational {
  return plus(a, { numerator: -b.numerator, denominator: b.denominator });
}

export function times(a: Rational, b: Rational): Rational {
  return fraction(a.numerator * b.numerator, a.denominator * b.denominator);
}

/** @returns negative, 0 or positive, as for Array.prototype.sort; exact */
export function order(a: Rational, b: Rational): number {
  const left = a.numerator * b.denominator;
  const right = b.numerator * a.denominator;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** @returns the nearest double or one beside it, also where both parts are beyond a double's range */
export function toNumber({ numerator, denominator }: Rational): number {
  const size = numerator < 0n ? -numerator : numerator;
  const bits = Math.max(size.toString(2).length, denominator.toString(2).length);
  if (bits <= 1000) {
    const exact = Number(numerator) / Number(denominator);
    if (Number.isFinite(exact)) return exact;
  }
  const shift = BigInt(Math.max(0, bits - 1000));
  return Number(numerator >> shift) / Number(denominator >> shift);
}
