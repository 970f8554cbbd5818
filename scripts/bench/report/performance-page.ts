import { CONTENDERS } from '../contenders.ts';
import { median, type Results, type Run } from '../results.ts';
import { middle } from './compare.ts';
import { figure, mib, table } from './format.ts';
import { header } from './header.ts';
import { barsTable, instructionsTable, latencyTable, ratiosTable, throughputTable } from './tables.ts';

const PRELOADABLE = CONTENDERS.filter(({ program }) => program === 'malloc');

/** docs/performance.md */
export function performancePage(results: Results): string {
  const timer = Object.values(results.runs['latency'] ?? {}).flatMap((contenders) => Object.values(contenders).flat());
  const timerNs = median(timer.flatMap((run) => (run.timer_ns === undefined ? [] : [run.timer_ns])));
  return `# Performance

${header(results, 'npm run bench -- --docs')}

temporal-slab runs as it comes: all its counters on, its file of them open to readers. The peers are Debian's packages, preloaded into the same loop.

## Bars

Ratios are to the best of the four peers in the same run: medians, in brackets the smallest and the largest ratio of one round.
*Inlined*: \`temporal_slab_inline.h\` compiles the hot paths into the program, which the peers cannot offer, as their interface is malloc's. All other rows are calls into the shared library, as the peers' are.

${barsTable(results)}
## Time per allocation and free

![Time per pair](charts/throughput.svg)

All times are of the whole loop; **floor** is the loop with no allocator. With several threads it is the time from the first one's start to the last one's end, over
the pairs of all.

${throughputTable(results)}
${ratiosTable(results)}
What each workload does: [native/bench](../native/bench/README.md).

## Instructions

Counted by callgrind: they do not depend on what else the machine does. The loop's own are taken off.

${instructionsTable(results)}
## Latency

![p99.9](charts/latency.svg)

Every operation was timed, in runs of their own. The timer's cost, ${figure(timerNs)} ns, is part of every figure. Where there are more threads than cores, the longest times are the scheduler's.

${(['alloc_ns', 'free_ns'] as const)
  .flatMap((operation) =>
    (['p50', 'p99', 'p99_9', 'p99_99', 'max'] as const).map((quantile) => latencyTable(results, operation, quantile)),
  )
  .join('\n')}
## Memory

![Resident memory](charts/memory.svg)

Phases of 20,000 objects; 5 % of a phase's objects live for 8 phases more. *phases*: each phase has a size of its own. *any-size*: 64–768 bytes at random; rounding up to the 8 classes then adds 18 % to what
is asked for. *mixed*: all in one epoch. *by-epoch*: each phase, and each phase's survivors, in an epoch of their own. *by-phase*: survivors stay in their phase's epoch and pin its slabs.

${memoryTable(results)}
## Epochs

${epochsTable(results)}
A pause is the longest single allocation or free of two other threads meanwhile; operations during which the kernel took the processor away are counted apart.
The closing thread is a third: on a machine of two cores it is preempted too, and who then waits for a lock that it holds waits until it runs again.

## Real programs

sqlite3: an in-memory database. gcc: a large C file at \`-O1\`. python3: with \`PYTHONMALLOC=malloc\`. redis: 200,000 requests each of set, get, lpush, hset, zadd; the server's CPU time.
Sources: \`native/bench/programs\`. glibc is preloaded by name, as redis-server is linked with jemalloc.

${programsTable(results)}`;
}

function memoryTable(results: Results): string {
  const rows = Object.entries(results.runs['memory'] ?? {}).flatMap(([name, contenders]) =>
    Object.keys(contenders).map((id) => {
      const value = (field: string) => middle(results, ['memory', name, id], (run) => run[field]);
      const [peak, live] = [value('rss_peak_bytes'), value('live_peak_bytes')];
      const title = CONTENDERS.find((contender) => contender.id === id)?.title ?? id;
      const times = peak !== undefined && live !== undefined ? (peak / live).toFixed(2) : '–';
      return [`${name}, ${title}`, mib(live), mib(peak), times, mib(value('rss_end_bytes'))];
    }),
  );
  return table(['MiB', 'live at the peak', 'RSS peak', '× live', 'RSS when all is freed'], rows);
}

function epochsTable(results: Results): string {
  const at = (name: string, field: string) => figure(middle(results, ['epochs', name, 'epoch'], (run) => run[field]));
  const series = (name: string, field: string) =>
    (results.runs['epochs']?.[name]?.['epoch'] ?? []).flatMap((run) => (run[field] as number[] | undefined) ?? []);
  const longest = (name: string, field: string) => `${Math.max(...series(name, field), 0)}`;
  const rows = [
    ['epoch_advance, median', `${at('epoch-advance', 'advance_p50_ns')} ns`],
    ['epoch_advance, p99', `${at('epoch-advance', 'advance_p99_ns')} ns`],
    ['epoch_close of an empty epoch, median', `${at('epoch-advance', 'close_empty_p50_ns')} ns`],
    ['advance and close under load, per second', at('epoch-1khz', 'cycles_per_sec')],
    ['… pairs per second of 2 threads meanwhile', at('epoch-1khz', 'pairs_per_sec')],
    ['… and without', at('epoch-1khz', 'pairs_per_sec_without')],
    ...['epoch-close-drained', 'epoch-close-pinned'].flatMap((name) => [
      [`${name}: slabs`, at(name, 'slabs')],
      [`${name}: median time`, `${figure(median(series(name, 'close_ns')) / 1e6)} ms`],
      [`${name}: longest pause of another thread`, `${longest(name, 'longest_pause_us')} µs`],
      [`${name}: the same without a closing`, `${longest(name, 'longest_pause_without_close_us')} µs`],
      [`${name}: longest operation that was preempted`, `${longest(name, 'longest_preempted_us')} µs`],
    ]),
  ];
  return table(['', ''], rows);
}

function programsTable(results: Results): string {
  const values: [string, (run: Run) => unknown, (value: number | undefined) => string][] = [
    ['CPU ms', (run) => run.cpu_ms, figure],
    ['wall ms', (run) => run.wall_ms, figure],
    ['peak RSS, MiB', (run) => run.max_rss_bytes, mib],
  ];
  const rows = Object.keys(results.runs['programs'] ?? {}).flatMap((name) =>
    values.map(([unit, pick, say]) => [
      `${name}, ${unit}`,
      ...PRELOADABLE.map(({ id }) => say(middle(results, ['programs', name, id], pick))),
    ]),
  );
  return table(['', ...PRELOADABLE.map(({ title }) => title)], rows);
}
