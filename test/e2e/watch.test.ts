import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { fixturePath, fixtureText } from '../fixtures.ts';
import { expectGolden, installed, tslab } from './installed.ts';
import { until } from './waiting.ts';

const DUMP = `${process.cwd()}/native/build/stats_dump`;
const EVENTS = fixturePath('watch-events.ndjson');
const validate = new Ajv2020({ allowUnionTypes: true }).compile(
  JSON.parse(readFileSync('schemas/watch.schema.json', 'utf8')),
);

interface Line {
  readonly sequence: number;
  readonly events: readonly { readonly code: string }[];
  readonly delta?: Readonly<Record<string, number>>;
  readonly per_second?: Readonly<Record<string, number>>;
}

/** @returns the lines, each of which is as the schema says */
function linesOf(stdout: string): Line[] {
  return stdout
    .trim()
    .split('\n')
    .map((text) => {
      const line = JSON.parse(text);
      expect(validate(line), JSON.stringify(validate.errors)).toBe(true);
      return line;
    });
}

describe('watch in a pipe', () => {
  test('a line per sample, and no giant rate whatever happens', () => {
    const { code, stdout, stderr } = tslab(['watch', EVENTS]);
    expect([code, stderr]).toEqual([0, '']);
    expectGolden('watch-events.golden.txt', stdout);
  });

  test('JSON', () => {
    const { code, stdout } = tslab(['watch', '--json', '--classes', '--epochs', '--labels', EVENTS]);
    expect(code).toBe(0);
    expect(linesOf(stdout)).toHaveLength(16);
    expectGolden('watch-events.golden.ndjson', tslab(['watch', '--json', EVENTS]).stdout);
    for (const { per_second = {} } of linesOf(stdout))
      expect(Math.max(0, ...Object.values(per_second))).toBeLessThan(10_000);
  });

  test.each([1, 2, 3, 4, 5, 6, 7])('reads generation %i', (generation) => {
    const one = JSON.stringify(JSON.parse(fixtureText(`generation-${generation}.json`)));
    const { code, stdout } = tslab(['watch', '--json', '--classes', '--epochs', '--labels', '-'], {
      input: `${one}\n`,
    });
    expect(code).toBe(0);
    linesOf(stdout);
  });

  test('without a timestamp there are changes, no rates, and it says why', () => {
    const one = JSON.stringify(JSON.parse(fixtureText('generation-1.json')));
    const { stdout, stderr, code } = tslab(['watch', '--json', '-'], { input: `${one}\n${one}\n` });
    expect(code).toBe(0);
    const [, second] = linesOf(stdout);
    expect([second?.delta?.['total_slow_path_hits'], second?.per_second]).toEqual([0, {}]);
    expect(stderr).toContain('no timestamp_ns');
  });

  test('hostile labels', () => {
    const { stdout } = tslab(['watch', '--json', '--epochs', '--labels', fixturePath('hostile-labels.ndjson')]);
    linesOf(stdout);
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(JSON.parse(stdout.split('\n')[0] ?? '').epochs[0].label).toBe('\u001b[2J\u001b]0;owned\u0007');
  });

  test('chosen columns', () => {
    const { stdout } = tslab(['watch', '--metrics', 'rss,allocs,lock_contended', EVENTS]);
    expect(stdout.split('\n')[0]).toMatch(/^time_UTC +RSS +allocs\/s +lock_waits\/s +events$/);
  });

  test('a process at work; --count ends it, and the process with it', async () => {
    const exec = `${DUMP} steady --duration forever --rate 20000 --interval 100ms --no-text --seed 4711`;
    const { code, stdout } = tslab(['watch', '--json', '--count', '4', '--exec', exec]);
    expect(code).toBe(0);
    const lines = linesOf(stdout);
    expect(lines.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3]);
    expect(lines[3]?.per_second?.['total_bitmap_alloc_attempts']).toBeGreaterThan(0);
    await until(() => spawnSync('pgrep', ['-f', `^${DUMP} .*--seed 4711`]).status === 1);
  });

  test('--interval thins a stream', () => {
    const exec = `${DUMP} steady --duration forever --rate 20000 --interval 50ms --no-text`;
    const { stdout } = tslab(['watch', '--json', '--interval', '400ms', '--count', '3', '--exec', exec]);
    const elapsed = stdout
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => JSON.parse(line).elapsed_ns);
    expect(elapsed).toHaveLength(2);
    for (const ns of elapsed) expect(ns).toBeGreaterThanOrEqual(360_000_000);
  });

  test('a command that prints one snapshot is run again', () => {
    const { code, stdout } = tslab([
      'watch',
      '--json',
      '--interval',
      '50ms',
      '--count',
      '3',
      '--exec',
      `${DUMP} mixed --ops 10 --threads 1 --no-text`,
    ]);
    expect(code).toBe(0);
    expect(linesOf(stdout).map(({ events }) => events.map(({ code }) => code))).toEqual([
      [],
      ['process-changed'],
      ['process-changed'],
    ]);
  });

  test('a file that does not change is said to be unchanged; --duration ends the waiting', () => {
    const { code, stdout } = tslab([
      'watch',
      '--json',
      '--interval',
      '50ms',
      '--duration',
      '2s',
      fixturePath('generation-7.json'),
    ]);
    expect(code).toBe(0);
    const [first, ...rest] = linesOf(stdout);
    expect(first?.events).toEqual([]);
    expect(rest.length).toBeGreaterThan(0);
    for (const { events } of rest) expect(events.map(({ code }) => code)).toEqual(['unchanged']);
  });

  test('what is broken is skipped with a warning, and what follows is shown', () => {
    const { code, stdout, stderr } = tslab(['watch', '--json', fixturePath('stream-second-truncated.ndjson')]);
    expect(code).toBe(0);
    expect(linesOf(stdout)).toHaveLength(2);
    expect(stderr).toMatch(/^tslab: warning: .*line 2/);
  });

  test('a producer that is killed: what was good is there, and the exit code says it', () => {
    const { code, stdout, stderr } = tslab([
      'watch',
      '--json',
      '--exec',
      `cat ${fixturePath('stream.ndjson')}; kill -9 $$`,
    ]);
    expect(linesOf(stdout)).toHaveLength(3);
    expect(stderr).toContain('ended by SIGKILL');
    expect(code).toBe(4);
  });

  test('a reader that goes away ends tslab and the producer', async () => {
    const exec = `${DUMP} steady --duration forever --rate 20000 --interval 20ms --no-text --seed 4712`;
    const { stdout, stderr } = spawnSync(
      'bash',
      ['-c', `${installed.bin} watch --exec '${exec}' | head -n 2 >/dev/null; echo "\${PIPESTATUS[0]}"`],
      { encoding: 'utf8' },
    );
    expect([stdout, stderr]).toEqual(['141\n', '']);
    await until(() => spawnSync('pgrep', ['-f', `^${DUMP} .*--seed 4712`]).status === 1);
  });

  test.each([
    [['--interval', 'x', EVENTS], 2],
    [['--count', '0', EVENTS], 2],
    [['--metrics', 'no_such', EVENTS], 2],
    [['--classes', EVENTS], 2],
    [['/does/not/exist'], 4],
    [['--exec', 'exit 3'], 4],
    [[fixturePath('empty.json')], 4],
    [[fixturePath('wrong-type.json')], 4],
  ])('%j ends with %i', (args, expected) => {
    expect(tslab(['watch', ...args]).code).toBe(expected);
  });

  test.each(['stats', 'top', 'watch'])('%s loads the full-screen view only where it is shown', (command) => {
    const list =
      "import M from 'node:module'; process.on('exit', () => process.stderr.write(Object.keys(M._cache).join('\\n')))";
    const { stderr, status } = spawnSync(
      process.execPath,
      [
        '--import',
        `data:text/javascript,${encodeURIComponent(list)}`,
        installed.bin,
        command,
        fixturePath('stream.ndjson'),
      ],
      { encoding: 'utf8' },
    );
    expect(status).toBe(0);
    const loaded = stderr.split('\n').filter((path) => path.includes('/dist/'));
    expect(loaded.length).toBeGreaterThan(2);
    for (const path of loaded) expect(readFileSync(path, 'utf8').includes('[?1049h'), path).toBe(false);
  });
});
