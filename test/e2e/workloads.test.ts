import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { oddities, tslab } from './installed.ts';

const STATS_DUMP = 'native/build/stats_dump';
/** The harness's own list: each line of `--help` that begins with two spaces, a name and more spaces, below "Workloads". */
const WORKLOADS = [
  ...(
    execFileSync(STATS_DUMP, ['--help'], { encoding: 'utf8' }).split(/^Workloads.*$|^Epoch policies$/m)[1] ?? ''
  ).matchAll(/^ {2}(\w+) {2,}/gm),
].map(([, name]) => name as string);

test('the harness lists its workloads', () => {
  expect(WORKLOADS).toEqual(expect.arrayContaining(['mixed', 'burst', 'steady', 'leak', 'hotspot', 'kernel']));
});

describe.each(WORKLOADS)('%s', (workload) => {
  test('its snapshot obeys the schema and every law', () => {
    const command = `${STATS_DUMP} ${workload} --duration 200ms --no-text`;
    const { code, stdout } = tslab(['validate', '--exec', command]);
    expect([code, stdout]).toEqual([0, '1 snapshots read, 0 rejected, 0 oddities\n']);
  });

  test('so does every snapshot taken while it runs', () => {
    const command = `${STATS_DUMP} ${workload} --duration 300ms --interval 5ms --no-text`;
    const found = oddities(['--exec', command]);
    expect(found.length).toBeGreaterThan(1);
    expect(found.flat()).toEqual([]);
  });

  test('the same seed, one thread and as many operations count the same', () => {
    const command = `${STATS_DUMP} ${workload} --threads 1 --ops 20000 --seed 7 --no-text`;
    const [first, second] = [1, 2].map(() => {
      const { stdout } = tslab(['stats', '--json', '--exec', command]);
      return (
        JSON.parse(stdout) as { classes: { bitmap_alloc_attempts: number; slow_path_hits: number }[] }
      ).classes.map((cls) => [cls.bitmap_alloc_attempts, cls.slow_path_hits]);
    });
    expect(first?.flat().some((count) => count > 0)).toBe(true);
    expect(second).toEqual(first);
  });
});

test('with no source named, the bundled harness runs', () => {
  // From the repository: the installed package has the harness as source only, and says how to build it.
  const stdout = execFileSync(process.execPath, ['bin/run.js', 'stats'], { encoding: 'utf8' });
  expect(stdout).toContain('Slow path');
  const installed = tslab(['stats']);
  expect(installed.code).toBe(4);
  expect(installed.stderr).toContain('make -C');
});
