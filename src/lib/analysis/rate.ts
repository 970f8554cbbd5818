import type { Ratio } from '../metrics/catalogue.ts';
import { add, type I64, ratio, type U64 } from '../snapshot/u64.ts';
import type { Changes } from './delta.ts';

/**
 * @param change how much a number changed; exact
 * @param elapsedNs nanoseconds in between, above 0
 * @returns change per second, as a double; undefined where either is unknown
 */
export function perSecond(change: I64 | undefined, elapsedNs: U64 | undefined): number | undefined {
  if (change === undefined || elapsedNs === undefined || elapsedNs === 0) return undefined;
  return (Number(change) / Number(elapsedNs)) * 1e9;
}

/** @returns every change per second; {} where the time in between is unknown */
export function ratesOf(changes: Changes, elapsedNs: U64 | undefined): Record<string, number> {
  const rates: Record<string, number> = {};
  for (const [field, change] of Object.entries(changes)) {
    const rate = perSecond(change, elapsedNs);
    if (rate !== undefined) rates[field] = rate;
  }
  return rates;
}

/** @returns the ratio over the changes alone: Σ of / Σ over × times; undefined where a part is absent, null where nothing happened in between */
export function ratioOf(changes: Changes, { of, over, times = 1 }: Ratio): number | null | undefined {
  const numerator = sumOf(changes, of);
  const denominator = sumOf(changes, over);
  if (numerator === undefined || denominator === undefined) return undefined;
  const value = ratio(numerator, denominator);
  return value === null ? null : value * times;
}

function sumOf(changes: Changes, fields: readonly string[]): I64 | undefined {
  let total: I64 = 0;
  for (const field of fields) {
    const change = changes[field];
    if (change === undefined) return undefined;
    total = add(total, change);
  }
  return total;
}
