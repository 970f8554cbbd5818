import { Flags } from '@oclif/core';
import { UsageError } from './errors.ts';

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Longer than this, timers of Node wrap around. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * @param text such as `200ms`, `1.5s`, `2m`, `1h`; a bare number is seconds
 * @returns milliseconds, above 0
 * @throws UsageError naming the flag
 */
export function parseDuration(text: string, flag: string): number {
  const [, digits = '', unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text.trim()) ?? [];
  const ms = Number(digits) * (UNITS_MS[unit] ?? Number.NaN);
  if (digits !== '' && ms >= 1 && ms <= LONGEST_MS) return ms;
  throw new UsageError(
    'bad-duration',
    `--${flag}: not a duration: ${JSON.stringify(text)}`,
    'write a number and ms, s, m or h, from 1ms to 24d: 200ms, 1.5s, 2m',
  );
}

/** @returns how parseDuration would read it: `200ms`, `1.5s`, `100s`, `2m` */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${ms}ms`;
  return ms % 60_000 === 0 ? `${ms / 60_000}m` : `${ms / 1000}s`;
}

/** A flag that takes a duration and gives milliseconds. */
export function durationFlag(name: string, description: string) {
  return Flags.custom<number>({
    description,
    helpValue: 'TIME',
    parse: async (text) => parseDuration(text, name),
  })();
}
