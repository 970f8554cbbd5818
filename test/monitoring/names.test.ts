import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FAMILIES, TARGET_LABELS } from '../../monitoring/families.ts';
import { familiesOf } from '../../src/lib/render/prometheus/families.ts';
import { fixtureSnapshot } from '../fixtures.ts';
import { names } from './names.ts';
import { alertRules, recordRules } from './promtool.ts';

interface GrafanaDashboard {
  readonly uid: string;
  readonly panels: readonly {
    readonly title: string;
    readonly description: string;
    readonly fieldConfig: { readonly defaults: { readonly unit: string } };
    readonly links?: readonly { readonly url: string }[];
    readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
  }[];
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly query?: { readonly query: string } }[];
  };
}

const dashboards = readdirSync('dashboards')
  .filter((file) => file.endsWith('.json'))
  .map((file) => JSON.parse(readFileSync(`dashboards/${file}`, 'utf8')) as GrafanaDashboard);
const panels = dashboards.flatMap((dashboard) => dashboard.panels);
const recorded = new Set(recordRules().map(({ record }) => record));

/** The window that Grafana fills in is a duration to the grammar, too. */
const filled = (expr: string) => expr.replaceAll('$__rate_interval', '1m');

const expressions: [string, string][] = [
  ...alertRules().map(({ alert, expr }): [string, string] => [alert, expr]),
  ...recordRules().map(({ record, expr }): [string, string] => [record, expr]),
  ...panels.flatMap(({ title, targets }) => targets.map(({ expr }): [string, string] => [title, filled(expr)])),
];

test.each(expressions)('%s asks only for what exists', (_, expr) => {
  const { selectors, grouping } = names(expr);
  expect(selectors.length).toBeGreaterThan(0);
  for (const { metric, labels } of selectors) {
    expect([metric, FAMILIES.has(metric) || recorded.has(metric)]).toEqual([metric, true]);
    for (const label of labels) expect([...(FAMILIES.get(metric) ?? []), ...TARGET_LABELS]).toContain(label);
  }
  const known = new Set([...TARGET_LABELS, ...selectors.flatMap(({ metric }) => FAMILIES.get(metric) ?? [])]);
  for (const label of grouping) expect([...known]).toContain(label);
});

test('a family or a label that does not exist is found', () => {
  expect(names('rate(temporal_slab_epoch_estimated_rss_bytes{age_sec="1"}[5m])').selectors).toEqual([
    { metric: 'temporal_slab_epoch_estimated_rss_bytes', labels: ['age_sec'] },
  ]);
  expect(FAMILIES.has('temporal_slab_epoch_estimated_rss_bytes')).toBe(false);
  // A label matcher compares text: this is not PromQL at all.
  expect(() => names('temporal_slab_epoch_refcount{age_sec > 300} > 0')).toThrow('not PromQL');
});

test('the labels that are said to be there are there', () => {
  for (const { name, samples } of familiesOf([{ snapshot: fixtureSnapshot('generation-7.json') }]))
    if (name !== 'temporal_slab_info')
      for (const { labels } of samples)
        expect([name, labels.map(([label]) => label)]).toEqual([name, FAMILIES.get(name)]);
});

test('no panel is without title, description and unit, and none comes twice on a dashboard', () => {
  expect(panels.length).toBeGreaterThanOrEqual(29);
  for (const { title, description, fieldConfig } of panels)
    expect([title, description, fieldConfig.defaults.unit].every((text) => text.length > 0)).toBe(true);
  for (const dashboard of dashboards)
    expect(new Set(dashboard.panels.map(({ title }) => title)).size).toBe(dashboard.panels.length);
  expect(new Set(dashboards.map(({ uid }) => uid)).size).toBe(dashboards.length);
});

test('legends and variables name labels that the queries have', () => {
  for (const { title, targets } of panels)
    for (const { expr, legendFormat } of targets) {
      const known = names(filled(expr)).selectors.flatMap(({ metric }) => [
        ...(FAMILIES.get(metric) ?? []),
        ...TARGET_LABELS,
      ]);
      for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect([title, ...known]).toContain(label);
    }
  for (const { templating } of dashboards)
    for (const { query } of templating.list) {
      const [, metric, label] = /^label_values\((\w+)(?:\{.*\})?, (\w+)\)$/.exec(query?.query ?? '') ?? [];
      if (query?.query) expect([...(FAMILIES.get(metric ?? '') ?? []), ...TARGET_LABELS]).toContain(label);
    }
});

test('every variable that a panel uses is one of its dashboard', () => {
  for (const { panels, templating } of dashboards) {
    const known = templating.list.map(({ name }) => name);
    for (const { targets, links } of panels)
      for (const text of [...targets.map(({ expr }) => expr), ...(links ?? []).map(({ url }) => url)])
        for (const [, name] of text.matchAll(/\$\{?([a-z]\w*)\}?/g)) expect(known).toContain(name);
  }
});

const runbooks = [
  ...alertRules().map(({ annotations }) => annotations['runbook_url'] ?? ''),
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana fills it in.
  ...panels.flatMap(({ links }) => (links ?? []).map(({ url }) => url.replace('${runbooks}', 'docs/runbooks'))),
];
test.each([...new Set(runbooks)])('%s can be opened', (page) => {
  expect(existsSync(page)).toBe(true);
});
