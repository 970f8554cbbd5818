// Starts the programs of a monitoring stack on the loopback address and ends all of them, whatever happens.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const READY_MS = 60_000;
const GRACE_MS = 5_000;

/** Programs that live and die together, and a directory for what they write. */
export class Processes {
  directory = mkdtempSync(join(tmpdir(), 'tslab-stack-'));
  /** @type {{ name: string, child: import('node:child_process').ChildProcess, ended: Promise<void> }[]} */
  #running = [];

  /**
   * @param {string} name for messages
   * @param {string[]} command
   * @param {{ ready?: RegExp, env?: Record<string, string> }} [options] `ready`: what its output says once it works; without it nobody waits.
   *   Its standard input stays open as long as we live.
   * @returns {Promise<{ pid: number, said: RegExpExecArray | null, end: () => Promise<void> }>}
   * @throws {Error} with its last words, where it ends before it is ready
   */
  async start(name, command, { ready, env = {} } = {}) {
    // The kernel ends it if we are killed ourselves.
    const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', ...command], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    const ended = new Promise((/** @type {(value: void) => void} */ resolve) => {
      child.once('close', () => resolve());
      child.once('error', () => resolve());
    });
    this.#running.push({ name, child, ended });
    let output = '';
    /** @type {(() => void)[]} */
    const listeners = [];
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => {
        output = (output + text).slice(-20_000);
        for (const listener of listeners) listener();
      });
    const said = ready ? await this.#until(name, ready, () => output, listeners, ended) : null;
    return { pid: child.pid ?? 0, said, end: () => this.#end(child, ended) };
  }

  /** @param {string} name @param {RegExp} ready @param {() => string} output @param {(() => void)[]} listeners @param {Promise<void>} ended @returns {Promise<RegExpExecArray>} */
  #until(name, ready, output, listeners, ended) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${name} is not ready:\n${output()}`)), READY_MS);
      const look = () => {
        const found = ready.exec(output());
        if (!found) return;
        clearTimeout(timer);
        resolve(found);
      };
      listeners.push(look);
      ended.then(() => {
        clearTimeout(timer);
        reject(new Error(`${name} ended:\n${output()}`));
      });
      look();
    });
  }

  /** @param {import('node:child_process').ChildProcess} child @param {Promise<void>} ended */
  async #end(child, ended) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    const inTime = await Promise.race([ended.then(() => true), sleep(GRACE_MS, false, { ref: false })]);
    if (!inTime) child.kill('SIGKILL');
    await ended;
  }

  /** Resolves when one of them has ended. @returns {Promise<string>} its name */
  anyEnded() {
    return Promise.race(this.#running.map(({ name, ended }) => ended.then(() => name)));
  }

  /** Ends all, those started last first, and removes the directory. */
  async stop() {
    for (const { child, ended } of this.#running.splice(0).reverse()) await this.#end(child, ended);
    rmSync(this.directory, { recursive: true, force: true });
  }
}
