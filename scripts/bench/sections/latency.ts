import { CONTENDERS } from '../contenders.ts';
import { runBench, workloads } from '../program.ts';
import { interleaved, type Section } from '../task.ts';

/** Enough for a p99.99 of a hundred samples, few enough to be quick. */
const PAIRS = 1_000_000;

export const latency: Section = {
  name: 'latency',
  about: 'time of every single operation',
  timed: true,
  tasks: (plan) => {
    const contenders = CONTENDERS.filter(({ kind }) => kind !== 'floor');
    const names = workloads(plan).map(({ name }) => name);
    return interleaved('latency', plan.quick ? 1 : 7, names, contenders, (name, contender) =>
      runBench(plan, contender, [name, '--pairs', `${plan.quick ? PAIRS / 20 : PAIRS}`], '-latency'),
    );
  },
};
