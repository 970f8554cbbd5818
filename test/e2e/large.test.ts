import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fixturePath } from '../fixtures.ts';
import { installed, type Run } from './installed.ts';

/** Megabytes of input; MEGABYTES=1000 npx vitest run test/e2e/large for a gigabyte. */
const MEGABYTES = Number(process.env['MEGABYTES'] ?? 200);
/** Node itself takes 45 MiB, a document may take 16 MiB; what is read and thrown away again costs collections' worth. */
const CAP_MIB = 250;

/** Runs tslab and measures it. @param args in which `$NODE` stands for this Node */
function measured(args: string[]): Run & { peakMib: number } {
  const peak = join(installed.directory, 'peak');
  const hook = join(installed.directory, 'peak.cjs');
  writeFileSync(
    hook,
    `if (process.argv[1]?.endsWith('tslab')) process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(peak)}, String(process.resourceUsage().maxRSS)))`,
  );
  rmSync(peak, { force: true });
  const { status, stdout, stderr } = spawnSync(installed.bin, args, {
    input: '',
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: `--require=${hook}` },
  });
  return { code: status, stdout, stderr, peakMib: Number(readFileSync(peak, 'utf8')) / 1024 };
}

/** A shell command that prints so many megabytes of a line, over and over. */
const repeat = (line: string) => `yes "$(cat ${line})" | head -c ${MEGABYTES}000000`;

describe(`${MEGABYTES} MB`, { timeout: 300_000 }, () => {
  test('of snapshots, the last one cut off by the end', () => {
    const { code, stdout, stderr, peakMib } = measured(['stats', '--exec', repeat(fixturePath('torn.json'))]);
    expect(stdout).toContain('Slow path');
    expect(stderr).toMatch(/the last of \d{4,} snapshots/);
    expect(code).toBe(0);
    expect(peakMib).toBeLessThan(CAP_MIB);
  });

  test('without a newline or an object', () => {
    const { code, stderr, peakMib } = measured(['stats', '--exec', `head -c ${MEGABYTES}000000 /dev/zero`]);
    expect(stderr).toContain('larger than 16 MiB');
    expect(code).toBe(4);
    expect(peakMib).toBeLessThan(CAP_MIB);
  });

  test('of one object that never closes', () => {
    const { code, stderr, peakMib } = measured([
      'stats',
      '--exec',
      `echo '{"classes": ['; yes '[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],' | head -c ${MEGABYTES}000000`,
    ]);
    expect(stderr).toContain('larger than 16 MiB');
    expect(code).toBe(4);
    expect(peakMib).toBeLessThan(2 * CAP_MIB);
  });

  test('of other text, then a snapshot', () => {
    const { code, stdout, peakMib } = measured([
      'stats',
      '--exec',
      `yes 'a line of a log [info] {x} "y" that goes on for a while, as lines of logs do, and says little' | head -c ${MEGABYTES}000000; echo; cat ${fixturePath('generation-7.json')}`,
    ]);
    expect(stdout).toContain('Slow path');
    expect(code).toBe(0);
    expect(peakMib).toBeLessThan(CAP_MIB);
  });
});

test('a writer of one byte at a time', () => {
  const bytes = fixturePath('stream.ndjson');
  const slow = `node -e "for (const b of require('fs').readFileSync('${bytes}')) require('fs').writeSync(1, Buffer.of(b))"`;
  const { code, stdout } = measured(['validate', '--exec', slow]);
  expect([code, stdout]).toEqual([0, '3 snapshots read, 0 rejected, 0 oddities\n']);
});

test('a named pipe', () => {
  const pipe = join(installed.directory, 'pipe');
  const { stdout, status } = spawnSync(
    'bash',
    ['-c', `mkfifo ${pipe}; cat ${fixturePath('stream.ndjson')} > ${pipe} & ${installed.bin} validate ${pipe}`],
    { encoding: 'utf8' },
  );
  expect([status, stdout]).toEqual([0, '3 snapshots read, 0 rejected, 0 oddities\n']);
});
