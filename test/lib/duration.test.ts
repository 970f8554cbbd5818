import { expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../src/lib/duration.ts';

test.each([
  [200, '200ms'],
  [1000, '1s'],
  [1500, '1.5s'],
  [59_999, '59.999s'],
  [60_000, '1m'],
  [90_000, '90s'],
  [100_000, '100s'],
  [120_000, '2m'],
  [7_200_000, '120m'],
])('%i ms are written %s, which reads the same', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
  expect(parseDuration(text, 'window')).toBe(ms);
});
