import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  ALL_ROWS,
  CATALOGUE,
  COMPUTED,
  type MetricRow,
  NOT_METRICS,
  pathOf,
  type Scope,
} from '../../../src/lib/metrics/catalogue.ts';

const schema = JSON.parse(readFileSync('schemas/snapshot.schema.json', 'utf8'));

/** @returns every leaf of the schema as a JSON pointer with * for array elements and label ids */
function schemaPaths(node: Record<string, unknown>, at = ''): string[] {
  const properties = (node['properties'] ?? {}) as Record<string, Record<string, unknown>>;
  return Object.entries(properties).flatMap(([name, child]) => {
    const path = `${at}/${name}`;
    if (child['items']) return [path, ...schemaPaths(child['items'] as Record<string, unknown>, `${path}/*`)];
    if (child['additionalProperties']) return [`${path}/*`];
    return child['properties'] ? [path, ...schemaPaths(child, path)] : [path];
  });
}

test('every schema field has a row, or a stated reason not to', () => {
  const rows = new Set(ALL_ROWS.map(pathOf));
  const unexplained = schemaPaths(schema).filter(
    (path) => !rows.has(path) && !(path in NOT_METRICS) && !/^\/(label_registry|allocator|process)\//.test(path),
  );
  expect(unexplained).toEqual([]);
});

test('every row and every stated reason is a schema field', () => {
  const paths = new Set(schemaPaths(schema));
  expect([...ALL_ROWS.map(pathOf), ...Object.keys(NOT_METRICS)].filter((path) => !paths.has(path))).toEqual([]);
});

test('agrees with the table that the C side prints from', () => {
  const scopes: Record<string, Scope[]> = {
    TOP: ['top'],
    CLASS: ['class'],
    EPOCH: ['epoch'],
    CLOSE: ['close', 'longest'],
  };
  const table = readFileSync('native/include/temporal_slab_fields.def', 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  const native = [...table.matchAll(/^\s*(U64|F64)\((\w+),\s*(\w+),\s*(\w+)\)/gm)].flatMap(
    ([, type, scope, name, kind]) =>
      (scopes[scope as string] ?? [scope]).map((one) => `${one} ${name} ${type?.toLowerCase()} ${kind?.toLowerCase()}`),
  );
  const ours = ALL_ROWS.filter((row) => row.scope !== 'label').map(
    (row) => `${row.scope} ${row.field} ${row.type} ${row.kind}`,
  );
  expect(native.length).toBeGreaterThan(100);
  expect(ours.toSorted()).toEqual(native.toSorted());
});

describe.each(ALL_ROWS.map((row): [string, MetricRow] => [pathOf(row), row]))('%s', (_, row) => {
  const siblings = new Set(CATALOGUE[row.scope].map((other) => other.field));
  test('refers to rows that exist', () => {
    const classFields = new Set<string>(CATALOGUE.class.map((other) => other.field));
    if (row.sumOf !== undefined) expect(classFields).toContain(row.sumOf);
    for (const field of [row.per, ...(row.ratio?.of ?? []), ...(row.ratio?.over ?? [])])
      if (field !== undefined) expect(siblings).toContain(field);
  });
  test('is named as Prometheus wants', () => {
    if (typeof row.prom !== 'string') return;
    expect(row.prom).toMatch(/^temporal_slab_[a-z_]+$/);
    expect(row.prom.endsWith('_total')).toBe(row.kind === 'counter');
    expect(row.prom).not.toMatch(/_(ns|ms|kb|pct)(_|$)/);
  });
  test('has a title that fits a column and a help of one sentence', () => {
    expect(row.title.length).toBeLessThanOrEqual(12);
    expect(row.help).toMatch(/^[A-Z][^\n]*[^.]$/);
  });
});

test('no two families share a name', () => {
  const names = ALL_ROWS.flatMap((row) => (typeof row.prom === 'string' ? [row.prom] : []));
  expect(names.length).toBe(new Set(names).size);
  expect(names.length).toBeGreaterThan(40);
});

test.each(Object.keys(CATALOGUE) as Scope[])('no two names of scope %s mean different things to top --by', (scope) => {
  const rows = [
    ...CATALOGUE[scope].map(({ field, by = [] }) => [field, ...by]),
    ...COMPUTED.filter((one) => one.scope === scope).map(({ name, by = [] }) => [name, ...by]),
  ];
  const names = rows.flat();
  expect(names.length).toBe(new Set(names).size);
});

test('computed ratios divide rows that exist', () => {
  for (const { scope, ratio } of COMPUTED) {
    const fields = CATALOGUE[scope].map((row) => row.field);
    expect(fields).toEqual(expect.arrayContaining([...ratio.of, ...ratio.over]));
  }
});
