import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { fixturePath, fixtureText } from '../fixtures.ts';
import { expectGolden, tslab } from './installed.ts';

const DUMP = `${process.cwd()}/native/build/stats_dump`;
const LAST = fixturePath('generation-7.json');
const EVENTS = fixturePath('watch-events.ndjson');
const validate = new Ajv2020({ allowUnionTypes: true }).compile(
  JSON.parse(readFileSync('schemas/top.schema.json', 'utf8')),
);

describe('top', () => {
  test.each([
    ['classes', [LAST]],
    ['classes-slow-path-rate', [LAST, '--by', 'slow_path_rate', '--n', '3']],
    ['classes-ascending', [LAST, '--by', 'rss_bytes', '--order', 'asc']],
    ['epochs-age', [LAST, '--epochs', '--by', 'age_sec', '-n', '4']],
    ['epochs-filter', [LAST, '--epochs', '--by', 'refcount', '--filter', 'state=CLOSING', '--filter', 'age_sec>60']],
    ['labels', [LAST, '--labels']],
    ['labels-lock-contended', [LAST, '--labels', '--by', 'lock_contended']],
    ['labels-hostile', [fixturePath('hostile-labels.ndjson'), '--labels', '--by', 'age_sec']],
    ['window', [EVENTS, '--window', '1s', '--by', 'slow_path_hits', '-n', '2']],
    ['window-ratio', [EVENTS, '--window', '1s', '--by', 'slow_path_rate', '-n', '2']],
    ['older-producer', [fixturePath('generation-1.json'), '-n', '2']],
    ['older-producer-without-epochs', [fixturePath('generation-2.json'), '--epochs', '--by', 'age_sec']],
    ['older-producer-without-labels', [fixturePath('generation-5.json'), '--labels', '--by', 'age_sec']],
    ['older-producer-without-the-metric', [fixturePath('generation-1.json'), '--by', 'live', '-n', '2']],
  ] as const)('%s', (name, args) => {
    const text = tslab(['top', ...args]);
    expect([text.code, text.stderr]).toEqual([0, name.includes('hostile') ? expect.anything() : '']);
    const json = tslab(['top', ...args, '--json']);
    expect(validate(JSON.parse(json.stdout)), JSON.stringify(validate.errors)).toBe(true);
    const csv = tslab(['top', ...args, '--csv']);
    const all = `${text.stdout}\n${json.stdout}\n${csv.stdout}`;
    expect(all.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expectGolden(`top-${name}.golden.txt`, all);
  });

  test('every digit survives', () => {
    const { stdout } = tslab(['top', '--json', '--by', 'slow_path_hits', fixturePath('u64-max.json')]);
    expect(stdout).toContain('"value":18446744073709551605,');
    expect(tslab(['top', '--csv', '--by', 'slow_path_hits', fixturePath('u64-max.json')]).stdout).toContain(
      ',18446744073709551605,',
    );
  });

  test.each([
    [['--by', 'object_size']],
    [['--epochs', '--by', 'epoch_id']],
    [['--epochs', '--by', 'epoch_era']],
  ])('no column stands twice in CSV: %j', (args) => {
    const rows = tslab(['top', '--csv', ...args, LAST])
      .stdout.trim()
      .split('\n')
      .map((line) => line.split(','));
    const [header = []] = rows;
    expect(new Set(header).size).toBe(header.length);
    for (const row of rows) expect(row.length).toBe(header.length);
  });

  test('as in the first days: a harness, a pipe, --stdin', () => {
    const { code, stdout } = tslab(['top', '--epochs', '--by', 'age_sec', '--stdin'], {
      input: fixtureText('generation-7.json'),
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^epochs by age_sec: 16 of 16/);
  });

  test('a real process at work', () => {
    const exec = `${DUMP} steady --duration 5s --rate 20000 --interval 100ms --no-text`;
    const { code, stdout, stderr } = tslab(['top', '--json', '--window', '300ms', '--by', 'allocs', '--exec', exec]);
    // A snapshot may be torn on a busy machine, which is told.
    expect([code, stderr.replace(/^tslab: warning: .*torn.*\n/gm, '')]).toEqual([0, '']);
    const { value, window_ns, rows } = JSON.parse(stdout);
    expect(value).toBe('per_second');
    expect(window_ns).toBeGreaterThanOrEqual(0.9 * 300_000_000);
    expect(rows[0].value).toBeGreaterThan(0);
  });

  test('--watch in a pipe: one ranking after another', () => {
    const { code, stdout } = tslab(['top', '--watch', '--window', '1s', '--json', EVENTS]);
    expect(code).toBe(0);
    const rankings = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rankings.length).toBeGreaterThan(8);
    for (const one of rankings) expect(validate(one), JSON.stringify(validate.errors)).toBe(true);
    // After a restart there is no rate rather than a giant one.
    const restart = rankings.find((one) => one.events.some(({ code }: { code: string }) => code === 'process-changed'));
    expect(restart.rows[0]).not.toHaveProperty('value');
    expect(tslab(['top', '--watch', '--count', '2', EVENTS]).stdout.match(/classes by/g)).toHaveLength(2);
  });

  test('--watch --window 3s --interval 1s: a look every second, each over three', () => {
    const { code, stdout } = tslab(['top', '--watch', '--window', '3s', '--interval', '1s', '--json', EVENTS]);
    expect(code).toBe(0);
    const rankings = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const seconds = rankings.map(({ events, window_ns: ns }) => (events.length > 0 ? events[0].code : ns / 1e9));
    expect(seconds).toEqual([
      3,
      3,
      'missed',
      'counter-reset',
      'process-changed',
      'instance-changed',
      'clock-backwards',
      'clock-jump',
    ]);
  });

  test('of a recording, the last window', () => {
    const lines = fixtureText('stream.ndjson').trim().split('\n');
    const times = lines.map((line) => BigInt(/"timestamp_ns":(\d+)/.exec(line)?.[1] ?? ''));
    const args = ['top', '--window', '1s', '--json'];
    const { code, stdout } = tslab([...args, fixturePath('stream.ndjson')]);
    expect([code, stdout]).toEqual([0, expect.stringContaining(`"timestamp_ns":${times.at(-1)},`)]);
    expect(stdout).toContain('"window_ns":1000000000,');
  });

  test('of a recording that is cut off, the last window of what is left, and exit code 4', () => {
    const cut = join(mkdtempSync(join(tmpdir(), 'tslab-top-')), 'cut.ndjson.gz');
    const whole = gzipSync(fixtureText('stream.ndjson'), { level: 0 });
    writeFileSync(cut, whole.subarray(0, whole.length - 100));
    const { code, stdout, stderr } = tslab(['top', '--window', '1s', '--json', cut]);
    expect([code, JSON.parse(stdout).window_ns]).toEqual([4, 1_000_000_000]);
    expect(stderr).toContain('cut off');
  });

  test.each([
    [['--by', 'no_such_metric', LAST], 2, /no metric of classes/],
    [['--epochs', '--by', 'slow_path_rate', LAST], 2, /known with --classes/],
    [['--classes', '--labels', LAST], 2, /labels/],
    [['--window', 'soon', LAST], 2, /not a duration/],
    [['--window', '0s', LAST], 2, /not a duration/],
    [['--interval', '1s', LAST], 2, /need --watch/],
    [['--watch', '--window', '500ms', '--interval', '2s', LAST], 2, /--interval is longer than --window/],
    [['-n', '0', LAST], 2, /n/],
    [['--filter', 'age_sec>x', '--epochs', LAST], 2, /not a number/],
    [['/does/not/exist'], 4, /no such file/],
    [['--window', '1s', LAST], 5, /nothing new since the last look/],
    [['--window', '1s', fixturePath('generation-1.json')], 5, /no timestamp_ns/],
    [['--window', '1h', EVENTS], 5, /before there were two snapshots|no rates/],
    [['--window', '100ms', '--exec', `${DUMP} mixed --ops 10 --threads 1 --no-text`], 5, /another process/],
  ] as const)('%j ends with %i', (args, expected, message) => {
    const { code, stdout, stderr } = tslab(['top', ...args]);
    expect([code, stdout]).toEqual([expected, '']);
    expect(stderr).toMatch(message);
  });
});
