import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { verdict } from '../../scripts/bench/bar.ts';
import { BARS } from '../../scripts/bench/bars.ts';
import { legend } from '../../scripts/bench/chart/legend.ts';
import { check } from '../../scripts/bench/check.ts';
import { CONTENDERS } from '../../scripts/bench/contenders.ts';
import { Journal } from '../../scripts/bench/journal.ts';
import { othersPct, processorTicks, ticksSince } from '../../scripts/bench/other-work.ts';
import { compare, perPair } from '../../scripts/bench/report/compare.ts';
import { BENCH_FILES } from '../../scripts/bench/report/files.ts';
import { figure } from '../../scripts/bench/report/format.ts';
import { barsTable } from '../../scripts/bench/report/tables.ts';
import { median, type Results, type Run } from '../../scripts/bench/results.ts';
import { memory } from '../../scripts/bench/sections/memory.ts';
import { interleaved } from '../../scripts/bench/task.ts';

const machine = {
  cpu: 'any',
  cores: 2,
  memoryBytes: 2 ** 30,
  kernel: '6.1',
  distribution: 'any',
  virtualization: 'none',
  transparentHugePages: 'madvise',
  compiler: 'gcc',
  commit: 'abc',
  versions: {},
  startedAt: '2026-01-01T00:00:00.000Z',
};

/** Results with nothing but one workload's times. */
function resultsOf(times: Record<string, number[]>): Results {
  const pair = Object.fromEntries(
    Object.entries(times).map(([id, values]) => [id, values.map((wall_ns_per_pair): Run => ({ wall_ns_per_pair }))]),
  );
  return { format: 2, quick: false, seconds: 1, otherWorkPct: 0, machine, runs: { throughput: { pair } } };
}

describe('comparing with the best peer', () => {
  it('takes the peer with the lowest median, whoever has the lowest single time', () => {
    const against = compare(
      resultsOf({ glibc: [1, 9, 9], jemalloc: [5, 5, 5], epoch: [10, 5, 20] }),
      'throughput',
      'pair',
      'epoch',
      perPair,
    );
    expect(against).toMatchObject({ peer: 'jemalloc', best: 5, own: 10, ratio: 2, spread: [1, 4], ratioOfMinima: 5 });
  });
  it('says nothing where either was not measured', () => {
    expect(compare(resultsOf({ epoch: [1] }), 'throughput', 'pair', 'epoch', perPair)).toBeUndefined();
    expect(compare(resultsOf({ glibc: [1] }), 'throughput', 'pair', 'epoch', perPair)).toBeUndefined();
  });
  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
    [[7], 7],
  ])('median of %j is %d', (values, expected) => expect(median(values)).toBe(expected));
});

describe('bars', () => {
  const bar = BARS.find(({ what }) => what === 'pair, epoch API');
  it.each([
    [[1, 1, 1], 'met'],
    [[2, 1, 1], 'met'],
    [[1.01, 1.01, 1.01], 'missed'],
  ])('%j against a peer at 1 is %s', (epoch, expected) => {
    const finding = bar?.find(resultsOf({ glibc: [1, 1, 1], epoch }));
    expect(bar && verdict(bar, finding)).toBe(expected);
  });
  it('what was not measured is neither met nor missed', () => {
    const empty = resultsOf({});
    expect(new Set(BARS.map((one) => verdict(one, one.find(empty))))).toEqual(new Set(['not measured']));
  });
  it('have names of their own', () =>
    expect(new Set(BARS.map(({ area, what }) => `${area} ${what}`)).size).toBe(BARS.length));
  it('with the hot paths inlined stand beside those with calls, and ask for as much', () => {
    const said = BARS.map(({ what, limit, hotPaths }) => ({ what, limit, hotPaths }));
    const beside = said.flatMap((one) =>
      one.hotPaths === 'called' ? [one, { ...one, what: `${one.what} inlined`, hotPaths: 'inlined' as const }] : [],
    );
    expect(said.filter(({ hotPaths }) => hotPaths)).toEqual(beside);
    expect(beside).toHaveLength(2 * 32);
  });
  it('are counted for either way to the hot paths', () => {
    const results = resultsOf({ glibc: [1], epoch: [2], inline: [1], pointer: [1], 'inline-pointer': [1] });
    results.runs['epochs'] = { 'epoch-advance': { epoch: [{ advance_p50_ns: 1 }] } };
    expect(barsTable(results)).toMatch(
      /^2 of 3 bars met with calls into the library, 45 not measured; 3 of 3 with the hot paths inlined, 45 not measured\.\n/,
    );
  });
});

it('memory is measured once, whether the hot paths are called or inlined', () => {
  const plan = { quick: true, soakSec: 0, root: '', build: '', scratch: '' };
  const who = new Set(memory.tasks(plan).map(({ key: [, , contender] }) => contender));
  expect([who.has('epoch'), who.has('pointer'), who.has('inline'), who.has('inline-pointer')]).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

describe('pages', () => {
  it.each(Object.keys(BENCH_FILES))('%s is made of the committed results, and of nothing at all', (path) => {
    const results = JSON.parse(readFileSync('docs/performance.json', 'utf8')) as Results;
    expect(BENCH_FILES[path]?.(results)).not.toMatch(/NaN|undefined|Infinity/);
    expect(() => BENCH_FILES[path]?.(resultsOf({}))).not.toThrow();
  });
  it('the names of a chart are in rows that fit', () => {
    const series = CONTENDERS.filter(({ kind }) => kind !== 'floor');
    const { body, last } = legend(series, 46);
    const ends = [...body.matchAll(/<text x="([\d.]+)" y="(\d+)">([^<]*)/g)].map(
      ([, x, , name = '']) => Number(x) + name.length * 6.6,
    );
    expect([ends.length, Math.max(...ends) <= 804, last]).toEqual([series.length, true, 64]);
    expect(legend(series.slice(0, 5), 46).last).toBe(46);
  });
  it.each([
    [0.012345, '0.0123'],
    [1.2345, '1.23'],
    [99.96, '100.0'],
    [1234.5, '1235'],
    [0, '0.00'],
    [undefined, '–'],
    [Number.NaN, '–'],
  ])('%s is said as %s', (value, said) => expect(figure(value)).toBe(said));
});

describe('the journal', () => {
  const directory = mkdtempSync(join(tmpdir(), 'bench-journal-'));
  const path = join(directory, 'journal');
  afterEach(() => rmSync(path, { force: true }));
  const key = ['throughput', 'pair', 'glibc', 0] as const;
  const cost = { ms: 1000, all: 200, others: 10 };

  it('goes on where it was, and forgets a line that was cut off', () => {
    new Journal(path, 'same', false).add(key, { wall_ns_per_pair: 1 }, cost);
    writeFileSync(path, `${readFileSync(path, 'utf8')}[["throughput","pa`);
    const again = new Journal(path, 'same', true);
    expect([again.size, again.has(key)]).toEqual([1, true]);
    expect(again.runs()).toEqual({ throughput: { pair: { glibc: [{ wall_ns_per_pair: 1 }] } } });
  });
  it('knows what all runs took, and what else the processors did while times were measured', () => {
    new Journal(path, 'same', false).add(key, {}, cost);
    const again = new Journal(path, 'same', true);
    again.add(['memory', 'pair', 'glibc', 0], {}, { ms: 500, all: 100, others: 100 });
    expect([again.seconds(), again.otherWorkPct(['throughput']), again.otherWorkPct(['throughput', 'memory'])]).toEqual(
      [2, 5, 36.7],
    );
  });
  it('of another build is not resumed', () => {
    new Journal(path, 'one', false).add(key, {}, cost);
    expect(new Journal(path, 'other', true).size).toBe(0);
  });
});

describe('other work', () => {
  it('is what neither this process nor those it waited for did, the host included', () => {
    const files: Record<string, string> = {
      '/proc/stat': 'cpu  100 10 50 800 20 3 4 13 7 1\ncpu0 50 5 25 400 10 1 2 6 3 0\n',
      '/proc/self/stat': '7 (a) b) S 1 7 7 0 -1 4194304 1 2 3 4 40 20 30 10 20 0 11 0\n',
    };
    expect(processorTicks((path) => files[path] ?? '')).toEqual({ all: 1000, others: 180 - 100 });
  });
  it('is seen', async () => {
    const before = processorTicks();
    const other = spawn(process.execPath, ['-e', 'for (;;);']);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const { all, others } = ticksSince(before);
    other.kill('SIGKILL');
    expect(all).toBeGreaterThan(0);
    expect(others).toBeGreaterThan(20);
  });
  it.each([
    [[], 0],
    [[{ all: 200, others: -1 }], 0],
    [
      [
        { all: 200, others: 1 },
        { all: 800, others: 24 },
      ],
      2.5,
    ],
  ])('of %j is %d %%', (ticks, percent) => expect(othersPct(ticks)).toBe(percent));
});

it('runs are interleaved: all contenders in each round, no one always first', () => {
  const tasks = interleaved('s', 2, ['a', 'b'], [{ id: 'x' }, { id: 'y' }], () => ({}));
  expect(tasks.map(({ key }) => key.slice(1).join(' '))).toEqual([
    'a x 0',
    'a y 0',
    'b x 0',
    'b y 0',
    'a y 1',
    'a x 1',
    'b y 1',
    'b x 1',
  ]);
});

describe('the check that npm test runs', () => {
  /** What it prints for the committed results, changed. */
  function failures(change: (results: Results) => void): string[] {
    const results = JSON.parse(readFileSync('docs/performance.json', 'utf8')) as Results;
    change(results);
    const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const ok = check(results, process.cwd());
    const lines = written.mock.calls
      .map(([text]) => `${text}`)
      .join('')
      .split('\n');
    written.mockRestore();
    const failed = lines.filter((line) => line.startsWith('FAIL '));
    expect(ok).toBe(failed.length === 0);
    return failed;
  }
  it('passes what was measured', () => expect(failures(() => {})).toEqual([]));
  it.each<[string, (results: Results) => void]>([
    ['shape', (results) => Object.assign(results.machine, { cores: 0 })],
    ['every workload', (results) => delete results.runs['throughput']?.['pair']?.['tcmalloc']],
    [
      'quantiles',
      (results) => Object.assign(results.runs['latency']?.['pair']?.['epoch']?.[0]?.alloc_ns ?? {}, { p99: 0.5 }),
    ],
    [
      'floor',
      (results) =>
        Object.assign(results.runs['instructions']?.['pair']?.['floor']?.[0] ?? {}, { instructions_per_pair: 1e6 }),
    ],
    [
      'memory',
      (results) =>
        Object.assign(results.runs['memory']?.['phases-by-epoch']?.['epoch']?.[0] ?? {}, { rss_end_bytes: 2 ** 23 }),
    ],
    [
      'epoch_close',
      (results) =>
        Object.assign(results.runs['epochs']?.['epoch-close-drained']?.['epoch']?.[0] ?? {}, {
          rss_given_back_bytes: 0,
        }),
    ],
    ['real programs', (results) => delete results.runs['programs']?.['redis']?.['preload']],
  ])('fails when the %s is wrong', (word, change) => {
    expect(failures(change).filter((line) => line.includes(word))).toHaveLength(1);
  });
});
