import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import { type Contender, libraryPath } from './contenders.ts';
import type { Run } from './results.ts';
import type { Plan } from './task.ts';

export interface Workload {
  name: string;
  threads: number;
  pairs: number;
  about: string;
}

/** The table of native/bench/workloads.c. */
export function workloads(plan: Plan): Workload[] {
  return rows(plan, 'workload').map(([, name = '', threads, pairs, about = '']) => ({
    name,
    threads: Number(threads),
    pairs: Number(pairs),
    about,
  }));
}

function rows(plan: Plan, kind: string): string[][] {
  const { status, stdout, stderr } = spawnSync(`${plan.build}/bench/epoch`, ['list'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`bench list ends with ${status}: ${stderr}`);
  return stdout
    .split('\n')
    .map((line) => line.split('\t'))
    .filter(([first]) => first === kind);
}

/** What a contender's program sees: its allocator preloaded, our counters in a file of their own folder. */
export function environment(plan: Plan, contender: Contender): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, TSLAB_DIR: `${plan.scratch}/counters` };
  delete env['LD_PRELOAD'];
  if (contender.preload) env['LD_PRELOAD'] = libraryPath(contender.preload, plan.build);
  return env;
}

/** Runs native/bench's program once for a contender. @throws when it fails, or malloc is not whose it should be */
export function runBench(plan: Plan, contender: Contender, args: readonly string[], pass: '' | '-latency' = ''): Run {
  const path = `${plan.build}/bench/${contender.program}${pass}`;
  return parse(
    contender,
    path,
    args,
    spawnSync(path, args, { encoding: 'utf8', env: environment(plan, contender), maxBuffer: 1 << 24 }),
  );
}

/** The same beside another process, which begins first and is ended after it. */
export async function runBenchBeside(
  plan: Plan,
  contender: Contender,
  args: readonly string[],
  beside: (pid: number) => ChildProcess,
): Promise<Run> {
  const path = `${plan.build}/bench/${contender.program}`;
  const child = spawn(path, args, { env: environment(plan, contender), stdio: ['ignore', 'pipe', 'pipe'] });
  const other = beside(child.pid ?? 0);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  other.kill();
  return parse(contender, path, args, { status, stdout, stderr });
}

function parse(
  contender: Contender,
  path: string,
  args: readonly string[],
  ran: { status: number | null; stdout: string; stderr: string },
): Run {
  if (ran.status !== 0)
    throw new Error(`${path} ${args.join(' ')} (${contender.id}) ends with ${ran.status}: ${ran.stderr}`);
  const run = JSON.parse(ran.stdout) as Run;
  // Debian's files carry longer version numbers than their names in the loader's list.
  const expected = contender.preload ? basename(contender.preload).split('.so')[0] : 'libc';
  if (!run.malloc_from?.startsWith(`${expected}.so`) && !run.malloc_from?.startsWith(`${expected}-`))
    throw new Error(`${contender.id}: malloc comes from ${run.malloc_from}`);
  return run;
}

/** Instructions of the measured part, counted by callgrind, per pair. */
export function countInstructions(
  plan: Plan,
  contender: Contender,
  args: readonly string[],
  build = plan.build,
): number {
  const { status, stderr, stdout } = spawnSync(
    'valgrind',
    [
      '--tool=callgrind',
      '--toggle-collect=measured*',
      '--callgrind-out-file=/dev/null',
      `${build}/bench/${contender.program}`,
      ...args,
    ],
    { encoding: 'utf8', env: environment(plan, contender) },
  );
  const instructions = Number(/Collected : (\d+)/.exec(stderr)?.[1]);
  if (status !== 0 || !instructions)
    throw new Error(`callgrind ${contender.id} ${args.join(' ')}: ${stderr.slice(-500)}`);
  return instructions / ((JSON.parse(stdout) as Run).pairs ?? Number.NaN);
}
