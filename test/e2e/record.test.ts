import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { fixturePath, fixtureText } from '../fixtures.ts';
import { expectGolden, installed, tslab } from './installed.ts';

const scratch = mkdtempSync(join(tmpdir(), 'tslab-record-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let made = 0;
const fresh = (extension = 'ndjson.gz') => join(scratch, `${made++}.tslab.${extension}`);

test('a stream is recorded digit by digit and replayed as it was', () => {
  const path = fresh();
  const { code, stdout, stderr } = tslab(['record', '-', '--output', path], { input: fixtureText('stream.ndjson') });
  expect([code, stdout]).toEqual([0, '']);
  expect(stderr).toMatch(/^tslab: recorded 3 snapshots, .* KiB in .* KiB: .*\n$/);
  expect(gunzipSync(readFileSync(path)).toString()).toBe(fixtureText('stream.ndjson'));
  execFileSync('gzip', ['-t', path]);
  expect(tslab(['stats', path]).stdout).toBe(tslab(['stats', fixturePath('stream.ndjson')]).stdout);
  expect(tslab(['validate', path])).toMatchObject({ code: 0, stdout: '3 snapshots read, 0 rejected, 0 oddities\n' });
});

test('without .gz it is plain lines, and pretty-printed snapshots take one each', () => {
  const path = fresh('ndjson');
  expect(tslab(['record', fixturePath('pretty-then-truncated-then-pretty.json'), '-o', path]).code).toBe(0);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  expect(lines.length).toBe(2);
  for (const line of lines) expect(JSON.parse(line)).toEqual(JSON.parse(fixtureText('generation-7.json')));
  expect(lines[0]).toContain('1770486521361625487');
});

test('to stdout it is plain, and safe on a terminal', () => {
  const { stdout } = tslab(['record', fixturePath('hostile-labels.json'), '-o', '-']);
  expect(stdout.trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(JSON.parse(stdout)).toEqual(JSON.parse(fixtureText('hostile-labels.json')));
});

test('a real workload is recorded while it runs', () => {
  const path = fresh();
  // The harness is not built where the package was just installed: this one is the working tree's.
  const { status } = spawnSync(process.execPath, [
    'bin/run.js',
    'record',
    '--interval',
    '100ms',
    '--count',
    '5',
    '-o',
    path,
  ]);
  expect(status).toBe(0);
  expect(tslab(['validate', path]).stdout).toMatch(/^5 snapshots read, 0 rejected/m);
});

test('--interval reads a command again, --count ends it', () => {
  const path = fresh();
  const { code } = tslab([
    'record',
    '--exec',
    `cat ${fixturePath('generation-7.json')}`,
    '--interval',
    '20ms',
    '--count',
    '4',
    '-o',
    path,
  ]);
  expect(code).toBe(0);
  expect(gunzipSync(readFileSync(path)).toString().trimEnd().split('\n').length).toBe(4);
});

test('--interval thins a stream', () => {
  const path = fresh();
  expect(tslab(['record', fixturePath('stream.ndjson'), '--interval', '2s', '-o', path]).code).toBe(0);
  expect(tslab(['validate', path]).stdout).toBe('2 snapshots read, 0 rejected, 0 oddities\n');
});

test('--duration ends an endless stream', () => {
  const path = fresh();
  const endless = `while cat ${fixturePath('stream.ndjson')}; do sleep 0.05; done`;
  expect(tslab(['record', '--exec', endless, '--duration', '700ms', '-o', path]).code).toBe(0);
  expect(tslab(['validate', path]).stdout).toMatch(/^\d+ snapshots read, 0 rejected/m);
});

describe('an existing file', () => {
  test('is not overwritten without --force', () => {
    const path = fresh();
    writeFileSync(path, 'old');
    const { code, stderr } = tslab(['record', fixturePath('stream.ndjson'), '-o', path]);
    expect([code, readFileSync(path, 'utf8')]).toEqual([2, 'old']);
    expect(stderr).toContain('--force');
    expect(tslab(['record', fixturePath('stream.ndjson'), '-o', path, '--force']).code).toBe(0);
    expect(gunzipSync(readFileSync(path)).toString()).toBe(fixtureText('stream.ndjson'));
  });

  test('stays where the source gives nothing, and none is made', () => {
    const path = fresh();
    writeFileSync(path, 'old');
    expect(tslab(['record', fixturePath('empty.json'), '-o', path, '--force']).code).toBe(4);
    expect(readFileSync(path, 'utf8')).toBe('old');
    const other = fresh();
    expect(tslab(['record', fixturePath('truncated.json'), '-o', other]).code).toBe(4);
    expect(existsSync(other)).toBe(false);
  });
});

test('what came before a source broke is kept, and it is said that it broke', () => {
  const path = fresh();
  const { code, stderr } = tslab([
    'record',
    '--exec',
    `cat ${fixturePath('stream-second-truncated.ndjson')}; exit 7`,
    '-o',
    path,
  ]);
  expect(code).toBe(4);
  expect(stderr).toContain('exit code 7');
  expect(stderr).toContain('skipped');
  expect(tslab(['validate', path]).stdout).toBe('2 snapshots read, 0 rejected, 0 oddities\n');
});

test.each([
  ['SIGKILL', null],
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('ended by %s at any moment, the recording is whole', async (signal, expected) => {
  const path = fresh();
  const endless = `while cat ${fixturePath('stream.ndjson')}; do :; done`;
  const child = spawn(installed.bin, ['record', '--exec', endless, '-o', path], { stdio: 'ignore', detached: true });
  while (!existsSync(path) || statSync(path).size < 4000) await sleep(20);
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  if (signal === 'SIGKILL' && child.pid) process.kill(child.pid, signal);
  else child.kill(signal);
  expect(await exit).toBe(expected);
  const { code, stdout } = tslab(['validate', path]);
  expect(stdout).toMatch(/^\d+ snapshots read, 0 rejected/m);
  // The clock of the fixture goes back with every turn, which is an oddity; the gzip layer is whole.
  expect(code).not.toBe(4);
});

test('a recording that was cut off is replayed up to the cut', () => {
  const path = fresh();
  tslab(['record', fixturePath('stream.ndjson'), '-o', path]);
  const whole = readFileSync(path);
  writeFileSync(path, whole.subarray(0, whole.length - 30));
  const { code, stdout, stderr } = tslab(['stats', path]);
  expect(code).toBe(4);
  expect(stdout).toContain('Slow path');
  expect(stderr).toContain('cut off');
});

test('a full disk is told, and what fits can be replayed', () => {
  const disk = join(scratch, 'tiny');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', disk]);
  try {
    const path = join(disk, 'run.ndjson.gz');
    const endless = `native/build/stats_dump steady --duration 20s --interval 5ms --no-text`;
    const { code, stderr } = tslab(['record', '--exec', endless, '-o', path]);
    expect(code).toBe(4);
    expect(stderr).toContain('no space left');
    execFileSync('gzip', ['-t', path]);
    expect(tslab(['validate', path]).stdout).toMatch(/^\d+ snapshots read, 0 rejected/m);
  } finally {
    execFileSync('umount', [disk]);
  }
});

test.each([
  [['record'], 2],
  [['record', '-o', '/tmp/never', '--interval', 'soon'], 2],
  [['record', '-o', '/tmp/never', '--count', '0'], 2],
  [['record', fixturePath('stream.ndjson'), '-o', '/does/not/exist/x.gz'], 4],
  [['record', fixturePath('stream.ndjson'), '--force', '-o', '/dev/null'], 4],
  [['record', '/does/not/exist', '-o', '/tmp/never'], 4],
])('%j ends with %i', (args, expected) => {
  expect(tslab(args).code).toBe(expected);
});

test('a reader of stdout that goes away ends it quietly', () => {
  const { stdout, stderr } = spawnSync(
    'bash',
    ['-c', `${installed.bin} record ${fixturePath('stream.ndjson')} -o - | head -c 1; echo " \${PIPESTATUS[0]}"`],
    { encoding: 'utf8' },
  );
  expect([stdout, stderr]).toEqual([expect.stringMatching(/^\{ (0|141)\n$/), '']);
});

test('--help', () => expectGolden('record-help.golden.txt', tslab(['record', '--help']).stdout));
