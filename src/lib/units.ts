import type { Unit } from './metrics/catalogue.ts';
import type { I64, U64 } from './snapshot/u64.ts';

/** What stands where a producer did not say a number: never 0. */
export const ABSENT = '–';

const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

/** @returns e.g. `512 B`, `1.5 MiB`: three significant digits, IEC units */
export function formatBytes(bytes: I64 | number): string {
  let value = Number(bytes);
  let unit = 0;
  while (Math.abs(value) >= 999.5 && unit < BINARY.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${significant(value)} ${BINARY[unit]}`;
}

/** @returns whole numbers in full with thousands separated by commas, whatever their size */
export function formatCount(count: I64): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

const SI = ['', 'k', 'M', 'G', 'T', 'P', 'E'];

/** @returns e.g. `950`, `1.25k`, `3.4M`: three significant digits, SI prefixes; for rates and other inexact counts */
export function formatSi(value: number): string {
  let scaled = value;
  let prefix = 0;
  while (Math.abs(scaled) >= 999.5 && prefix < SI.length - 1) {
    scaled /= 1000;
    prefix++;
  }
  return `${significant(scaled)}${SI[prefix]}`;
}

/** @returns e.g. `870 ns`, `12.5 µs`, `1.2 s` */
export function formatNanoseconds(ns: U64 | number): string {
  const value = Number(ns);
  if (value < 999.5) return `${significant(value)} ns`;
  if (value < 999.5e3) return `${significant(value / 1e3)} µs`;
  if (value < 999.5e6) return `${significant(value / 1e6)} ms`;
  return value < 60e9 ? `${significant(value / 1e9)} s` : formatSeconds(value / 1e9);
}

/** @returns e.g. `42s`, `10m 5s`, `3h 20m`, `12d 4h` */
export function formatSeconds(seconds: U64 | number): string {
  const whole = Math.floor(Number(seconds));
  const [d, h, m, s] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
    whole % 60,
  ];
  if (d > 0) return h > 0 ? `${d}d ${h}h` : `${d}d`;
  if (h > 0) return m > 0 ? `${h}h ${m}m` : `${h}h`;
  if (m > 0) return s > 0 ? `${m}m ${s}s` : `${m}m`;
  return `${s}s`;
}

/** @param share 0 to 1 and above. @returns as formatPercent */
export function formatShare(share: number): string {
  return formatPercent(share * 100);
}

/** @returns e.g. `12.5 %`; what is tiny is `<0.01 %`, never a false 0, and what is nearly all `>99.9 %`, never a false 100 % */
export function formatPercent(percent: number): string {
  if (percent === 0) return '0 %';
  if (percent >= 99.95 && percent < 100) return '>99.9 %';
  return Math.abs(percent) < 0.01 ? '<0.01 %' : `${significant(percent)} %`;
}

/** @returns the snapshot's wall clock time as ISO 8601 in UTC with nanoseconds */
export function formatTimestamp(ns: U64): string {
  const exact = BigInt(ns);
  const seconds = exact / 1_000_000_000n;
  // Date ends at the year 275760; what lies beyond is no time of a snapshot, and is shown as it came.
  if (seconds > 8_640_000_000_000n) return `${ns} ns`;
  const date = new Date(Number(seconds) * 1000).toISOString();
  return `${date.slice(0, -5)}.${String(exact % 1_000_000_000n).padStart(9, '0')}Z`;
}

/** @returns a metric's number as people read it; ABSENT for undefined (not said) and null (0 divided by 0) */
export function formatMetric(value: I64 | number | null | undefined, unit: Unit): string {
  if (value === undefined || value === null) return ABSENT;
  switch (unit) {
    case 'bytes':
      return formatBytes(value);
    case 'seconds':
      return formatSeconds(value);
    case 'nanoseconds':
      return formatNanoseconds(value);
    case 'timestamp':
      return formatTimestamp(value);
    case 'percent':
      return formatPercent(Number(value));
    case 'ratio':
      return formatShare(Number(value));
    case 'id':
      return String(value);
    default:
      return formatCount(value);
  }
}

function significant(value: number): string {
  const size = Math.abs(value);
  // Two decimals would make it a false 0.
  if (size > 0 && size < 0.005) return value < 0 ? '>-0.01' : '<0.01';
  const digits = size >= 99.95 || Number.isInteger(value) ? 0 : size >= 9.995 ? 1 : 2;
  return value.toFixed(digits);
}
