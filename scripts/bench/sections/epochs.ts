import { CONTENDERS } from '../contenders.ts';
import { runBench } from '../program.ts';
import { interleaved, type Section } from '../task.ts';

const ours = CONTENDERS.filter(({ id }) => id === 'epoch');

export const epochs: Section = {
  name: 'epochs',
  about: 'what opening and closing epochs costs, and whom it holds up',
  timed: true,
  tasks: (plan) => [
    ...interleaved('epochs', plan.quick ? 1 : 5, ['epoch-advance'], ours, (name, contender) =>
      runBench(plan, contender, [name]),
    ),
    ...interleaved('epochs', plan.quick ? 1 : 5, ['epoch-1khz'], ours, (name, contender) =>
      runBench(plan, contender, [name, '--amount', plan.quick ? '1' : '3']),
    ),
    ...interleaved(
      'epochs',
      plan.quick ? 1 : 5,
      ['epoch-close-drained', 'epoch-close-pinned'],
      ours,
      (name, contender) => runBench(plan, contender, [name, '--amount', plan.quick ? '2000' : '10000']),
    ),
  ],
};
