import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { installed } from './installed.ts';
import { ended, until } from './waiting.ts';

const DUMP = `${process.cwd()}/native/build/stats_dump`;

export interface Serving {
  readonly url: string;
  readonly child: ChildProcess;
  /** What it has said on stderr so far. */
  said(): string;
  /** Sends the signal and waits. @returns exit code and signal */
  end(signal?: NodeJS.Signals): Promise<[number | null, NodeJS.Signals | null]>;
}

/** Counter files of this test file's workloads alone, and everything that was started ends with the test. */
export function serving() {
  const directory = mkdtempSync(join(tmpdir(), 'tslab-serve-'));
  const env: NodeJS.ProcessEnv = { ...process.env, TSLAB_DIR: join(directory, 'counters'), NO_COLOR: '1' };
  const started: ChildProcess[] = [];

  // What make -C native does in an installed package.
  beforeAll(() => cpSync(DUMP, join(installed.directory, 'node_modules/temporal-slab/native/build/stats_dump')));
  afterEach(async () => {
    for (const child of started.splice(0)) await ended(child);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  return { directory, env, unique, start, serve, workload };

  /** A program that ends with the test at the latest. */
  function start(command: string, args: readonly string[], more: NodeJS.ProcessEnv = {}): ChildProcess {
    const child = spawn(command, args, { env: { ...env, ...more }, stdio: 'pipe' });
    started.push(child);
    return child;
  }

  /** @param given arguments, and what it reads on stdin. @returns when it listens, on a port that was free */
  async function serve(...given: (string | Readable | null)[]): Promise<Serving> {
    const args = given.filter((one) => typeof one === 'string');
    const input = given.find((one) => one instanceof Readable);
    const where = args.includes('--web.listen-address') ? [] : ['--web.listen-address', '127.0.0.1:0'];
    const child = start(installed.bin, ['serve', ...where, ...args]);
    if (input && child.stdin) input.pipe(child.stdin).on('error', () => {});
    let said = '';
    child.stdout?.resume();
    child.stderr?.on('data', (text) => {
      said += text;
    });
    await until(() => {
      expect(child.exitCode, said).toBe(null);
      return / on https?:/.test(said);
    });
    const url = / on (https?:\S+?)\/?(\s|$)/.exec(said)?.[1] ?? '';
    return { url, child, said: () => said, end: (signal = 'SIGTERM') => ended(child, signal) };
  }

  /** A workload at work under a name that no other process bears. @returns its process, and how to select it */
  async function workload(
    kind: string,
    name: string,
    ...args: string[]
  ): Promise<{ child: ChildProcess; pid: string }> {
    const child = start(DUMP, [kind, '--duration', '120s', '--no-json', '--no-text', ...args], { TSLAB_NAME: name });
    child.stdout?.resume();
    child.stderr?.resume();
    await until(() => isAtWork(kind, name));
    return { child, pid: String(child.pid) };
  }

  function isAtWork(kind: string, name: string): boolean {
    const { status, stdout } = spawnSync(DUMP, ['--name', name, '--no-text'], { env, encoding: 'utf8' });
    return status === 0 && hasBegun(kind, stdout);
  }
}

/** @returns a name that no other process of this machine has */
export function unique(name: string): string {
  return `${name}-${process.pid}-${Math.random().toString(36).slice(2, 7)}`;
}

/** @returns whether objects come and go in a snapshot of a workload, and the domain is there that the workload leak never leaves */
export function hasBegun(kind: string, snapshot: string): boolean {
  const { total_bitmap_free_attempts: frees } = JSON.parse(snapshot) as { total_bitmap_free_attempts: number };
  return frees > 0 && (kind !== 'leak' || snapshot.includes('background-worker-3'));
}

/** @returns the value of the first sample whose line begins so */
export function sample(text: string, start: string): number {
  const line = text.split('\n').find((one) => one.startsWith(start));
  return Number(line?.slice(line.lastIndexOf(' ') + 1) ?? Number.NaN);
}
