import type { ClassStats, CloseStats, EpochStats, Snapshot } from '../snapshot/model.ts';
import { add, ratio, type U64 } from '../snapshot/u64.ts';
import type { Ratio } from './catalogue.ts';

/** One JSON object of a snapshot that holds numbers: the snapshot itself, a class, an epoch, a close. */
export type Holder = Snapshot | ClassStats | EpochStats | CloseStats;

/** @returns the field's number as the holder has it; undefined where its producer did not say */
export function numberIn(holder: Holder, field: string): U64 | undefined {
  const value = (holder as Record<string, unknown>)[field];
  return typeof value === 'number' || typeof value === 'bigint' ? value : undefined;
}

/** @returns the sum of the fields, or undefined where one of them is absent */
export function sumOfFields(holder: Holder, fields: readonly string[]): U64 | undefined {
  let total: U64 = 0;
  for (const field of fields) {
    const value = numberIn(holder, field);
    if (value === undefined) return undefined;
    total = add(total, value);
  }
  return total;
}

/** @returns Σ of / Σ over × times; undefined where a part is absent, null where the denominator is 0 */
export function ratioIn(holder: Holder, { of, over, times = 1 }: Ratio): number | null | undefined {
  const numerator = sumOfFields(holder, of);
  const denominator = sumOfFields(holder, over);
  if (numerator === undefined || denominator === undefined) return undefined;
  const value = ratio(numerator, denominator);
  return value === null ? null : value * times;
}
