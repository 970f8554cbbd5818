import { readFileSync } from 'node:fs';

/**
 * The rules with every minute made two seconds and every hour one minute, so that a test need not wait for hours: windows, offsets and `for`.
 * A subquery looks as often as there are scrapes, every 15 seconds in earnest and every two here. Thresholds, ages of epochs included, stay as they are.
 * @returns the text of the file
 */
export function shortened(path: string): string {
  return readFileSync(path, 'utf8')
    .replaceAll(/(\[|offset |for: )(\d+)m\b/g, (_, before, minutes) => `${before}${Number(minutes) * 2}s`)
    .replaceAll(/(\[|offset )(\d+)h\b/g, (_, before, hours) => `${before}${hours}m`)
    .replaceAll(/\[(\d+)d\b/g, (_, days) => `[${Number(days) * 24}m`)
    .replaceAll(':15s]', ':2s]');
}
