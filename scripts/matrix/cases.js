// One case each: start, look, end, judge.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diagnose, isAlarming, nameOf, run } from './doctor.js';
import { saidOfThisMachine } from './kernel.js';
import { built, start } from './targets.js';

const WINDOW = ['--window', '3s'];

/**
 * @typedef {import('./faults.js').FaultRow} FaultRow
 * @typedef {import('./faults.js').Strength} Strength
 * @typedef {{ row: FaultRow, found: boolean, named: boolean | undefined }} Judged
 * @typedef {{ kind: 'fault' | 'pair' | 'healthy', name: string, strength?: Strength, amount?: string, judged: Judged[], rightly?: string[], others: string[], slow?: string, ok: boolean, error?: string }} Result
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
      (row.objectSize === undefined || Number(owner.object_size) === row.objectSize),
  );
  return { row, found: ofCode.length > 0, named: wanted && ofCode.length > 0 ? named : undefined };
}

/** What alarms besides what was planted. @param {FaultRow[]} rows @param {import('./doctor.js').Finding[]} findings */
function othersThan(rows, findings) {
  const known = new Set([...saidOfThisMachine(), ...rows.flatMap(({ code, also = [] }) => [code, ...also])]);
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
    const target = await startPlanted(rows, args);
    try {
      const tamper = rows.find((row) => row.tamper)?.tamper;
      const reaches = rows.find((row) => row.reaches)?.reaches;
      const before = reaches && (await counterOf(target, reaches.counter));
      const { findings } = tamper
        ? await diagnose(
            ['--exec', `cat ${await tampered(target, (all) => tamper(all, Number(amounts[0])))}`],
            target.env,
          )
        : await diagnose(['--pid', String(target.pid), ...WINDOW], target.env);
      const judged = rows.map((row) => judge(row, findings));
      const others = othersThan(rows, findings);
      const after = reaches && (await counterOf(target, reaches.counter));
      const rate = before && after ? (after.value - before.value) / (after.sec - before.sec) : undefined;
      if (reaches && rate !== undefined && rate < reaches.perSecond && strength !== 'below')
        return { ...result, judged, others, slow: `${Math.round(rate / 2 ** 20)} MiB/s`, ok: others.length === 0 };
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

/** @param {import('./targets.js').Target} target @param {string} counter */
async function counterOf({ pid, env }, counter) {
  const { stdout } = await run(built(undefined, 'stats_dump'), ['--pid', String(pid), '--no-text'], env);
  const snapshot = JSON.parse(stdout);
  return { value: Number(snapshot[counter]), sec: Number(snapshot.timestamp_ns) / 1e9 };
}

/** @param {FaultRow[]} rows @param {string[]} args */
function startPlanted([row, second], args) {
  if (row?.tamper) return start(built(undefined, 'fault_service'), [], {});
  return start(built(row?.build ?? second?.build, 'fault_service'), args, {});
}

/**
 * @param {import('./targets.js').Target} target @param {(snapshots: any[]) => any[]} change
 * @returns {Promise<string>} a file with 20 snapshots of the target, changed
 */
async function tampered({ pid, env, directory }, change) {
  const dump = ['--pid', String(pid), '--interval', '100ms', '--count', '20', '--no-text'];
  const { stdout } = await run(built(undefined, 'stats_dump'), dump, env);
  const snapshots = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const file = join(directory, 'tampered.ndjson');
  writeFileSync(
    file,
    change(snapshots)
      .map((one) => `${JSON.stringify(one)}\n`)
      .join(''),
  );
  return file;
}

/** @param {import('./healthy.js').HealthyRow} row @returns {Promise<Result>} */
export async function healthy(row) {
  /** @type {Pick<Result, 'kind' | 'name' | 'judged'>} */
  const result = { kind: 'healthy', name: row.name, judged: [] };
  try {
    const target = await startHealthy(row);
    try {
      const { findings } = await lookAt(row, target);
      const alarms = findings.filter(({ severity }) => isAlarming(severity));
      const also = [...saidOfThisMachine(), ...(row.also ?? [])];
      const others = alarms.filter(({ code }) => !also.includes(code)).map(nameOf);
      const rightly = alarms.filter(({ code }) => also.includes(code)).map(nameOf);
      return { ...result, rightly, others, ok: others.length === 0 };
    } finally {
      await target.end();
      target.remove();
    }
  } catch (error) {
    return { ...result, others: [], ok: false, error: String(error) };
  }
}

/** @param {import('./healthy.js').HealthyRow} row */
function startHealthy({ workload, service, preload, build, warmUpMs = 1000 }) {
  if (service !== undefined) return start(built(build, 'fault_service'), service.split(' ').filter(Boolean), {});
  if (preload) {
    const [program = '', ...args] = preload;
    return start(program, args, { ready: 1500, env: { LD_PRELOAD: built(build, 'libtslab_preload.so') } });
  }
  return start(
    built(build, 'stats_dump'),
    [...(workload ?? '').split(' '), '--duration', '60s', '--no-json', '--no-text'],
    {
      ready: warmUpMs,
    },
  );
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
      await target.end();
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
