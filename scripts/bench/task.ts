import type { RunKey } from './journal.ts';
import type { Run } from './results.ts';

/** How thorough a bench is. `quick` proves that everything works; its figures are rough. */
export interface Plan {
  quick: boolean;
  soakSec: number;
  root: string;
  /** native/build */
  build: string;
  scratch: string;
}

/** One run of one program. */
export interface Task {
  key: RunKey;
  run(): Promise<Run> | Run;
}

export interface Section {
  name: string;
  /** What the progress says. */
  about: string;
  /** Whether its figures are times, which other work on the machine makes worthless. */
  timed: boolean;
  tasks(plan: Plan): Task[];
}

/**
 * Runs of several cases and contenders, in turn: whatever else the machine does falls on all of them, and nobody always comes after the same one.
 * @param run makes the run of one case and contender
 */
export function interleaved<C extends { id: string }>(
  section: string,
  rounds: number,
  cases: readonly string[],
  contenders: readonly C[],
  run: (name: string, contender: C) => Promise<Run> | Run,
): Task[] {
  const tasks: Task[] = [];
  for (let round = 0; round < rounds; round++)
    for (const name of cases)
      for (let i = 0; i < contenders.length; i++) {
        const contender = contenders[(i + round) % contenders.length];
        if (contender) tasks.push({ key: [section, name, contender.id, round], run: () => run(name, contender) });
      }
  return tasks;
}
