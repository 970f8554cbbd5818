import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../src/lib/errors.ts';
import { ALL_ROWS, CATALOGUE, type MetricRow, type Scope } from '../../../src/lib/metrics/catalogue.ts';
import { parseConstLabels } from '../../../src/lib/render/prometheus/const-labels.ts';
import { exposition } from '../../../src/lib/render/prometheus/exposition.ts';
import { familiesOf, type Instance } from '../../../src/lib/render/prometheus/families.ts';
import { exactValue } from '../../../src/lib/render/prometheus/value.ts';
import { forTerminal } from '../../../src/lib/render/safe-text.ts';
import type { Snapshot } from '../../../src/lib/snapshot/model.ts';
import { canonical } from '../../../src/lib/snapshot/u64.ts';
import { fixtureSnapshot } from '../../fixtures.ts';
import { hostileText } from '../../hostile-text.ts';

const text = (...instances: Instance[]) => exposition(instances, { format: 'text', version: '1.2.3' });
const openMetrics = (...instances: Instance[]) => exposition(instances, { format: 'openmetrics', version: '1.2.3' });
const full = () => structuredClone(fixtureSnapshot('generation-7.json'));
const names = (snapshot: Snapshot) => familiesOf([{ snapshot }]).map((family) => family.name);

describe('values', () => {
  test.each([
    [0, 'bytes', '0'],
    [18446744073709551615n, 'events', '18446744073709551615'],
    [0, 'nanoseconds', '0'],
    [1, 'nanoseconds', '0.000000001'],
    [1_500_000_000, 'nanoseconds', '1.5'],
    [18446744073709551615n, 'nanoseconds', '18446744073.709551615'],
    [1770486521361625487n, 'timestamp', '1770486521.361625487'],
    [1_000_000_000, 'timestamp', '1'],
  ] as const)('%s %s is %s', (value, unit, expected) => {
    expect(exactValue(value, unit)).toBe(expected);
  });

  test('seconds say every nanosecond', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 64n - 1n), (ns) => {
        const [whole = '', fraction = ''] = exactValue(canonical(ns), 'nanoseconds').split('.');
        expect(BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'))).toBe(ns);
      }),
    );
  });
});

describe('families', () => {
  test('every row of the catalogue that has a family is there', () => {
    const numbers = (scope: Scope) => Object.fromEntries(CATALOGUE[scope].map(({ field }) => [field, 1]));
    const byLabel = Object.fromEntries(CATALOGUE.label.map(({ field }) => [field, { 1: 1 }]));
    const everything = {
      ...numbers('top'),
      classes: [{ ...numbers('class'), contention_by_label: byLabel }],
      epochs: [numbers('epoch')],
      last_epoch_close: numbers('close'),
      longest_epoch_close: numbers('longest'),
    } as unknown as Snapshot;
    const expected = ALL_ROWS.flatMap((row) => (typeof row.prom === 'string' ? [row.prom] : []));
    expect(names(everything)).toEqual(expect.arrayContaining(expected));
    expect(names(full()).length).toBeGreaterThan(40);
  });

  test.each([1, 2, 3, 4, 5, 6])('what generation %i lacks is absent, not 0', (generation) => {
    const snapshot = fixtureSnapshot(`generation-${generation}.json`);
    const family = (row: MetricRow) => (typeof row.prom === 'string' ? [row.prom] : []);
    const there = names(snapshot);
    for (const name of ALL_ROWS.filter((row) => row.since > generation).flatMap(family))
      expect(there).not.toContain(name);
    for (const name of ALL_ROWS.filter((row) => row.since <= generation).flatMap(family)) expect(there).toContain(name);
  });

  test('a family is named as its type wants, and no name is the name of another without its suffix', () => {
    const families = familiesOf([{ snapshot: full() }]);
    const bare = families.map(({ name, type }) =>
      type === 'counter' ? name.replace(/_total$/, '') : type === 'info' ? name.replace(/_info$/, '') : name,
    );
    expect(new Set(bare).size).toBe(bare.length);
    for (const { name, type } of families) expect(name.endsWith('_total')).toBe(type === 'counter');
  });

  test('classes that were never used count from 0', () => {
    expect(text({ snapshot: full() })).toContain(
      'temporal_slab_class_slow_path_hits_total{class="7",object_size="768"} 0\n',
    );
  });

  test('labels that never contended count from 0', () => {
    expect(text({ snapshot: full() })).toContain(
      'temporal_slab_class_lock_contended_by_label_total{class="2",object_size="128",label="background-worker-3"} 0\n',
    );
  });

  test('by-label families are there only where the producer splits by label', () => {
    const snapshot = full();
    for (const cls of snapshot.classes) delete cls.contention_by_label;
    expect(names(snapshot).filter((name) => name.includes('_by_label'))).toEqual([]);
  });

  test('lock acquisitions are the sum of both ways, beyond 64 bits if need be', () => {
    const snapshot = full();
    Object.assign(snapshot.classes[0] ?? {}, { lock_fast_acquire: 18446744073709551615n, lock_contended: 2 });
    expect(text({ snapshot })).toContain('lock_acquisitions_total{class="0",object_size="64"} 18446744073709551617\n');
  });
});

describe('labels', () => {
  const labelled = (...labels: string[]) => {
    const snapshot = full();
    snapshot.label_registry = { labels: Object.fromEntries(['unlabeled', ...labels].map((label, id) => [id, label])) };
    snapshot.epochs = labels.map((label, epoch_id) => ({ epoch_id, refcount: 1, label }));
    return snapshot;
  };

  test('any text comes back as it is shown on a terminal, on one line', () => {
    fc.assert(
      fc.property(
        hostileText({ maxLength: 40 }).filter((label) => label !== ''),
        (label) => {
          for (const write of [text, openMetrics]) {
            const lines = write({ snapshot: labelled(label) })
              .split('\n')
              .filter((line) => line.startsWith('temporal_slab_epoch_refcount'));
            expect(lines.length).toBe(1);
            const [, quoted = ''] = /label="((?:[^"\\]|\\.)*)"\} 1$/.exec(lines[0] ?? '') ?? [];
            expect(quoted.replace(/\\(.)/g, '$1')).toBe(forTerminal(label));
            expect(lines[0]).not.toMatch(/[\p{Cc}\p{Cf}]/u);
          }
        },
      ),
    );
  });

  test('a label outside the registry is other: the number of series has a bound', () => {
    const snapshot = labelled('request');
    snapshot.epochs = Array.from({ length: 4000 }, (_, i) => ({ epoch_id: i, refcount: 1, label: `request-${i}` }));
    const values = [...text({ snapshot }).matchAll(/epoch_refcount\{.*?label="([^"]*)"/g)].map(([, label]) => label);
    expect(new Set(values)).toEqual(new Set(['other']));
    expect(values.length).toBe(256);
  });

  test('registered labels that look alike are one series with the sum', () => {
    const snapshot = labelled('a\n', 'a\\n');
    const [cls] = snapshot.classes;
    snapshot.classes = cls ? [{ ...cls, contention_by_label: { lock_contended: { 1: 2, 2: 3, 9: 4 } } }] : [];
    const lines = text({ snapshot })
      .split('\n')
      .filter((line) => line.startsWith('temporal_slab_class_lock_contended_by'));
    expect(lines).toEqual([
      'temporal_slab_class_lock_contended_by_label_total{class="0",object_size="64",label="unlabeled"} 0',
      'temporal_slab_class_lock_contended_by_label_total{class="0",object_size="64",label="a\\\\n"} 5',
      'temporal_slab_class_lock_contended_by_label_total{class="0",object_size="64",label="other"} 4',
    ]);
  });

  test('a very long text is cut', () => {
    const value = /refcount\{.*label="([^"]*)"/.exec(text({ snapshot: labelled('é'.repeat(5000)) }))?.[1];
    expect(value).toBe(`${'é'.repeat(128)}…`);
  });
});

describe('several processes', () => {
  const two = () =>
    text(
      { snapshot: full(), labels: [['pid', '1']] },
      { snapshot: fixtureSnapshot('generation-1.json'), labels: [['pid', '2']] },
    );

  test('a family is announced once and holds both', () => {
    expect(two().match(/# TYPE temporal_slab_rss_bytes /g)).toHaveLength(1);
    expect(two()).toContain('temporal_slab_rss_bytes{pid="1"} 9437184\ntemporal_slab_rss_bytes{pid="2"} 9437184\n');
  });

  test('what one of them lacks is there for the other only', () => {
    expect(two()).toContain('temporal_slab_threads{pid="1"} 4\n');
    expect(two()).not.toContain('temporal_slab_threads{pid="2"}');
  });

  test('two that no label tells apart give each series once', () => {
    const lines = text({ snapshot: full() }, { snapshot: full() })
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(new Set(lines).size).toBe(lines.length);
  });

  test('none at all is still an exposition', () => {
    expect(openMetrics()).toMatch(/^# TYPE tslab_build info\n.*\ntslab_build_info\{version="1.2.3"\} 1\n# EOF\n$/s);
  });
});

test("no sample bears a label 'instance', which Prometheus gives its target; the allocator's number comes once", () => {
  expect(text({ snapshot: full() })).toMatch(/^temporal_slab_info\{.*allocator_instance="1".*\} 1$/m);
  const labelled = text({ snapshot: full(), labels: [['allocator_instance', '7']] });
  expect(labelled).toMatch(/^temporal_slab_info\{allocator_instance="7",.*\} 1$/m);
  for (const page of [text({ snapshot: full() }), labelled]) expect(page).not.toMatch(/[{,]instance="/);
  expect(labelled).not.toMatch(/allocator_instance=.*allocator_instance=/);
});

describe('constant labels', () => {
  test('are taken apart at the first =', () => {
    expect(parseConstLabels(['service=a=b', 'empty='])).toEqual([
      ['service', 'a=b'],
      ['empty', ''],
    ]);
  });
  test.each(['service', '=x', '9a=x', 'a-b=x', '__name__=x', 'epoch=1', 'le=1', 'ü=1'])('%s is refused', (label) => {
    expect(() => parseConstLabels([label])).toThrow(UsageError);
  });
  test('twice the same name is refused', () => {
    expect(() => parseConstLabels(['a=1', 'a=2'])).toThrow(/twice/);
  });
});
