import { CONTENDERS } from '../contenders.ts';
import { runBench, workloads } from '../program.ts';
import { interleaved, type Section } from '../task.ts';

export const throughput: Section = {
  name: 'throughput',
  about: 'time per pair, every workload and contender',
  timed: true,
  tasks: (plan) => {
    const table = new Map(workloads(plan).map((workload) => [workload.name, workload]));
    return interleaved('throughput', plan.quick ? 1 : 5, [...table.keys()], CONTENDERS, (name, contender) =>
      runBench(plan, contender, [
        name,
        '--pairs',
        `${Math.ceil((table.get(name)?.pairs ?? 0) / (plan.quick ? 20 : 1))}`,
      ]),
    );
  },
};
