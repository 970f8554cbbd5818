// Starts native/faults' service (or any process that prints "ready" and ends with its standard input) and ends it again.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** @typedef {{ pid: number, end: () => Promise<void> }} Running */

/**
 * @param {string} program
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Running>} once it says that everything is in place
 * @throws {Error} when it ends before, or says something else
 */
export async function startService(program, args, env) {
  const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  const said = await new Promise((resolve) => {
    createInterface({ input: child.stdout }).once('line', resolve).once('close', () => resolve(undefined));
    child.on('error', () => resolve(undefined));
  });
  if (said !== 'ready' || child.pid === undefined) {
    child.kill('SIGKILL');
    throw new Error(`${program} ${args.join(' ')}: ${said ?? 'ended before it was ready'}`);
  }
  return {
    pid: child.pid,
    async end() {
      child.stdin.end();
      await closed;
    },
  };
}
