import { expect, test } from 'vitest';
import { recordRules, testRecording } from './promtool.ts';
import { RECORD_CASES } from './record-cases.ts';

const rules = recordRules();

test('every recording has cases, and no case is for one that is gone', () => {
  expect(Object.keys(RECORD_CASES).sort()).toEqual(rules.map(({ record }) => record).sort());
});

test.each(rules)('$record', (rule) => {
  expect(testRecording(rule, RECORD_CASES[rule.record] ?? [])).toBe('');
});
