import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deltaBetween } from '../../../src/lib/analysis/delta.ts';
import { parseFilter, textFilter } from '../../../src/lib/analysis/filter.ts';
import { findMeasure, measureNames, measuresOf } from '../../../src/lib/analysis/measure.ts';
import { rank } from '../../../src/lib/analysis/rank.ts';
import { subjectsOf, subjectsOver } from '../../../src/lib/analysis/subject.ts';
import { UsageError } from '../../../src/lib/errors.ts';
import { canonical, compare, U64_MAX } from '../../../src/lib/snapshot/u64.ts';
import { fixtureSnapshot } from '../../fixtures.ts';

const u64 = fc.bigInt(0n, U64_MAX).map(canonical);
const slow = findMeasure('class', 'slow_path_hits', '--by');
const classes = (values: readonly (number | bigint | undefined)[]) =>
  values.map((value, i) => ({ object_size: i, ...(value !== undefined && { slow_path_hits: value }) }));

describe('rank', () => {
  test('is a stable sort by exact values, both ways, with what is unknown last', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(u64, { nil: undefined })),
        fc.constantFrom('asc' as const, 'desc' as const),
        (values, order) => {
          const ranked = rank(subjectsOf('class', { classes: classes(values) }), { measure: slow, order });
          expect(ranked).toHaveLength(values.length);
          for (const [i, one] of ranked.entries()) {
            const before = ranked[i - 1];
            if (!before) continue;
            if (before.value === undefined) expect(one.value).toBeUndefined();
            if (before.value === undefined || one.value === undefined) continue;
            const step = compare(before.value as bigint, one.value as bigint) * (order === 'desc' ? 1 : -1);
            expect(step).toBeGreaterThanOrEqual(0);
            if (step === 0) expect(Number(one.subject.key)).toBeGreaterThan(Number(before.subject.key));
            expect(one.rank).toBe(step === 0 ? before.rank : i + 1);
          }
        },
      ),
    );
  });

  test('tells 2^64 − 1 from 2^64 − 2, which are one double', () => {
    const ranked = rank(subjectsOf('class', { classes: classes([U64_MAX - 1n, U64_MAX]) }), {
      measure: slow,
      order: 'desc',
      n: 1,
    });
    expect(ranked.map(({ value, subject }) => [value, subject.key])).toEqual([[U64_MAX, '1']]);
  });

  test('over a window: counters and gauges per second, ratios of what happened, ages as they stand', () => {
    const before = fixtureSnapshot('generation-7.json');
    const [first = { object_size: 0 }, ...rest] = before.classes;
    const epochs = (before.epochs ?? []).map((epoch) => ({ ...epoch, estimated_rss_bytes: 8192 }));
    const after = {
      ...before,
      timestamp_ns: BigInt(before.timestamp_ns ?? 0) + 2_000_000_000n,
      classes: [{ ...first, slow_path_hits: 14, bitmap_alloc_attempts: 1008 }, ...rest],
      epochs,
    };
    const delta = deltaBetween(before, after);
    const value = (scope: 'class' | 'epoch' | 'label', by: string, key: string) =>
      rank(subjectsOver(scope, delta), { measure: findMeasure(scope, by, '--by'), order: 'desc' }).find(
        ({ subject }) => subject.key === key,
      )?.value;
    expect(value('class', 'slow_path_hits', '64')).toBe(2);
    expect(value('class', 'slow_path_rate', '64')).toBe(0.5);
    expect(value('class', 'slow_path_rate', '96')).toBeNull();
    expect(value('epoch', 'rss_bytes', '0/1')).toBe(2048);
    expect(value('epoch', 'age_sec', '0/1')).toBe(600);
    expect(value('label', 'rss_bytes', 'request')).toBe((8192 - 20 * 4096) / 2);
  });
});

describe('names', () => {
  test.each([
    ['class', 'slow_path_rate'],
    ['class', 'rss_bytes'],
    ['class', 'lock_contended'],
    ['class', 'madvise_bytes'],
    ['epoch', 'rss_bytes'],
    ['epoch', 'age_sec'],
    ['epoch', 'refcount'],
    ['epoch', 'madvise_bytes'],
    ['label', 'rss_bytes'],
    ['label', 'lock_contended'],
    ['label', 'age_sec'],
  ] as const)('%s knows %s', (scope, name) => {
    expect(measureNames(scope)).toContain(name);
    const measure = findMeasure(scope, name, '--by');
    expect(
      rank(subjectsOf(scope, fixtureSnapshot('generation-7.json')), { measure, order: 'desc' })[0]?.value,
    ).toBeDefined();
  });

  test('no name means two metrics of one scope, and every metric has a value in our own snapshots', () => {
    const snapshot = fixtureSnapshot('generation-7.json');
    for (const scope of ['class', 'epoch', 'label'] as const) {
      const names = measureNames(scope);
      expect(new Set(names).size).toBe(names.length);
      for (const measure of measuresOf(scope))
        expect([measure.name, rank(subjectsOf(scope, snapshot), { measure, order: 'desc' })[0]?.value]).not.toContain(
          undefined,
        );
    }
  });

  test.each([
    ['class', 'slow_pth', /slow_path_hits/],
    ['class', 'age_sec', /--epochs/],
    ['epoch', 'lock_contended', /--classes and --labels/],
    ['epoch', 'zzzzzzzzzzzz', /known are epoch_id/],
  ] as const)('%s has no %s, and says what there is', (scope, name, hint) => {
    const error = (() => {
      try {
        return findMeasure(scope, name, '--by');
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).hint).toMatch(hint);
  });
});

describe('filter', () => {
  const epochs = subjectsOf('epoch', fixtureSnapshot('generation-7.json'));
  const matching = (...texts: string[]) => epochs.filter(parseFilter(texts, 'epoch')).map(({ key }) => key);

  test.each([
    [['WORKER'], ['1/2']],
    [['closing'], ['1/2']],
    [['label=request'], ['2/3']],
    [['state!=ACTIVE'], ['1/2']],
    [['age_sec>315'], ['0/1']],
    [['age_sec >= 315', 'refcount>0'], ['1/2']],
    [['rss_bytes=81920'], ['2/3']],
    [['nothing like this'], []],
  ])('%j', (texts, keys) => {
    expect(matching(...texts)).toEqual(keys);
  });

  test('compares all 64 bits', () => {
    const both = subjectsOf('class', { classes: classes([U64_MAX - 1n, U64_MAX]) });
    expect(both.filter(parseFilter([`slow_path_hits>=${U64_MAX}`], 'class')).map(({ key }) => key)).toEqual(['1']);
  });

  test.each([['age_sec>soon'], ['no_such>1']])('%s is wrong usage', (text) => {
    expect(() => parseFilter([text], 'epoch')).toThrow(UsageError);
  });

  test('while it is being typed, nothing is an error', () => {
    fc.assert(fc.property(fc.string(), (text) => epochs.filter(textFilter(text)).length <= epochs.length));
  });
});
