import { CONTENDERS } from '../contenders.ts';
import { runBench, workloads } from '../program.ts';
import { interleaved, type Section } from '../task.ts';

export const THREADS = [1, 2, 4, 8, 16, 32, 64];
/** Private objects only; objects handed to another thread; nearly every object freed by another thread. */
const CASES = ['churn-1', 'larson', 'xmalloc'];

export const scaling: Section = {
  name: 'scaling',
  about: 'from 1 to 64 threads',
  timed: true,
  tasks: (plan) => {
    const contenders = CONTENDERS.filter(({ id, kind }) => kind === 'peer' || id === 'epoch');
    const pairs = new Map(workloads(plan).map((workload) => [workload.name, workload.pairs / 2]));
    const threads = plan.quick ? [1, 8] : THREADS;
    const cases = CASES.flatMap((name) =>
      threads.filter((n) => name !== 'xmalloc' || n > 1).map((n) => `${name}/${n}`),
    );
    return interleaved('scaling', plan.quick ? 1 : 5, cases, contenders, (name, contender) => {
      const [workload = '', count = ''] = name.split('/');
      const total = Math.ceil((pairs.get(workload) ?? 0) / (plan.quick ? 20 : 1));
      return runBench(plan, contender, [workload, '--threads', count, '--pairs', `${total}`]);
    });
  },
};
