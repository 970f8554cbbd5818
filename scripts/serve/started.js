// What the scripts on tslab serve have in common: programs that are started, known to listen, and always ended.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const DUMP = join(root, 'native/build/stats_dump');

/** A workload at work and a tslab that serves it. */
export class Stage {
  static #made = 0;
  #directory = mkdtempSync(join(tmpdir(), 'tslab-stage-'));
  /** @type {import('node:child_process').ChildProcess[]} */
  #children = [];
  #name = `stage-${process.pid}-${Stage.#made++}`;

  /** @param {string} command @param {string[]} args @param {NodeJS.ProcessEnv} [env] */
  start(command, args, env = {}) {
    const child = spawn(command, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, TSLAB_DIR: join(this.#directory, 'counters'), ...env },
    });
    this.#children.push(child);
    return child;
  }

  /** @param {number} count processes of the harness's workload leak, at a gentle pace */
  async workloads(count) {
    for (let i = 0; i < count; i++) {
      const child = this.start(DUMP, ['leak', '--duration', 'forever', '--rate', '2000', '--no-json', '--no-text'], {
        TSLAB_NAME: this.#name,
      });
      child.stderr?.resume();
    }
    await sleep(500);
  }

  /** @param {string} bin tslab @param {string[]} args @returns {Promise<{ url: URL, pid: number }>} */
  async tslab(bin = join(root, 'bin/run.js'), args = []) {
    const child = this.start(bin, ['serve', '--name', this.#name, '--web.listen-address', '127.0.0.1:0', ...args]);
    let said = '';
    child.stderr?.on('data', (text) => {
      said += text;
    });
    for (let tries = 0; !said.includes(' on http'); tries++) {
      if (child.exitCode !== null || tries > 400) throw new Error(`tslab serve does not start: ${said}`);
      await sleep(25);
    }
    return { url: new URL(/ on (http\S+)/.exec(said)?.[1] ?? ''), pid: child.pid ?? 0 };
  }

  async end() {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const closed = once(child, 'close');
      child.kill('SIGKILL');
      await closed;
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

const TICKS_PER_SEC = 100;

/**
 * CPU time of a process, its threads and its children, those that have ended and those at work.
 * @param {number} pid @returns {number} milliseconds
 */
export function cpuMs(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // utime, stime, cutime, cstime: fields 14 to 17 of proc(5).
  const own = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0) / TICKS_PER_SEC;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  return children.reduce((sum, child) => sum + cpuMs(Number(child)), own * 1000);
}

/** @param {number} pid @returns {{ rssMiB: number, peakMiB: number, descriptors: number }} */
export function memory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mib = (/** @type {string} */ field) => Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
  return { rssMiB: mib('VmRSS'), peakMiB: mib('VmHWM'), descriptors: readdirSync(`/proc/${pid}/fd`).length };
}
