import { CONTENDERS } from '../contenders.ts';
import { runBench } from '../program.ts';
import { interleaved, type Section, type Task } from '../task.ts';

/** Memory does not depend on whether a hot path is called or compiled in. */
const everybody = CONTENDERS.filter(({ kind, inlines }) => kind !== 'floor' && !inlines);
const grouping = CONTENDERS.filter(({ program }) => program === 'epoch' || program === 'pointer');

export const memory: Section = {
  name: 'memory',
  about: 'resident memory over phases of lifetimes',
  timed: false,
  tasks: (plan) => {
    const args = (name: string) => [name, '--amount', plan.quick ? '50' : '200'];
    const soak = (name: string) => [name, '--amount', `${plan.soakSec}`];
    const tasks: Task[] = [
      ...interleaved('memory', 1, ['phases-mixed', 'any-size-mixed'], everybody, (name, contender) =>
        runBench(plan, contender, args(name)),
      ),
      ...interleaved(
        'memory',
        1,
        ['phases-by-epoch', 'any-size-by-epoch', 'phases-by-phase'],
        grouping,
        (name, contender) => runBench(plan, contender, args(name)),
      ),
    ];
    if (plan.soakSec > 0)
      tasks.push(
        ...interleaved('memory', 1, ['soak-by-epoch', 'soak-mixed'], grouping.slice(0, 1), (name, contender) =>
          runBench(plan, contender, soak(name)),
        ),
      );
    return tasks;
  },
};
