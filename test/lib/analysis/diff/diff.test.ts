import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { choiceOf, sidesOf } from '../../../../src/lib/analysis/diff/arguments.ts';
import { type Case, exceeds, judgeFamily } from '../../../../src/lib/analysis/diff/compare.ts';
import { parseConfig } from '../../../../src/lib/analysis/diff/config.ts';
import { type DiffChoice, diff } from '../../../../src/lib/analysis/diff/diff.ts';
import { endOf } from '../../../../src/lib/analysis/diff/end.ts';
import { metricsFor } from '../../../../src/lib/analysis/diff/metric.ts';
import { RunCollector } from '../../../../src/lib/analysis/diff/run.ts';
import { exampleSnapshot, selfTest } from '../../../../src/lib/analysis/diff/self-test.ts';
import { parseThreshold } from '../../../../src/lib/analysis/diff/threshold.ts';
import { fraction, fromDecimal, type Rational, times, ZERO } from '../../../../src/lib/analysis/statistics/rational.ts';
import { COMPUTED, TOP } from '../../../../src/lib/metrics/catalogue.ts';
import type { Snapshot } from '../../../../src/lib/snapshot/model.ts';
import { fixtureSnapshot } from '../../../fixtures.ts';

const CHOICE: DiffChoice = {
  mode: 'auto',
  samples: 'auto',
  failOn: 'regression',
  alpha: 0.05,
  by: ['total'],
  thresholds: new Map(),
};

/** Each argument one file: a snapshot or a recording. */
function side(...files: (Snapshot | Snapshot[])[]) {
  const runs = files.flatMap((file) => {
    const collector = new RunCollector();
    for (const snapshot of [file].flat()) collector.add(snapshot);
    return collector.runs();
  });
  return { sources: files.map((_, i) => `file${i}`), runs };
}

/** A run of its own: another process, nothing else changed but what is said. */
let pid = 1000;
function run(changes: Partial<Snapshot> = {}): Snapshot {
  return { ...exampleSnapshot(), pid: pid++, ...changes };
}

/** The same process, so much later and with so much more done. */
function later(
  snapshot: Snapshot,
  seconds: number,
  more: Partial<Record<keyof Snapshot, number | bigint>> = {},
): Snapshot {
  const copy = structuredClone(snapshot) as unknown as Record<string, number | bigint>;
  copy['timestamp_ns'] = BigInt(snapshot.timestamp_ns ?? 0) + BigInt(seconds) * 1_000_000_000n;
  for (const [field, growth] of Object.entries(more)) copy[field] = BigInt(copy[field] ?? 0) + BigInt(growth);
  return copy as unknown as Snapshot;
}

function compare(before: ReturnType<typeof side>, after: ReturnType<typeof side>, changes: Partial<DiffChoice> = {}) {
  const result = diff(before, after, { ...CHOICE, ...changes });
  const of = (name: string) => result.comparisons.find((one) => one.name === name);
  return { result, of, exit: endOf(result)?.exitCode ?? 0 };
}

function withoutTime({ timestamp_ns: _, ...rest }: Snapshot): Snapshot {
  return rest;
}

const codeOf = (call: () => unknown): string => {
  try {
    call();
    return 'none';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('which comparison it is', () => {
  const start = run({ total_slow_path_hits: 10_000 });
  const alloc = 'total_bitmap_alloc_attempts';

  test('one process at two times: deltas against what was before', () => {
    const { result, of } = compare(
      side(start),
      side(later(start, 10, { total_slow_path_hits: 2000, [alloc]: 100_000 })),
    );
    expect(result.mode).toBe('same-process');
    expect(of('slow_path_rate')).toMatchObject({
      status: 'regression',
      before: { median: 0.01 },
      after: { median: 0.02, amount: 2000n, operations: 100_000n },
    });
  });

  test('two processes: rates, whatever the totals', () => {
    const longer = run({ total_slow_path_hits: 40_000, [alloc]: 4_000_000 });
    const { result, of } = compare(side(start), side(longer));
    expect(result.mode).toBe('two-runs');
    expect(of('slow_path_rate')).toMatchObject({ status: 'same', before: { median: 0.01 }, after: { median: 0.01 } });
  });

  test.each<[string, Snapshot]>([
    ['a clock that went back, and no epoch that both know', { ...later(start, -3600, { [alloc]: 5 }), epochs: [] }],
    ['a counter went down', later(start, 10, { total_slow_path_hits: -1 })],
    ['another instance', { ...later(start, 10), allocator: { instance: 2 } }],
    ['another pid', { ...later(start, 10), pid: 1 }],
    [
      'an epoch opened at another time',
      later({ ...start, epochs: [{ ...start.epochs?.[0], epoch_id: 0, open_since_ns: 7 }] }, 10),
    ],
  ])('the pid alone does not make it one process: %s', (_, other) => {
    expect(compare(side(start), side(other)).result.mode).toBe('two-runs');
  });

  test('--mode two-runs overrides', () => {
    expect(compare(side(start), side(later(start, 10)), { mode: 'two-runs' }).result.mode).toBe('two-runs');
  });

  const { pid: _, ...timeless } = withoutTime(exampleSnapshot());
  const timelessRecording = () => side([timeless, withoutTime(later(timeless, 0, { [alloc]: 5 }))]);

  test('two runs without a time that repeat exactly are told to be so', () => {
    const result = compare(side(timeless), side(structuredClone(timeless)), { mode: 'two-runs' });
    expect([result.result.mode, result.exit]).toEqual(['two-runs', 0]);
  });

  test.each<[string, ReturnType<typeof side>, ReturnType<typeof side>]>([
    ['same-snapshot', side(start), side(start)],
    ['same-snapshot', side(timeless), side(structuredClone(timeless))],
    ['same-snapshot', timelessRecording(), timelessRecording()],
    ['wrong-order', side(later(start, 10)), side(start)],
    ['clock-backwards', side(start), side(later(start, -3600, { [alloc]: 5 }))],
    ['mixed-processes', side(start, run()), side(later(start, 5), run())],
    ['empty-side', side(), side(start)],
    [
      'not-one-process',
      side([start, later(start, 5), later(start, 9)]),
      side([later(start, 5), later(start, 9), later(start, 12)]),
    ],
  ])('%s is refused', (code, before, after) => {
    expect(codeOf(() => compare(before, after))).toBe(code);
  });

  test('--mode same-process of two processes is refused', () => {
    expect(codeOf(() => compare(side(start), side(run()), { mode: 'same-process' }))).toBe('not-one-process');
  });

  test('files of one process are one run, not independent ones', () => {
    const { result } = compare(side(start, later(start, 1), later(start, 2)), side(run(), run(), run()));
    expect(result.before.processes).toBe(3);
    expect(result.comparisons[0]?.before.samples).toBe(1);
  });

  /** A recording of 1,000 allocations a second. */
  function recording(seconds: number, slowPathHits: (second: number) => number): Snapshot[] {
    const snapshots = [run()];
    for (let i = 0; i < seconds; i++)
      snapshots.push(later(snapshots.at(-1) as Snapshot, 1, { [alloc]: 1000, total_slow_path_hits: slowPathHits(i) }));
    return snapshots;
  }

  test('intervals are samples where each side is one recording; --samples run takes each as a whole', () => {
    const jagged = (base: number) => recording(30, (i) => base + ((i * 7) % 5));
    const [before, after] = [jagged(10), jagged(30)];
    const intervals = compare(side(before), side(after));
    expect(intervals.result.samples).toBe('interval');
    expect(intervals.of('slow_path_rate')).toMatchObject({ status: 'regression', before: { samples: 30 } });
    const whole = compare(side(before), side(after), { samples: 'run' });
    expect(whole.of('slow_path_rate')).toMatchObject({ status: 'regression', exact: true, before: { samples: 1 } });
    expect(codeOf(() => compare(side(before, run()), side(after), { samples: 'interval' }))).toBe('no-intervals');
  });

  test('intervals that resemble their neighbours are merged', () => {
    const { of, exit } = compare(side(recording(40, (i) => i)), side(recording(40, (i) => 20 + i)));
    expect(of('slow_path_rate')?.before.samples).toBeLessThan(4);
    expect(of('slow_path_rate')?.status).toBe('too-few');
    expect(exit).toBe(5);
  });

  test('a long recording is thinned without losing an event', () => {
    let now = run();
    const collector = new RunCollector();
    collector.add(now);
    for (let i = 0; i < 1500; i++) {
      now = later(now, 1, { [alloc]: 10 });
      collector.add(now);
    }
    const [only, ...others] = collector.runs();
    expect(others).toEqual([]);
    expect(only?.seen).toBe(1501);
    expect(only?.snapshots.length).toBeLessThan(260);
    expect(only?.snapshots.at(-1)).toBe(now);
    expect(only?.snapshots[0]?.[alloc]).toBe(1_000_000);
  });

  test('a process restarted within a recording is two runs', () => {
    const first = run();
    expect(side([first, later(first, 1), run(), run()]).runs.length).toBe(3);
  });
});

describe('rules', () => {
  test('every metric of the catalogue with a worse direction has one', () => {
    const metrics = metricsFor(['total'], []);
    const judged = metrics.filter(({ worse }) => worse).flatMap(({ name, aliases }) => [name, ...aliases]);
    const wanted = [
      ...TOP.filter((row) => 'worse' in row).map(({ field }) => field),
      ...COMPUTED.filter(({ worse }) => worse).map(({ name }) => name),
    ];
    expect(wanted.filter((name) => !judged.includes(name))).toEqual([]);
  });

  test('no number is judged twice', () => {
    const { result } = compare(side(run()), side(run()));
    const keys = result.comparisons.map(({ name }) => name);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).not.toContain('total_slow_path_hits');
  });

  const slow = (hits: number) => run({ total_slow_path_hits: hits });
  test.each([
    [110_000, 'within'],
    [110_001, 'regression'],
    [100_001, 'within'],
    [100_000, 'same'],
    [90_910, 'within'],
    [90_909, 'improvement'],
  ])('slow paths from 100,000 to %i per million: %s', (hits, status) => {
    expect(compare(side(slow(100_000)), side(slow(hits))).of('slow_path_rate')?.status).toBe(status);
  });

  test.each<[string[], number, string]>([
    [['slow_path_rate=+10%,abs=2%'], 115_000, 'within'],
    [['slow_path_rate=+0%,abs=1%'], 110_000, 'within'],
    [['slow_path_rate=+0%,abs=1%'], 110_001, 'regression'],
    [['slow_path_rate=+10%,abs=2%'], 120_001, 'regression'],
    [['total_slow_path_hits=+50%'], 120_000, 'within'],
    [['default=50%'], 120_000, 'within'],
    [['default=50%', 'slow_path_rate=+5%'], 106_000, 'regression'],
    [['slow_path_rate=max=0.1'], 100_001, 'regression'],
    [['slow_path_rate=-10%'], 120_000, 'improvement'],
  ])('%j at %i: %s', (threshold, hits, status) => {
    const { thresholds } = choiceOf(flags({ threshold }), { thresholds: new Map() });
    expect(compare(side(slow(100_000)), side(slow(hits)), { thresholds }).of('slow_path_rate')?.status).toBe(status);
  });

  test('off stops judging', () => {
    const { thresholds } = choiceOf(flags({ threshold: ['slow_path_rate=off'] }), { thresholds: new Map() });
    expect(compare(side(slow(1)), side(slow(100_000)), { thresholds })).toMatchObject({ exit: 0 });
    const all = choiceOf(flags({ threshold: ['default=off'] }), { thresholds: new Map() });
    expect(codeOf(() => compare(side(slow(1)), side(slow(1)), { thresholds: all.thresholds }))).toBe(
      'nothing-comparable',
    );
  });

  test('a refusal by the kernel fails, even where nothing else of it can be compared', () => {
    const failed = run({ total_madvise_failures: 1 });
    expect(compare(side(run()), side(failed))).toMatchObject({ exit: 3 });
    const bare = ({ classes, total_madvise_failures, net_slabs }: Snapshot) =>
      ({ classes: classes.map(({ object_size }) => ({ object_size })), total_madvise_failures, net_slabs }) as Snapshot;
    const { result, exit } = compare(side(bare(run())), side(bare(failed)));
    expect(result.notComparable).toContainEqual(
      expect.objectContaining({ name: 'total_madvise_failures', beyondMax: true }),
    );
    expect(exit).toBe(3);
  });

  test('what one side lacks is not comparable, named; nothing in common or a named metric missing is refused', () => {
    const [old, now] = [fixtureSnapshot('generation-1.json'), fixtureSnapshot('generation-7.json')];
    const { result, exit } = compare(side(old), side(now));
    expect(exit).toBe(0);
    expect(result.notComparable).toContainEqual(
      expect.objectContaining({ name: 'slow_path_rate', reason: { code: 'absent', side: 'before' } }),
    );
    const { thresholds } = choiceOf(flags({ threshold: ['slow_path_rate=+5%'] }), { thresholds: new Map() });
    expect(codeOf(() => compare(side(old), side(now), { thresholds }))).toBe('not-comparable');
    expect(codeOf(() => compare(side({ classes: [] }), side(now)))).toBe('nothing-comparable');
  });

  test('--fail-on', () => {
    const better = [side(slow(100_000)), side(slow(1000))] as const;
    expect(compare(...better).exit).toBe(0);
    expect(compare(...better, { failOn: 'change' }).exit).toBe(3);
    const worse = [side(slow(1000)), side(slow(100_000))] as const;
    expect(compare(...worse).exit).toBe(3);
    expect(compare(...worse, { failOn: 'never' }).exit).toBe(0);
    const moved = run({ total_slabs_recycled: 2_000_000 });
    expect(compare(side(run()), side(moved)).exit).toBe(0);
    expect(compare(side(run()), side(moved), { failOn: 'change' }).exit).toBe(3);
  });

  test('a difference of one in 2^64 is seen', () => {
    const top = 2n ** 64n - 1n;
    const [a, b] = [run({ net_slabs: top - 1n }), run({ net_slabs: top })];
    expect(compare(side(a), side(b)).of('net_slabs')).toMatchObject({
      status: 'within',
      before: { amount: top - 1n },
      after: { amount: top },
    });
    const { thresholds } = choiceOf(flags({ threshold: ['net_slabs=+0%'] }), { thresholds: new Map() });
    expect(compare(side(a), side(b), { thresholds }).exit).toBe(3);
  });
});

describe('samples', () => {
  const noisy = (level: number, count: number) =>
    Array.from({ length: count }, (_, i) => run({ rss_bytes_current: level + ((i * 37) % 11) * 100 }));

  test('one sample a side judges what only the program decides; noisy numbers are left, unless named', () => {
    const [a, b] = [side(...noisy(1e6, 1)), side(...noisy(2e6, 1))];
    expect(compare(a, b).of('rss_bytes_current')).toMatchObject({ status: 'too-few', gated: true });
    expect(compare(a, b).exit).toBe(0);
    const { thresholds } = choiceOf(flags({ threshold: ['rss=+10%'] }), { thresholds: new Map() });
    expect(compare(a, b, { thresholds }).exit).toBe(5);
  });

  test('too few are said to be, with how many it takes; as many are enough', () => {
    const few = compare(side(...noisy(1e6, 3)), side(...noisy(2e6, 3)));
    expect(few).toMatchObject({ exit: 5 });
    const needed = few.result.needed as number;
    expect(needed).toBe(4);
    const enough = compare(side(...noisy(1e6, needed)), side(...noisy(2e6, needed)));
    expect(enough.of('rss_bytes_current')).toMatchObject({ status: 'regression' });
    expect(enough.exit).toBe(3);
    expect(compare(side(...noisy(1e6, needed)), side(...noisy(1e6, needed))).exit).toBe(0);
  });

  test('significant and small is no regression, large and uncertain neither', () => {
    expect(compare(side(...noisy(1e6, 8)), side(...noisy(1.05e6, 8))).of('rss_bytes_current')?.status).toBe('within');
    const wild = (values: number[]) => side(...values.map((rss_bytes_current) => run({ rss_bytes_current })));
    const { of, exit } = compare(wild([1, 9, 2, 8, 3, 7]), wild([9, 1, 8, 8, 9, 3]));
    expect([of('rss_bytes_current')?.status, exit]).toEqual(['noise', 0]);
  });
});

const rational = fc
  .tuple(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }))
  .map(([n, d]) => fraction(n, d));
const samples = fc.array(rational, { minLength: 1, maxLength: 9 });
const rule = fc.record({
  relative: fc.bigInt({ min: 0n, max: 300n }).map((percent) => fraction(percent, 100n)),
  absolute: fc.bigInt({ min: 0n, max: 1000n }).map((n) => fraction(n)),
  worse: fc.constantFrom('up', 'down') as fc.Arbitrary<'up' | 'down'>,
  explicit: fc.constant(false),
});
const judge = (one: Omit<Case, 'beyondMax'>) => judgeFamily([{ ...one, beyondMax: false }], 0.05)[0]?.status;
const MIRROR: Record<string, string> = { regression: 'improvement', improvement: 'regression' };

describe('properties of the verdict', () => {
  test('swapping the sides turns worse into better and changes nothing else', () => {
    fc.assert(
      fc.property(samples, samples, rule, fc.boolean(), (before, after, rule, noisy) => {
        const there = judge({ before, after, rule, noisy }) as string;
        expect(judge({ before: after, after: before, rule, noisy })).toBe(MIRROR[there] ?? there);
      }),
      { numRuns: 500 },
    );
  });

  test('another unit of measure changes no verdict', () => {
    fc.assert(
      fc.property(samples, samples, rule, rational, (before, after, rule, factor) => {
        fc.pre(factor.numerator > 0n);
        const scaled = (values: Rational[]) => values.map((value) => times(value, factor));
        const there = judge({ before, after, rule, noisy: false });
        const rescaled = { ...rule, absolute: times(rule.absolute, factor) };
        expect(judge({ before: scaled(before), after: scaled(after), rule: rescaled, noisy: false })).toBe(there);
      }),
    );
  });

  test('a larger threshold never makes a regression', () => {
    fc.assert(
      fc.property(rational, rational, rule, rule, (from, to, one, other) => {
        const larger = {
          relative: fraction(one.relative.numerator + other.relative.numerator, 100n),
          absolute: fraction(one.absolute.numerator + other.absolute.numerator),
        };
        if (exceeds(from, to, one.worse, larger)) expect(exceeds(from, to, one.worse, one)).toBe(true);
      }),
    );
  });

  test('the same on both sides is never a finding', () => {
    fc.assert(
      fc.property(samples, rule, fc.boolean(), (values, rule, noisy) => {
        expect(['same', 'noise', 'too-few']).toContain(judge({ before: values, after: values, rule, noisy }));
      }),
    );
    expect(exceeds(ZERO, ZERO, 'up', { relative: ZERO, absolute: ZERO })).toBe(false);
  });
});

function flags(changes: { threshold?: string[]; alpha?: string } = {}) {
  return {
    'fail-on': undefined,
    alpha: undefined,
    by: undefined,
    mode: 'auto' as const,
    samples: 'auto' as const,
    threshold: undefined,
    ...changes,
  };
}

describe('what a person writes', () => {
  test.each([
    'slow_path_rate',
    '=+10%',
    'no_such_metric=+10%',
    'rss=5',
    'rss=+10',
    'rss=abs=5parsecs',
    'rss=abs=-5',
    'default=+10%',
    'rss=',
    'rss=+10%,off',
    'slow_path_rate=abs=1MiB',
  ])('--threshold %s is refused', (text) => {
    expect(['bad-threshold', 'unknown-metric']).toContain(codeOf(() => parseThreshold(text)));
  });

  test('thresholds take units', () => {
    expect(parseThreshold('rss=+5%,abs=1.5MiB')).toEqual([
      'rss',
      { relative: expect.anything(), worse: 'up', absolute: fraction(15n * 1048576n, 10n) },
    ]);
    expect(parseThreshold('slow_path_rate=abs=0.5%')[1]).toEqual({ absolute: fraction(5n, 1000n) });
    expect(parseThreshold('close_ns=abs=2us')[1]).toEqual({ absolute: fraction(2000n) });
    expect(parseThreshold('net_slabs=max=18446744073709551615')[1]).toEqual({ max: fraction(2n ** 64n - 1n) });
  });

  test.each<[string, Parameters<typeof sidesOf>[0]]>([
    ['missing-side', { first: ['a'], second: null, before: [], after: [] }],
    ['missing-side', { first: [], second: ['b'], before: [], after: [] }],
    ['missing-side', { first: [], second: null, before: ['a'], after: [] }],
    ['unclear-sides', { first: ['a', 'b', 'c'], second: null, before: [], after: [] }],
    ['two-ways', { first: ['a'], second: null, before: ['a'], after: ['b'] }],
    ['two-stdin', { first: ['-', '-'], second: null, before: [], after: [] }],
  ])('%s', (code, given) => {
    expect(codeOf(() => sidesOf(given))).toBe(code);
  });

  test.each(['0', '1', 'x', '-1'])('--alpha %s is refused', (alpha) => {
    expect(codeOf(() => choiceOf(flags({ alpha }), { thresholds: new Map() }))).toBe('bad-alpha');
  });

  test('a configuration sets what flags do not', () => {
    const text =
      '{"failOn": "change", "alpha": 0.01, "by": ["total", "label"], "thresholds": {"rss": {"relative": 0.2, "absolute": 4096}, "net_slabs": "off"}}';
    const choice = choiceOf(flags({ threshold: ['rss=+5%'], alpha: '0.02' }), parseConfig(text, 'tslab.diff.json'));
    expect(choice).toMatchObject({ failOn: 'change', alpha: 0.02, by: ['total', 'label'] });
    expect(choice.thresholds.get('rss')).toMatchObject({ relative: fraction(5n, 100n), absolute: fromDecimal('4096') });
    expect(choice.thresholds.get('net_slabs')).toBe('off');
  });

  test.each([
    ['{', 'c.json is no JSON'],
    ['[]', 'c.json: the file: expected object, found an array of 0'],
    ['{"tresholds": {}}', 'no such key: "tresholds"'],
    ['{"thresholds": {"slow_path": {}}}', 'c.json: /thresholds: no such key: "slow_path"'],
    [
      '{"thresholds": {"rss": {"relative": "10%"}}}',
      'c.json: /thresholds/rss/relative: expected number, found a string',
    ],
    ['{"thresholds": {"rss": {"relative": -1}}}', 'expected a number >= 0, found -1'],
    ['{"thresholds": {"rss": "on"}}', 'c.json: /thresholds/rss: expected "off"'],
    ['{"failOn": "error"}', 'expected "regression" or "change" or "never"'],
    ['{"alpha": 1}', 'expected a number < 1, found 1'],
  ])('configuration %s: %s', (text, message) => {
    expect(() => parseConfig(text, 'c.json')).toThrow(message);
  });
});

describe('self-test', () => {
  test.each<[DiffChoice['by'][number], number]>([
    ['total', 30],
    ['label', 4],
  ])('every judged metric of %s is caught', (kind, atLeast) => {
    const proofs = selfTest(exampleSnapshot(), { ...CHOICE, by: [kind] });
    expect(proofs.filter(({ result }) => result !== 'caught')).toEqual([]);
    expect(proofs.length).toBeGreaterThan(atLeast);
  });

  test('what a threshold makes impossible is missed, what the snapshot lacks is absent', () => {
    const { thresholds } = choiceOf(flags({ threshold: ['lock_contention_rate=+900%'] }), { thresholds: new Map() });
    const missed = selfTest(exampleSnapshot(), { ...CHOICE, thresholds }).filter(({ result }) => result !== 'caught');
    expect(missed).toEqual([expect.objectContaining({ name: 'lock_contention_rate', result: 'missed' })]);
    const old = selfTest(fixtureSnapshot('generation-1.json'), CHOICE);
    expect(old.find(({ name }) => name === 'occupancy')?.result).toBe('absent');
    expect(old.find(({ name }) => name === 'total_madvise_failures')?.result).toBe('caught');
  });

  test('what fails before it is worsened proves nothing', () => {
    const proofs = selfTest({ ...exampleSnapshot(), total_madvise_failures: 1 }, CHOICE);
    expect(proofs.filter(({ result }) => result !== 'caught').map(({ name, result }) => `${name} ${result}`)).toEqual([
      'total_madvise_failures failing',
    ]);
  });

  test('a gate that never fails is found out', () => {
    expect(selfTest(exampleSnapshot(), { ...CHOICE, failOn: 'never' }).some(({ result }) => result === 'caught')).toBe(
      false,
    );
  });
});
