import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';

/**
 * tslab as people get it: packed by npm and installed from the tarball into an empty directory, without the network. Installed once per test run.
 */
export const installed = install();

function install(): { bin: string; directory: string } {
  const directory = mkdtempSync(join(tmpdir(), 'tslab-installed-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  const env = { ...process.env, npm_config_loglevel: 'error', npm_config_cache: join(directory, 'cache') };
  const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', directory], {
    env,
    encoding: 'utf8',
  });
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  writeFileSync(join(directory, 'package.json'), '{"private":true}');
  execFileSync(
    'npm',
    ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', join(directory, filename)],
    { cwd: directory, env },
  );
  return { bin: join(directory, 'node_modules/.bin/tslab'), directory };
}

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the installed tslab. @param input what it reads on stdin; none by default */
export function tslab(
  args: readonly string[],
  options: { input?: string | Buffer; env?: Record<string, string>; cwd?: string } = {},
): Run {
  const { status, stdout, stderr } = spawnSync(installed.bin, args, {
    input: options.input ?? '',
    ...(options.cwd && { cwd: options.cwd }),
    env: { ...process.env, NO_COLOR: '', ...options.env },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return { code: status, stdout, stderr };
}

/**
 * What tslab validate finds in each snapshot of a source, none of which it may reject. A snapshot that the producer itself calls torn, because
 * the machine stopped a thread amid a change for longer than a reading waits, may break any law: nothing is expected of it. All of them may
 * not be.
 * @returns the codes, snapshot by snapshot
 */
export function oddities(source: readonly string[], env: Record<string, string> = {}): string[][] {
  const { stdout } = tslab(['validate', '--json', ...source], { env });
  const verdicts = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { valid: boolean; warnings: { code: string }[] });
  expect(verdicts.filter(({ valid }) => !valid)).toEqual([]);
  const codes = verdicts.map(({ warnings }) => warnings.map(({ code }) => code));
  const torn = codes.filter((found) => found.includes('torn')).length;
  expect(torn, `${torn} of ${codes.length} are torn`).toBeLessThan(Math.max(2, codes.length));
  return codes.map((found) => (found.includes('torn') ? [] : found));
}

/**
 * Compares output with the committed file test/golden/<name>. UPDATE_GOLDEN=1 writes the file instead; look at the difference before committing it.
 */
export function expectGolden(name: string, output: string): void {
  const path = join('test/golden', name);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync('test/golden', { recursive: true });
    writeFileSync(path, output);
  }
  expect(existsSync(path), `${path} is missing: run with UPDATE_GOLDEN=1`).toBe(true);
  expect(output).toBe(readFileSync(path, 'utf8'));
}
