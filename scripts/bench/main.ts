import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { make } from './builds.ts';
import { check } from './check.ts';
import { CONTENDERS } from './contenders.ts';
import { Journal } from './journal.ts';
import { describeMachine, type Machine } from './machine.ts';
import { processorTicks, ticksSince } from './other-work.ts';
import { BENCH_FILES } from './report/files.ts';
import { summary } from './report/summary.ts';
import type { Results } from './results.ts';
import { arm } from './sections/arm.ts';
import { epochs } from './sections/epochs.ts';
import { instructions } from './sections/instructions.ts';
import { latency } from './sections/latency.ts';
import { memory } from './sections/memory.ts';
import { observability } from './sections/observability.ts';
import { pages } from './sections/pages.ts';
import { programs } from './sections/programs.ts';
import { scaling } from './sections/scaling.ts';
import { throughput } from './sections/throughput.ts';
import type { Plan, Section } from './task.ts';

const SECTIONS: readonly Section[] = [
  throughput,
  latency,
  memory,
  epochs,
  instructions,
  programs,
  observability,
  scaling,
  pages,
  arm,
];

const HELP = `npm run bench -- [FLAGS]      measures everything and prints what was measured (about twenty minutes)

  --docs            also writes docs/performance.json and every page and chart that is made of it
  --quick           a rough pass over everything, in less than two minutes
  --only NAME,…     some sections only: ${SECTIONS.map(({ name }) => name).join(', ')}
  --resume          go on with a bench of the same build that was interrupted
  --soak SECONDS    also let memory drift for so long, twice; npm run bench:soak does so for 600, after a bench
  --check           print PASS or FAIL for what must be true on any machine, however busy; times are not judged
  --help

Results are in native/build/bench-results.json. The shape is scripts/bench/results.schema.json.
`;

/** @returns the exit code: 0, 1 where something failed, 2 for wrong usage */
export async function main(args: string[], folder: string): Promise<number> {
  const root = resolve(folder);
  let flags: ReturnType<typeof parse>;
  try {
    flags = parse(args);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const scratch = mkdtempSync(join(tmpdir(), 'tslab-bench-'));
  try {
    mkdirSync(join(scratch, 'counters'), { mode: 0o700 });
    const plan: Plan = { quick: flags.quick, soakSec: flags.soak, root, build: join(root, 'native/build'), scratch };
    const results = await measureAll(plan, flags);
    writeFileSync(join(plan.build, 'bench-results.json'), `${JSON.stringify(results)}\n`);
    if (flags.docs) writeDocs(root, results);
    process.stdout.write(summary(results));
    return flags.check && !check(results, root) ? 1 : 0;
  } catch (error) {
    say(`${(error as Error).message}\nWhat was measured so far is kept: npm run bench -- --resume goes on from there.`);
    return 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function parse(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      docs: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      resume: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      only: { type: 'string' },
      soak: { type: 'string', default: '0' },
      help: { type: 'boolean', default: false },
    },
  });
  const soak = Number(values.soak);
  if (!Number.isInteger(soak) || soak < 0) throw new Error(`--soak: ${values.soak} is no number of seconds`);
  const only = values.only?.split(',') ?? SECTIONS.map(({ name }) => name);
  const unknown = only.filter((name) => !SECTIONS.some((section) => section.name === name));
  if (unknown.length > 0) throw new Error(`--only: there is no section ${unknown.join(', ')}`);
  return { ...values, soak, only };
}

async function measureAll(plan: Plan, { only, resume }: { only: string[]; resume: boolean }): Promise<Results> {
  say('building');
  make(plan, ['bench']);
  const machine = describeMachine(plan.root);
  const journal = new Journal(join(plan.build, 'bench-journal.ndjson'), signature(plan, machine), resume);
  if (journal.size > 0) say(`${journal.size} runs are done already`);
  for (const section of SECTIONS.filter(({ name }) => only.includes(name))) {
    const tasks = section.tasks(plan).filter(({ key }) => !journal.has(key));
    say(`${section.name}: ${section.about}, ${tasks.length} runs`);
    for (const task of tasks) {
      const began = performance.now();
      const before = processorTicks();
      const run = stripped(await task.run());
      journal.add(task.key, run, { ms: Math.round(performance.now() - began), ...ticksSince(before) });
    }
  }
  const seconds = journal.seconds();
  const otherWorkPct = journal.otherWorkPct(SECTIONS.filter(({ timed }) => timed).map(({ name }) => name));
  say(`${seconds} s; other work took ${otherWorkPct} % of the processors' time`);
  return { format: 2, quick: plan.quick, seconds, otherWorkPct, machine, runs: journal.runs() };
}

/** What a run's figures depend on: the machine, the library and the programs. */
function signature({ build, quick }: Plan, { startedAt: _, commit: __, ...machine }: Machine): string {
  const files = ['libtemporal_slab.so', 'libtslab_preload.so', ...CONTENDERS.map(({ program }) => `bench/${program}`)];
  const hash = files.reduce((sum, file) => sum.update(readFileSync(join(build, file))), createHash('sha256'));
  return JSON.stringify({ ...machine, quick, programs: hash.digest('hex') });
}

/** Without what the key says already. */
function stripped({ name: _, api: __, amount: ___, ...run }: Record<string, unknown>) {
  return run;
}

/** @throws where a section is missing: pages with holes would take the place of whole ones */
function writeDocs(root: string, results: Results): void {
  const missing = SECTIONS.filter(({ name }) => !results.runs[name]).map(({ name }) => name);
  if (missing.length > 0) throw new Error(`--docs: not measured: ${missing.join(', ')}; nothing is written`);
  mkdirSync(join(root, 'docs/charts'), { recursive: true });
  writeFileSync(join(root, 'docs/performance.json'), `${JSON.stringify(results)}\n`);
  for (const [path, make] of Object.entries(BENCH_FILES)) writeFileSync(join(root, path), make(results));
  say('wrote docs/performance.json and what is made of it');
}

function say(text: string): void {
  process.stderr.write(`bench: ${text}\n`);
}
