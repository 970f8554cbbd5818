import { barChart } from '../chart/bars.ts';
import { type Line, lineChart } from '../chart/lines.ts';
import { CONTENDERS, PEERS } from '../contenders.ts';
import { BAR_WORKLOADS } from '../hot-path-bars.ts';
import type { Results, Run } from '../results.ts';
import { compare, middle, perPair } from './compare.ts';

const COMPARED = CONTENDERS.filter(({ kind }) => kind !== 'floor');

/** Time per pair relative to the best peer of each workload. */
export function throughputChart(results: Results): string {
  return relative(results, 'throughput', perPair, 'Time per allocation and free, best peer = 1 (shorter is better)', 5);
}

export function latencyChart(results: Results): string {
  return relative(
    results,
    'latency',
    (run) => run.alloc_ns?.p99_9,
    'p99.9 of an allocation, best peer = 1 (shorter is better)',
    5,
  );
}

function relative(results: Results, section: string, pick: (run: Run) => unknown, title: string, cut: number): string {
  const groups = BAR_WORKLOADS.map((name) => ({
    name,
    values: COMPARED.map(({ id }) => compare(results, section, name, id, pick)?.ratio),
  }));
  return barChart(
    title,
    groups.map(({ name, values }) => `${name}: ${values.map((value) => value?.toFixed(2)).join(', ')}`).join('; '),
    COMPARED,
    groups,
    cut,
  );
}

/** RSS above start at the height of each phase. */
export function memoryChart(results: Results): string {
  const series = (name: string, id: string, field: string) => {
    const values = results.runs['memory']?.[name]?.[id]?.[0]?.[field];
    return Array.isArray(values) ? (values as number[]).map((bytes, i) => [i + 1, bytes / 1048576] as const) : [];
  };
  const all: Line[] = [
    { id: 'other', title: 'live', points: series('phases-mixed', 'glibc', 'live_bytes') },
    ...PEERS.map(({ id, title }) => ({ id, title, points: series('phases-mixed', id, 'rss_bytes') })),
    { id: 'pointer', title: 'ours, mixed', points: series('phases-mixed', 'epoch', 'rss_bytes') },
    { id: 'epoch', title: 'ours, by epoch', points: series('phases-by-epoch', 'epoch', 'rss_bytes') },
  ];
  const lines = all.filter(({ points }) => points.length > 0);
  return lineChart(
    'Resident memory above start',
    'RSS at the height of each phase, over the bytes that are live',
    lines,
    {
      x: 'phase',
      y: 'MiB',
      ticks: [1, 50, 100, 150, 200].filter((tick) => tick <= (lines[0]?.points.length ?? 0)),
    },
  );
}

/** Time per pair of one workload by its number of threads. */
export function scalingChart(results: Results, workload: string): string {
  const contenders = CONTENDERS.filter(({ id, kind }) => kind === 'peer' || id === 'epoch');
  const threads = Object.keys(results.runs['scaling'] ?? {})
    .filter((name) => name.startsWith(`${workload}/`))
    .map((name) => Number(name.split('/')[1]));
  const lines = contenders.map(({ id, title }) => ({
    id,
    title,
    points: threads.flatMap((n) => {
      const value = middle(results, ['scaling', `${workload}/${n}`, id], perPair);
      return value === undefined ? [] : [[n, value] as const];
    }),
  }));
  return lineChart(`${workload}: time per pair by threads`, `Threads on ${results.machine.cores} cores`, lines, {
    x: `threads, on ${results.machine.cores} cores`,
    y: 'ns per pair, all threads together',
    ticks: threads,
    logarithmic: true,
  });
}
