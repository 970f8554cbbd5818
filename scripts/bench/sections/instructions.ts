import { CONTENDERS } from '../contenders.ts';
import { countInstructions, workloads } from '../program.ts';
import { interleaved, type Section } from '../task.ts';

/** Of the bars, and one whose work is done by threads that it begins. */
const QUICK = ['pair', 'request', 'larson'];
/** Threads that wait for each other count their waiting. */
const WAITING = new Set(['producer-consumer', 'xmalloc']);

export const instructions: Section = {
  name: 'instructions',
  about: 'instructions per pair, counted by callgrind',
  timed: false,
  tasks: (plan) => {
    const names = plan.quick
      ? QUICK
      : workloads(plan)
          .map(({ name }) => name)
          .filter((name) => !WAITING.has(name));
    return interleaved('instructions', 1, names, CONTENDERS, (name, contender) => ({
      instructions_per_pair: countInstructions(plan, contender, [name, '--pairs', plan.quick ? '20000' : '200000']),
    }));
  },
};
