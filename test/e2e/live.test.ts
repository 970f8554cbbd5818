import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { installed, oddities, tslab } from './installed.ts';
import { hasBegun } from './serving.ts';
import { TestTerminal } from './tmux.ts';
import { ended, until } from './waiting.ts';

const DUMP = `${process.cwd()}/native/build/stats_dump`;
const directory = mkdtempSync(join(tmpdir(), 'tslab-live-'));
const env = { TSLAB_DIR: directory };
const started: ChildProcess[] = [];

beforeAll(() => {
  // What make -C native does in an installed package.
  cpSync(DUMP, join(installed.directory, 'node_modules/temporal-slab/native/build/stats_dump'));
});
afterEach(async () => {
  for (const child of started.splice(0)) await ended(child);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A workload at work. @param name of its allocator, unlike any other on this machine */
async function target(workload: string, name: string): Promise<{ child: ChildProcess; pid: string }> {
  const child = spawn(DUMP, [workload, '--duration', '120s', '--no-json', '--no-text'], {
    stdio: 'ignore',
    env: { ...process.env, ...env, TSLAB_NAME: name },
  });
  started.push(child);
  const pid = String(child.pid);
  await until(() => {
    const { code, stdout } = tslab(['stats', '--json', '--pid', pid], { env });
    return code === 0 && hasBegun(workload, stdout);
  });
  return { child, pid };
}

const unique = (name: string) => `${name}-${process.pid}`;

describe('a live process', () => {
  test('is read by every command', async () => {
    const name = unique('api');
    const { pid } = await target('leak', name);
    expect(tslab(['stats', '--pid', pid], { env }).stdout).toContain(`stats_dump ${name} · pid ${pid}`);
    expect(tslab(['stats', '--name', name, '--instance', '1'], { env }).code).toBe(0);
    expect(oddities(['--pid', pid], env)).toEqual([[]]);
    expect(tslab(['top', '--epochs', '--by', 'age_sec', '--pid', pid], { env }).stdout).toContain(
      'background-worker-3',
    );
    expect(tslab(['top', '--window', '200ms', '--pid', pid], { env }).code).toBe(0);
    expect(tslab(['export', 'prometheus', '--name', name], { env }).stdout).toContain(`pid="${pid}"`);
    const watched = tslab(['watch', '--json', '--pid', pid, '--interval', '20ms', '--count', '5'], { env });
    expect(watched.stdout.trim().split('\n')).toHaveLength(5);
    const recording = join(directory, 'recording.ndjson');
    expect(tslab(['record', '--pid', pid, '--interval', '20ms', '--count', '5', '-o', recording], { env }).code).toBe(
      0,
    );
    expect(oddities([recording])).toEqual([[], [], [], [], []]);
    const compared = tslab(['diff', '--pid', pid, '--window', '300ms', '--fail-on', 'never', '--json'], { env });
    expect([compared.code, JSON.parse(compared.stdout).mode]).toEqual([0, 'same-process']);
  });

  test('ends while it is watched: last state, a word about it, exit code 0', async () => {
    const { child, pid } = await target('burst', unique('ends'));
    const watch = spawn(installed.bin, ['watch', '--json', '--pid', pid, '--interval', '20ms'], {
      env: { ...process.env, ...env },
    });
    started.push(watch);
    let said = '';
    watch.stderr?.on('data', (text) => {
      said += text;
    });
    await once(watch.stdout as NodeJS.ReadableStream, 'data');
    watch.stdout?.resume();
    const closed = once(watch, 'close');
    await ended(child);
    expect(await closed).toEqual([0, null]);
    expect(said).toContain(`process ${pid} has ended; this was its last state`);
    expect(tslab(['stats', '--pid', pid], { env })).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('--post-mortem reads them'),
    });
    const { code, stdout } = tslab(['stats', '--pid', pid, '--post-mortem'], { env });
    expect([code, stdout.includes('has ended')]).toEqual([0, true]);
    expect(stdout).toMatch(/^Memory\n {2}– +process RSS\n {4}\S+ \S+ +slabs \(estimate\)\n/m);
    expect(tslab(['diff', '--pid', pid, '--window', '1s'], { env }).code).toBe(4);
  });

  test.each([
    ['diff'],
    ['top'],
    ['doctor'],
  ])('ends before the window of %s is full: too few samples', async (command) => {
    const { child, pid } = await target('burst', unique('window'));
    const args = [command, '--pid', pid, '--window', '60s'];
    const reader = spawn(installed.bin, args, { env: { ...process.env, ...env } });
    started.push(reader);
    // Once it holds the counters open, it has chosen its process.
    await until(() => readers(pid, reader.pid));
    const closed = once(reader, 'close');
    await ended(child);
    expect(await closed).toEqual([5, null]);
  });

  test.each([
    ['record', ['--output', '-', '--interval', '20ms']],
    ['top', ['--watch', '--json', '--interval', '20ms']],
    ['export', ['prometheus', '--follow', '--interval', '20ms', '--output', join(directory, 'live.prom')]],
  ])('ends under %s: exit code 0', async (command, args) => {
    const { child, pid } = await target('burst', unique(command));
    const reader = spawn(installed.bin, [command, ...args, '--pid', pid], { env: { ...process.env, ...env } });
    started.push(reader);
    reader.stdout?.resume();
    await until(() => readers(pid, reader.pid));
    const closed = once(reader, 'close');
    await ended(child);
    expect(await closed).toEqual([0, null]);
  });
});

describe('in a terminal of 80 columns', () => {
  test.each(['top --watch --epochs --by live_bytes', 'watch', 'top --epochs'])('%s is whole', async (line) => {
    const { pid } = await target('leak', unique('narrow'));
    const terminal = new TestTerminal(80, 40);
    try {
      terminal.run(`clear; TSLAB_DIR=${directory} ${installed.bin} ${line} --pid ${pid}`);
      const screen = await terminal.see(/pid \d+.*KiB.*(ready>|q quit)/s);
      expect(screen).not.toContain('…');
    } finally {
      terminal.close();
    }
  });
});

/** @returns whether a child of that process maps a counter file of the target */
function readers(target: string, parent: number | undefined): boolean {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ').filter(Boolean);
  return children.some((pid) => {
    try {
      return readFileSync(`/proc/${pid}/maps`, 'utf8').includes(`/${target}-`);
    } catch {
      return false; // It has ended since.
    }
  });
}

describe('ps', () => {
  const validate = new Ajv2020().compile(JSON.parse(readFileSync('schemas/instances.schema.json', 'utf8')));

  test('lists the live and the dead', async () => {
    const leak = await target('leak', unique('ps-leak'));
    const dead = await target('steady', unique('ps-dead'));
    await ended(dead.child);
    const { code, stdout } = tslab(['ps', '--all'], { env });
    expect(code).toBe(0);
    const line = (pid: string) => stdout.split('\n').find((text) => new RegExp(`^ *${pid} `).test(text));
    expect(line(leak.pid)).toMatch(/ live +stats_dump +ps-leak-\d+ +1 /);
    expect(line(dead.pid)).toMatch(/ dead +stats_dump +ps-dead-/);
  });

  test('--json is as the schema says, hostile text is harmless', async () => {
    const hostile = `\u001b[31m\u202e${unique('evil')}\n`;
    const { pid } = await target('burst', hostile);
    const { stdout } = tslab(['ps', '--json'], { env });
    const all = JSON.parse(stdout);
    expect(validate(all), JSON.stringify(validate.errors)).toBe(true);
    expect(all.instances.find((one: { pid: number }) => String(one.pid) === pid).name).toBe(hostile);
    expect(stdout).not.toMatch(/[\u001b\u202e]/);
    expect(tslab(['ps'], { env }).stdout).not.toMatch(/[\u001b\u202e]/);
  });
});

describe('wrong usage', () => {
  test.each([
    [['stats', '--pid', '0'], 2],
    [['stats', '--pid', 'x'], 2],
    [['stats', '--pid', '1', '--name', 'x'], 2],
    [['stats', '--instance', '1'], 2],
    [['stats', '--post-mortem'], 2],
    [['stats', '--pid', '1', 'file.json'], 2],
    [['diff', '--window', '1s'], 2],
    [['diff', '--pid', '1', 'a.json'], 2],
    [['stats', '--pid', '2147483647'], 4],
    [['stats', '--name', 'no-such-name'], 4],
    [['watch', '--name', 'no-such-name', '--post-mortem'], 4],
  ])('%j ends with %i', (args, expected) => {
    const { code, stdout } = tslab(args, { env });
    expect([code, stdout]).toEqual([expected, '']);
  });
});
