// One case each: start, look, end, judge.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { diagnose, isAlarming, nameOf, run } from './doctor.js';
import { built, start } from './targets.js';

const WINDOW = ['--window', '3s'];

/**
 * @typedef {import('./faults.js').FaultRow} FaultRow
 * @typedef {import('./faults.js').Strength} Strength
 * @typedef {{ row: FaultRow, found: boolean, named: boolean | undefined }} Judged
 * @typedef {{ kind: 'fault' | 'pair' | 'healthy', name: string, strength?: Strength, amount?: string, judged: Judged[], others: string[], ok: boolean, error?: string }} Result
 */

/** @param {FaultRow} row @param {import('./doctor.js').Finding[]} findings @returns {Judged} */
function judge(row, findings) {
  const ofCode = findings.filter(
    ({ code, severity }) => code === row.code && (row.severity === 'info' || isAlarming(severity)),
  );
  const wanted = row.label !== undefined || row.objectSize !== undefined;
  const named = ofCode.some(
    ({ owner }) =>
      (row.label === undefined || owner.label === row.label) &&
      (row.objectSize === undefined || Number(owner.objectSize) === row.objectSize),
  );
  return { row, found: ofCode.length > 0, named: wanted && ofCode.length > 0 ? named : undefined };
}

/** What alarms besides what was planted. @param {FaultRow[]} rows @param {import('./doctor.js').Finding[]} findings */
function othersThan(rows, findings) {
  const known = new Set(rows.flatMap(({ code, also = [] }) => [code, ...also]));
  return findings.filter(({ code, severity }) => isAlarming(severity) && !known.has(code)).map(nameOf);
}

/** @param {FaultRow[]} rows @param {Strength} strength @returns {Promise<Result>} */
export async function planted(rows, strength) {
  const amounts = rows.map((row) => row[strength] ?? '');
  const args = rows.flatMap(({ fault }, i) => ['--fault', `${fault}=${amounts[i]}`]);
  const name = rows.map(({ fault, build }) => (build ? `${fault} [${build}]` : fault)).join(' + ');
  /** @type {Pick<Result, 'kind' | 'name' | 'strength' | 'amount'>} */
  const result = { kind: rows.length > 1 ? 'pair' : 'fault', name, strength, amount: amounts.join(' + ') };
  try {
    const target = await start(built(rows.find(({ build }) => build)?.build, 'fault_service'), args, {});
    try {
      const { findings } = await diagnose(['--pid', String(target.pid), ...WINDOW], target.env);
      const judged = rows.map((row) => judge(row, findings));
      const others = othersThan(rows, findings);
      const right = judged.every(({ found, named }) => (strength === 'below' ? !found : found && named !== false));
      return { ...result, judged, others, ok: right && others.length === 0 };
    } finally {
      await target.end();
      target.remove();
    }
  } catch (error) {
    return { ...result, judged: [], others: [], ok: false, error: String(error) };
  }
}

/** @param {import('./healthy.js').HealthyRow} row @returns {Promise<Result>} */
export async function healthy(row) {
  /** @type {Pick<Result, 'kind' | 'name' | 'judged'>} */
  const result = { kind: 'healthy', name: row.name, judged: [] };
  try {
    const target = await startHealthy(row);
    try {
      const { findings } = await lookAt(row, target);
      const others = findings.filter(({ severity }) => isAlarming(severity)).map(nameOf);
      return { ...result, others, ok: others.length === 0 };
    } finally {
      await target.end();
      target.remove();
    }
  } catch (error) {
    return { ...result, others: [], ok: false, error: String(error) };
  }
}

/** @param {import('./healthy.js').HealthyRow} row */
function startHealthy({ workload, service, preload, build, warmUpMs = 1000, look }) {
  if (service !== undefined) return start(built(build, 'fault_service'), service.split(' ').filter(Boolean), {});
  if (preload) {
    const [program = '', ...args] = preload;
    return start(program, args, { ready: 1500, env: { LD_PRELOAD: built(build, 'libtslab_preload.so') } });
  }
  const length = look === 'ended' ? [] : ['--duration', look === 'ending' ? '2s' : '60s'];
  return start(built(build, 'stats_dump'), [...(workload ?? '').split(' '), ...length, '--no-json', '--no-text'], {
    ready: warmUpMs,
  });
}

/** @param {import('./healthy.js').HealthyRow} row @param {import('./targets.js').Target} target */
async function lookAt({ look = 'window' }, target) {
  const pid = ['--pid', String(target.pid)];
  switch (look) {
    case 'window':
      return diagnose([...pid, ...WINDOW], target.env);
    case 'once':
      return diagnose(pid, target.env);
    case 'later':
      return diagnose([...pid, ...WINDOW], target.env, { laterSec: 700 });
    case 'ended':
      await sleep(1000);
      return diagnose([...pid, '--post-mortem'], target.env);
    case 'ending':
      setTimeout(() => target.end(), 1500);
      return diagnose([...pid, ...WINDOW], target.env);
    case 'recording': {
      const file = join(target.directory, 'recording.ndjson');
      const record = ['record', ...pid, '--interval', '200ms', '--count', '15', '-o', file];
      await run(process.execPath, [join(import.meta.dirname, '../../bin/run.js'), ...record], target.env);
      return diagnose([file], target.env);
    }
  }
}
