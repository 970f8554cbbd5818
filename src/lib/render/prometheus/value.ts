import type { Unit } from '../../metrics/catalogue.ts';
import type { U64 } from '../../snapshot/u64.ts';

const NS_DIGITS = 9;

/** @returns the number in the unit Prometheus wants (seconds, bytes), in plain decimal notation, no digit lost or made up */
export function exactValue(value: U64, unit: Unit): string {
  return unit === 'nanoseconds' || unit === 'timestamp' ? nanosecondsAsSeconds(value) : String(value);
}

function nanosecondsAsSeconds(ns: U64): string {
  const digits = String(ns).padStart(NS_DIGITS + 1, '0');
  const fraction = digits.slice(-NS_DIGITS).replace(/0+$/, '');
  return `${digits.slice(0, -NS_DIGITS)}${fraction === '' ? '' : `.${fraction}`}`;
}
