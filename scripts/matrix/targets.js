// The processes to look at: what is built, started in a counter directory of its own.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../setup.js';

/** @typedef {{ pid: number, env: NodeJS.ProcessEnv, directory: string, end: () => Promise<void>, remove: () => void }} Target */

/** @param {string | undefined} build @param {string} file */
export const built = (build, file) => join(root, 'native/build', build ?? '', file);

/** Builds native/faults in both builds, and the library to preload. @throws {Error} */
export function buildAll() {
  for (const args of [
    ['faults', 'all'],
    ['VARIANT=labels', 'LABEL_CONTENTION=1', 'faults', 'all'],
  ]) {
    const { status } = spawnSync('make', ['-s', '-C', join(root, 'native'), '-j2', ...args], {
      stdio: ['ignore', 2, 2],
    });
    if (status !== 0) throw new Error(`make -C native ${args.join(' ')} failed`);
  }
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {{ ready?: 'says so' | number, env?: NodeJS.ProcessEnv }} options ready: it prints "ready", or so many milliseconds after its start
 * @returns {Promise<Target>}
 * @throws {Error} when it ends before it is ready
 */
export async function start(program, args, { ready = 'says so', env: more = {} }) {
  const directory = mkdtempSync(join(tmpdir(), 'tslab-matrix-'));
  const env = { ...process.env, TSLAB_DIR: directory, TSLAB_NAME: '', TSLAB_COUNTERS: '' };
  const child = spawn(program, args, {
    env: { ...env, ...more },
    stdio: ['pipe', ready === 'says so' ? 'pipe' : 'ignore', 'inherit'],
  });
  const closed = once(child, 'close');
  // What a shell had just started outlives it for a moment, and makes and removes files meanwhile.
  const remove = () => rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  const end = async () => {
    child.stdin?.end();
    if (ready !== 'says so') child.kill('SIGKILL');
    await closed;
  };
  try {
    await once(child, 'spawn');
    if (ready === 'says so') {
      const said = await firstLine(child);
      if (said !== 'ready') throw new Error(`${args.join(' ')}: ${said ?? 'ended before it was ready'}`);
    } else {
      await sleep(ready);
    }
  } catch (error) {
    child.kill('SIGKILL');
    remove();
    throw error;
  }
  return { pid: child.pid ?? 0, env, directory, end, remove };
}

/** @param {import('node:child_process').ChildProcess} child @returns {Promise<string | undefined>} */
function firstLine({ stdout }) {
  return new Promise((resolve) => {
    if (!stdout) return resolve(undefined);
    createInterface({ input: stdout })
      .once('line', resolve)
      .once('close', () => resolve(undefined));
  });
}
