import { describe, expect, test } from 'vitest';
import { ALERT_CASES } from './alert-cases.ts';
import { alertRules, promtool, testAlert } from './promtool.ts';

const rules = alertRules();

test('promtool finds no fault in the files', () => {
  expect(promtool('check', 'rules', 'alerts/alerts.yml', 'alerts/recording.yml')).not.toContain('FAILED');
});

test('every alert has cases, and no case is for an alert that is gone', () => {
  expect(Object.keys(ALERT_CASES).sort()).toEqual(rules.map(({ alert }) => alert).sort());
});

describe.each(rules)('$alert', (rule) => {
  const cases = ALERT_CASES[rule.alert] ?? { fires: [], quiet: {} };

  test('fires', () => {
    expect(cases.fires.length).toBeGreaterThan(0);
    expect(testAlert(rule, cases.fires)).toBe('');
  });

  test.each(Object.entries(cases.quiet))('stays quiet: %s', (_, quiet) => {
    expect(testAlert(rule, [quiet])).toBe('');
  });
});
