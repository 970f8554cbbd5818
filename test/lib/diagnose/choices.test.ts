import { expect, test } from 'vitest';
import { parseThresholds } from '../../../src/lib/diagnose/choices.ts';

test.each([
  ['refcount-leak.age', 'expected CODE.NAME=VALUE or CODE=off'],
  ['refcount-leak', 'expected CODE.NAME=VALUE or CODE=off'],
  ['refcount-leak=5', 'expected CODE.NAME=VALUE or CODE=off'],
  ['refcount-leek.age=5', 'no finding has the code "refcount-leek"'],
  ['refcount-leak.years=1', 'refcount-leak has no threshold "years"'],
  ['refcount-leak.age=off', 'not a number of seconds: "off"'],
])('--threshold %s: %s', (text, message) => {
  expect(() => parseThresholds([text])).toThrow(`--threshold ${text}: ${message}`);
});

test('a limit turns a rule on again that a file turned off', () => {
  const off = parseThresholds(['refcount-leak=off']);
  expect(off.without).toEqual(new Set(['refcount-leak']));
  const on = parseThresholds(['refcount-leak.age=10m'], off);
  expect([on.without, on.limits.get('refcount-leak')]).toEqual([new Set(), { age: 600 }]);
});
