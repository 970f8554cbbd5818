import { expect, test } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatMetric,
  formatNanoseconds,
  formatPercent,
  formatSeconds,
  formatShare,
  formatSi,
  formatTimestamp,
} from '../../src/lib/units.ts';
import { rate as perSecondOnPage } from '../../src/page/numbers.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '0.98 KiB'],
  [1024, '1 KiB'],
  [1_572_864, '1.50 MiB'],
  [1_047_552, '0.999 MiB'.replace('0.999', '1.00')],
  [-4096, '-4 KiB'],
  [18446744073709551615n, '16 EiB'],
])('%s bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

test.each([
  [0, '0'],
  [1234567, '1,234,567'],
  [18446744073709551615n, '18,446,744,073,709,551,615'],
  [-1234, '-1,234'],
])('%s counts as %s', (count, text) => expect(formatCount(count)).toBe(text));

test('other units', () => {
  expect(formatSi(1250)).toBe('1.25k');
  expect(formatNanoseconds(870)).toBe('870 ns');
  expect(formatNanoseconds(12_500)).toBe('12.5 µs');
  expect(formatSeconds(605)).toBe('10m 5s');
  expect(formatSeconds(0)).toBe('0s');
  expect(formatPercent(0.001)).toBe('<0.01 %');
  expect(formatTimestamp(1770486521361625487n)).toBe('2026-02-07T17:48:41.361625487Z');
  expect(formatTimestamp(18446744073709551615n)).toBe('2554-07-21T23:34:33.709551615Z');
});

test('what is not 0 is never shown as 0, what is not all never as 100 %', () => {
  expect(formatSi(0)).toBe('0');
  expect(formatSi(0.001)).toBe('<0.01');
  expect(formatSi(-0.001)).toBe('>-0.01');
  expect(formatSi(0.005)).toBe('0.01');
  expect(formatBytes(0.001)).toBe('<0.01 B');
  expect(formatPercent(99.94)).toBe('99.9 %');
  expect(formatPercent(99.95)).toBe('>99.9 %');
  expect(formatShare(0.99996)).toBe('>99.9 %');
  expect(formatPercent(100)).toBe('100 %');
  expect(perSecondOnPage(0.001)).toBe('<0.01/s');
});

test('what is not said is a dash, never 0', () => {
  expect(formatMetric(undefined, 'bytes')).toBe('–');
  expect(formatMetric(null, 'ratio')).toBe('–');
});
