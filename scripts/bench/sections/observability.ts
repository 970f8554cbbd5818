import { spawn } from 'node:child_process';
import { type Build, built, DEFAULT_BUILD, LABELS, NO_COUNTERS } from '../builds.ts';
import { CONTENDERS, type Contender } from '../contenders.ts';
import { countInstructions, runBench, runBenchBeside, workloads } from '../program.ts';
import { interleaved, type Plan, type Section } from '../task.ts';

const CASES = ['pair', 'batch', 'churn-1', 'churn-2', 'request'];

/** A build, or something done to the default one. */
interface Setting {
  id: string;
  build: Build;
  reader?: boolean;
}

export const observability: Section = {
  name: 'observability',
  about: 'what being observable, and being observed, costs',
  timed: true,
  tasks: (plan) => {
    const ours = CONTENDERS.find(({ id }) => id === 'epoch') as Contender;
    const pairs = new Map(workloads(plan).map((workload) => [workload.name, workload.pairs]));
    const settings: Setting[] = [
      { id: 'default', build: DEFAULT_BUILD },
      { id: 'no-counters', build: NO_COUNTERS },
      { id: 'labels', build: LABELS },
      { id: 'reader', build: DEFAULT_BUILD, reader: true },
    ];
    const cases = plan.quick ? CASES.slice(0, 2) : CASES;
    return [
      ...interleaved('observability', plan.quick ? 1 : 9, cases, settings, (name, setting) => {
        const args = [name, '--pairs', `${Math.ceil((pairs.get(name) ?? 0) / (plan.quick ? 20 : 1))}`];
        const at = { ...plan, build: built(plan, setting.build) };
        return setting.reader ? runBenchBeside(at, ours, args, (pid) => reader(plan, pid)) : runBench(at, ours, args);
      }),
      ...interleaved(
        'observability-instructions',
        1,
        plan.quick ? ['pair'] : ['pair', 'batch', 'churn-1', 'request'],
        settings.filter(({ reader }) => !reader),
        (name, { build }) => ({
          instructions_per_pair: countInstructions(
            plan,
            ours,
            [name, '--pairs', plan.quick ? '20000' : '200000'],
            built(plan, build),
          ),
        }),
      ),
    ];
  },
};

/** Reads a process 100 times a second until it ends. It has just begun and may not have its counters yet. */
function reader(plan: Plan, pid: number) {
  const read = `stats=${plan.build}/stats_dump; for i in 1 2 3 4 5 6 7 8 9; do "$stats" --pid ${pid} --interval 10ms --no-text && exit; sleep 0.01; done`;
  return spawn('sh', ['-c', read], { stdio: 'ignore', env: { ...process.env, TSLAB_DIR: `${plan.scratch}/counters` } });
}
