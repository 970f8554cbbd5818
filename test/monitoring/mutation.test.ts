import { expect, test } from 'vitest';
import { ALERT_CASES } from './alert-cases.ts';
import { type Mutant, mutantsOf } from './mutate.ts';
import { type AlertRule, alertRules, recordRules, testAlert, testRecording } from './promtool.ts';
import { RECORD_CASES } from './record-cases.ts';

// Tests of rules that cannot fail are worse than none: whatever is changed in a rule, one of its cases must notice.

const alerts = alertRules();

test.each(
  alerts,
)('$alert: a change of a threshold, a comparison, a condition or the waiting time is noticed', (rule) => {
  const { fires, quiet } = ALERT_CASES[rule.alert] ?? { fires: [], quiet: {} };
  const cases = [...fires, ...Object.values(quiet)];
  expect(survivors(alertMutants(rule), (mutant) => testAlert(mutant, cases))).toEqual([]);
});

test.each(recordRules())('$record: a change is noticed', (rule) => {
  const mutants = mutantsOf(rule.expr).map(({ change, rule: expr }) => ({ change, rule: { ...rule, expr } }));
  expect(mutants.length).toBeGreaterThan(0);
  expect(survivors(mutants, (mutant) => testRecording(mutant, RECORD_CASES[rule.record] ?? []))).toEqual([]);
});

function alertMutants(rule: AlertRule): Mutant<AlertRule>[] {
  const minutes = Number.parseInt(rule.for, 10);
  return [
    ...mutantsOf(rule.expr).map(({ change, rule: expr }) => ({ change, rule: { ...rule, expr } })),
    ...(rule.for === '0s' ? [60] : [0, minutes * 2]).map((hold) => ({
      change: `for: ${rule.for} → ${hold}m`,
      rule: { ...rule, for: `${hold}m` },
    })),
  ];
}

function survivors<R>(mutants: readonly Mutant<R>[], run: (rule: R) => string): string[] {
  return mutants.filter(({ rule }) => run(rule) === '').map(({ change }) => change);
}
