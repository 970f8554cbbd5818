import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs';
import { built, DEFAULT_BUILD, PAGES } from '../builds.ts';
import { CONTENDERS, type Contender } from '../contenders.ts';
import { runBench, workloads } from '../program.ts';
import type { Run } from '../results.ts';
import { interleaved, type Plan, type Section } from '../task.ts';

const CASES = ['pair', 'batch', 'churn-1', 'request', 'phases-by-epoch'];
const HUGE_PAGES = '/sys/kernel/mm/transparent_hugepage/enabled';

export const pages: Section = {
  name: 'pages',
  about: 'builds for larger pages; huge pages on and off',
  timed: true,
  tasks: (plan) => {
    const ours = CONTENDERS.find(({ id }) => id === 'epoch') as Contender;
    const pairs = new Map(workloads(plan).map((workload) => [workload.name, workload.pairs]));
    const once = (at: Plan, name: string): Run => {
      const count = pairs.get(name);
      const amount = Math.ceil((count ?? 100) / (plan.quick ? 20 : 1));
      return runBench(at, ours, [name, count ? '--pairs' : '--amount', `${amount}`]);
    };
    const rounds = plan.quick ? 1 : 5;
    const cases = plan.quick ? CASES.slice(0, 1) : CASES;
    return [
      ...interleaved('pages', rounds, cases, PAGES, (name, build) =>
        once({ ...plan, build: built(plan, build) }, name),
      ),
      ...interleaved(
        'huge-pages',
        rounds,
        cases,
        settable() && !plan.quick ? [{ id: 'always' }, { id: 'never' }] : [],
        (name, { id }) => withHugePages(id, () => once({ ...plan, build: built(plan, DEFAULT_BUILD) }, name)),
      ),
    ];
  },
};

/** The setting is the machine's: only root may change it, and it is put back at once. */
function settable(): boolean {
  try {
    accessSync(HUGE_PAGES, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function withHugePages(setting: string, work: () => Run): Run {
  const before = /\[(\w+)\]/.exec(readFileSync(HUGE_PAGES, 'utf8'))?.[1] ?? 'madvise';
  // An interrupt ends the program that is measured, and then this one, as an error: not before the setting is back.
  const wait = () => {};
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, wait);
  try {
    writeFileSync(HUGE_PAGES, setting);
    return work();
  } finally {
    writeFileSync(HUGE_PAGES, before);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, wait);
  }
}
