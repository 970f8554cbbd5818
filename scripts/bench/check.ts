import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { CONTENDERS, PEERS } from './contenders.ts';
import { compare, instructionsBeyondLoop, middle, perPair } from './report/compare.ts';
import { BENCH_FILES } from './report/files.ts';
import { summary } from './report/summary.ts';
import { numbers, type Quantiles, type Results } from './results.ts';

/** What is true of a measurement on any machine, however busy: that everything was measured, and what does not depend on time. */
type Fact = readonly [name: string, failures: (results: Results, root: string) => string[]];

const FACTS: readonly Fact[] = [
  ['the results have the documented shape', ofDocumentedShape],
  ['every workload was run through every interface and under every peer', everythingRan],
  ['quantiles grow, and the timer costs something', quantilesGrow],
  ['the floor is below everybody by instructions', floorIsLowest],
  ['memory by epoch stays near what is live, and is given back', memoryHolds],
  ['epoch_close gives back what is empty and keeps what is not', closeGivesBack],
  ['real programs ran under every allocator', programsRan],
  ['pages and charts can be made of it', pagesAreWhole],
];

/** Prints PASS or FAIL for each fact. @returns whether all hold */
export function check(results: Results, root: string): boolean {
  let failed = 0;
  for (const [name, failures] of FACTS) {
    const found = failures(results, root);
    if (found.length > 0) failed++;
    process.stdout.write(
      `${found.length > 0 ? 'FAIL' : 'PASS'} ${name}\n${found.map((text) => `     ${text}\n`).join('')}`,
    );
  }
  process.stdout.write(`${FACTS.length - failed} passed, ${failed} failed\n`);
  return failed === 0;
}

function ofDocumentedShape(results: Results, root: string): string[] {
  const schema = JSON.parse(readFileSync(join(root, 'scripts/bench/results.schema.json'), 'utf8'));
  const validate = new Ajv2020({ allErrors: true, strict: false, formats: { 'date-time': true } }).compile(schema);
  return validate(results)
    ? []
    : (validate.errors ?? []).slice(0, 5).map((error) => `${error.instancePath} ${error.message}`);
}

function everythingRan(results: Results): string[] {
  const cases = Object.keys(results.runs['throughput'] ?? {});
  const missing = cases.flatMap((name) =>
    CONTENDERS.filter(({ id }) => numbers(results, ['throughput', name, id], perPair).length === 0).map(
      ({ id }) => `throughput ${name} ${id}`,
    ),
  );
  const few = cases.length < 13 ? [`only ${cases.length} workloads`] : [];
  const sections = [
    'throughput',
    'latency',
    'memory',
    'epochs',
    'instructions',
    'programs',
    'observability',
    'scaling',
    'pages',
    'arm64',
  ];
  return [...few, ...missing, ...sections.filter((name) => !results.runs[name]).map((name) => `no section ${name}`)];
}

function quantilesGrow(results: Results): string[] {
  const found: string[] = [];
  for (const [name, contenders] of Object.entries(results.runs['latency'] ?? {}))
    for (const [id, runs] of Object.entries(contenders))
      for (const run of runs) {
        const grows = ({ p50, p99, p99_9, p99_99, max }: Quantiles) =>
          p50 > 0 && p50 <= p99 && p99 <= p99_9 && p99_9 <= p99_99 && p99_99 <= max;
        if (!run.alloc_ns || !run.free_ns || !grows(run.alloc_ns) || !grows(run.free_ns) || !run.timer_ns)
          found.push(`${name} ${id}`);
      }
  return found;
}

/** Wide margins: no allocator of this kind takes less than 10 or more than 3,000 instructions for a pair. */
function floorIsLowest(results: Results): string[] {
  return Object.keys(results.runs['instructions'] ?? {}).flatMap((name) =>
    CONTENDERS.filter(({ kind }) => kind !== 'floor').flatMap(({ id }) => {
      const beyond = instructionsBeyondLoop(results, name, id);
      return beyond !== undefined && beyond > 10 && beyond < 3000 ? [] : [`${name} ${id}: ${beyond}`];
    }),
  );
}

function memoryHolds(results: Results): string[] {
  const at = (name: string, field: string) =>
    middle(results, ['memory', name, 'epoch'], (run) => run[field]) ?? Number.NaN;
  const facts: [string, boolean][] = [
    [
      'peak by epoch at most twice what is live',
      at('phases-by-epoch', 'rss_peak_bytes') <= 2 * at('phases-by-epoch', 'live_peak_bytes'),
    ],
    [
      'peak by epoch at least what is live',
      at('phases-by-epoch', 'rss_peak_bytes') >= at('phases-by-epoch', 'live_peak_bytes'),
    ],
    ['at most 4 MiB stay when all is freed and closed', at('phases-by-epoch', 'rss_end_bytes') <= 4 << 20],
    ['the same when mixed', at('phases-mixed', 'rss_end_bytes') <= 4 << 20],
    [
      'peers were measured',
      PEERS.every(
        ({ id }) => compare(results, 'memory', 'phases-mixed', id, (run) => run['rss_peak_bytes']) !== undefined,
      ),
    ],
  ];
  return facts.filter(([, holds]) => !holds).map(([name]) => name);
}

function closeGivesBack(results: Results): string[] {
  const back = (name: string) => {
    const [run] = results.runs['epochs']?.[name]?.['epoch'] ?? [];
    return (run?.['rss_given_back_bytes'] as number) / ((run?.['slabs'] as number) * 16384);
  };
  return [
    ...(back('epoch-close-drained') > 0.5 ? [] : [`of empty slabs, ${back('epoch-close-drained')} came back`]),
    ...(back('epoch-close-pinned') < 0.2
      ? []
      : [`of slabs that hold objects, ${back('epoch-close-pinned')} came back`]),
  ];
}

function programsRan(results: Results): string[] {
  const preloadable = CONTENDERS.filter(({ program }) => program === 'malloc');
  return ['sqlite3', 'gcc', 'python3', 'redis'].flatMap((name) =>
    preloadable
      .filter(({ id }) => numbers(results, ['programs', name, id], (run) => run.cpu_ms).length === 0)
      .map(({ id }) => `${name} ${id}`),
  );
}

function pagesAreWhole(results: Results): string[] {
  const texts = Object.entries(BENCH_FILES).map(([path, make]) => [path, make(results)] as const);
  return [...texts, ['summary', summary(results)] as const].flatMap(([path, text]) =>
    /NaN|undefined|Infinity/.test(text) ? [path] : [],
  );
}
