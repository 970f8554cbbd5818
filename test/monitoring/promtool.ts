import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
}

export interface RecordRule {
  readonly record: string;
  readonly expr: string;
}

/** Series in promtool's notation: `name{labels}` to values, one a minute. */
export type Series = Readonly<Record<string, string>>;

export interface AlertCase {
  readonly series: Series;
  /** Minutes after which it is looked at. */
  readonly at: number;
  /** Labels of what fires then, without those of the rule; none for quiet. */
  readonly fires: readonly Record<string, string>[];
}

export interface RecordCase {
  readonly series: Series;
  readonly at: number;
  /** `{labels}` to value. */
  readonly is: Readonly<Record<string, number>>;
}

export const alertRules = (): AlertRule[] => rules('alerts/alerts.yml');
export const recordRules = (): RecordRule[] => rules('alerts/recording.yml');

function rules<T>(path: string): T[] {
  return (parse(readFileSync(path, 'utf8')) as { groups: { rules: T[] }[] }).groups.flatMap((group) => group.rules);
}

/** Runs promtool's unit tests. Annotations are left out of the comparison: rendered.test.ts has those. @returns what failed, empty if nothing */
export function testAlert(rule: AlertRule, cases: readonly AlertCase[]): string {
  const { annotations: _, ...bare } = rule;
  return promtoolTest(
    [bare],
    cases.map(({ series, at, fires }) => ({
      interval: '1m',
      input_series: inputs(series),
      alert_rule_test: [
        {
          eval_time: `${at}m`,
          alertname: rule.alert,
          exp_alerts: fires.map((labels) => ({ exp_labels: { ...rule.labels, ...labels } })),
        },
      ],
    })),
  );
}

export function testRecording(rule: RecordRule, cases: readonly RecordCase[]): string {
  return promtoolTest(
    [rule],
    cases.map(({ series, at, is }) => ({
      interval: '1m',
      input_series: inputs(series),
      promql_expr_test: [
        {
          // Rates are doubles: 0.5000000000000001 is 0.5.
          expr: `round(${rule.record}, 1e-6)`,
          eval_time: `${at}m`,
          exp_samples: Object.entries(is).map(([labels, value]) => ({ labels, value })),
        },
      ],
    })),
  );
}

/** @returns the alerts' annotations as Prometheus renders them: what promtool says it got where nothing is expected */
export function rendered(rule: AlertRule, { series, at }: AlertCase): string[] {
  const said = promtoolTest(
    [rule],
    [
      {
        interval: '1m',
        input_series: inputs(series),
        alert_rule_test: [{ eval_time: `${at}m`, alertname: rule.alert, exp_alerts: [] }],
      },
    ],
  );
  return [...said.matchAll(/Annotations:\{(.*?)\}\]?\s*$/gm)].map(([, text]) => text ?? '');
}

function inputs(series: Series): object[] {
  return Object.entries(series).map(([name, values]) => ({ series: name, values }));
}

function promtoolTest(tested: readonly object[], tests: readonly object[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'tslab-promtool-'));
  try {
    writeFileSync(join(directory, 'rules.yml'), stringify({ groups: [{ name: 'tested', rules: tested }] }));
    writeFileSync(
      join(directory, 'test.yml'),
      stringify({ rule_files: ['rules.yml'], evaluation_interval: '1m', tests }),
    );
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', join(directory, 'test.yml')], {
      encoding: 'utf8',
    });
    return status === 0 ? '' : `${stdout}${stderr}` || `promtool ended with ${status}`;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export function promtool(...args: string[]): string {
  return execFileSync('promtool', args, { encoding: 'utf8' });
}
