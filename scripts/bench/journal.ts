import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { othersPct, type ProcessorTicks } from './other-work.ts';
import type { Run, Runs } from './results.ts';

/** What a run took: its own time, and what the processors did meanwhile. */
export interface Cost extends ProcessorTicks {
  ms: number;
}

interface Done {
  run: Run;
  cost: Cost;
}

/** Every finished run on disk at once, so that a bench that was interrupted goes on where it was (--resume). */
export class Journal {
  readonly #done = new Map<string, Done>();
  readonly #path: string;

  /** @param signature what the runs were made by and on: a journal of another one is not resumed */
  constructor(path: string, signature: string, resume: boolean) {
    this.#path = path;
    mkdirSync(dirname(path), { recursive: true });
    const lines = resume && existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
    if (lines[0] === signature) {
      for (const line of lines.slice(1)) this.#read(line);
    } else {
      writeFileSync(path, `${signature}\n`);
    }
  }

  get size(): number {
    return this.#done.size;
  }

  has(key: RunKey): boolean {
    return this.#done.has(JSON.stringify(key));
  }

  add(key: RunKey, run: Run, cost: Cost): void {
    this.#done.set(JSON.stringify(key), { run, cost });
    appendFileSync(this.#path, `${JSON.stringify([key, run, cost])}\n`);
  }

  /** What all runs took, those of an interrupted bench included. */
  seconds(): number {
    return Math.round([...this.#done.values()].reduce((sum, { cost }) => sum + cost.ms, 0) / 1000);
  }

  /** Share of the processors' time that went to other work during the runs of some sections, 0 … 100. */
  otherWorkPct(sections: readonly string[]): number {
    const counted = [...this.#done].filter(([text]) => sections.includes((JSON.parse(text) as RunKey)[0]));
    return othersPct(counted.map(([, { cost }]) => cost));
  }

  runs(): Runs {
    const runs: Runs = {};
    for (const [text, { run }] of this.#done) {
      const [section, name, contender] = JSON.parse(text) as RunKey;
      const cases = runs[section] ?? {};
      const contenders = cases[name] ?? {};
      runs[section] = { ...cases, [name]: { ...contenders, [contender]: [...(contenders[contender] ?? []), run] } };
    }
    return runs;
  }

  /** A line cut off by the end of the process that wrote it is a run that did not happen. */
  #read(line: string): void {
    try {
      const [key, run, cost] = JSON.parse(line) as [RunKey, Run, Cost];
      this.#done.set(JSON.stringify(key), { run, cost });
    } catch {}
  }
}

/** Section, case, contender, round. */
export type RunKey = readonly [string, string, string, number];
