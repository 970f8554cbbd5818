// Asks the built tslab doctor.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../setup.js';
import { aheadSec } from './clock.js';

/** @typedef {'error' | 'warning' | 'info'} Severity */
/** @typedef {{ code: string, severity: Severity, owner: { label?: string, object_size?: number | string } }} Finding */
/** @typedef {{ findings: Finding[], exitCode: number }} Diagnosis */

/**
 * @param {string[]} args where to look: --pid, --file, --window …
 * @param {NodeJS.ProcessEnv} env
 * @param {{ laterSec?: number }} [options] laterSec: as if so much time had passed (a time namespace; needs root)
 * @returns {Promise<Diagnosis>}
 * @throws {Error} when it says nothing that can be read
 */
export async function diagnose(args, env, { laterSec } = {}) {
  const tslab = [process.execPath, join(root, 'bin/run.js'), 'doctor', '--json', ...args];
  const [program = '', ...rest] = laterSec
    ? ['unshare', '-T', '--monotonic', String(aheadSec + laterSec), ...tslab]
    : tslab;
  const { stdout, stderr, exitCode } = await run(program, rest, env);
  try {
    return { findings: JSON.parse(stdout).findings, exitCode };
  } catch {
    throw new Error(`tslab doctor ${args.join(' ')}: exit code ${exitCode}: ${stderr || stdout}`);
  }
}

/** @param {string} program @param {string[]} args @param {NodeJS.ProcessEnv} env @returns {Promise<{ stdout: string, stderr: string, exitCode: number }>} */
export function run(program, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ stdout, stderr, exitCode: code ?? 1 }));
  });
}

/** @param {Severity} severity */
export const isAlarming = (severity) => severity !== 'info';

/** @param {Finding} finding */
export function nameOf({ code, owner }) {
  const who = owner.label ?? (owner.object_size === undefined ? '' : `class ${owner.object_size}`);
  return who ? `${code} (${who})` : code;
}
