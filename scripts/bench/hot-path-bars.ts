import { type Bar, found } from './bar.ts';
import { OURS } from './contenders.ts';
import { type Comparison, compare, instructionsBeyondLoop, perPair } from './report/compare.ts';
import { figure, ratio } from './report/format.ts';
import type { Run } from './results.ts';

/** The workloads that the bars are about, in the order of the reports. */
export const BAR_WORKLOADS = ['pair', 'batch', 'churn-1', 'churn-2', 'churn-8', 'producer-consumer', 'request'];
const COUNTED_WORKLOADS = ['pair', 'batch', 'churn-1', 'request'];

/** One of our interfaces, its hot paths called or compiled into the program. */
interface Way {
  id: string;
  api: string;
  hotPaths: 'called' | 'inlined';
}

const EPOCH = waysOf('epoch');
const POINTER = waysOf('pointer');

/** Times and instructions: one bar for each way to the hot paths. */
export const HOT_PATH_BARS: readonly Bar[] = [
  ...BAR_WORKLOADS.flatMap((name) => EPOCH.map((way) => throughputBar(name, way, 1.0))),
  ...BAR_WORKLOADS.flatMap((name) => POINTER.map((way) => throughputBar(name, way, 1.1))),
  ...COUNTED_WORKLOADS.flatMap((name) => EPOCH.map((way) => instructionBar(name, way))),
  ...BAR_WORKLOADS.flatMap((name) =>
    (['alloc', 'free'] as const).flatMap((operation) => EPOCH.map((way) => latencyBar(name, operation, way))),
  ),
];

function waysOf(called: string): Way[] {
  return OURS.filter(({ id, inlines }) => id === called || inlines === called).map(({ id, title, inlines }) => ({
    id,
    api: title.replace('ours, ', ''),
    hotPaths: inlines ? 'inlined' : 'called',
  }));
}

function throughputBar(name: string, { id, api, hotPaths }: Way, limit: number): Bar {
  return {
    area: 'throughput',
    what: `${name}, ${api}`,
    hotPaths,
    limit,
    saidLimit: `${limit.toFixed(1)} × best peer`,
    find: (results) => {
      const against = compare(results, 'throughput', name, id, perPair);
      if (!against) return undefined;
      const [low, high] = against.spread.map(ratio);
      return found(against.ratio, `${ratio(against.ratio)} (${low}–${high}); ${times(against)}`);
    },
  };
}

function instructionBar(name: string, { id, api, hotPaths }: Way): Bar {
  return {
    area: 'instructions',
    what: `${name}, per pair beyond the loop, ${api}`,
    hotPaths,
    limit: 60,
    saidLimit: '60',
    find: (results) => {
      const value = instructionsBeyondLoop(results, name, id);
      return value === undefined ? undefined : found(value, figure(value));
    },
  };
}

function latencyBar(name: string, operation: 'alloc' | 'free', { id, api, hotPaths }: Way): Bar {
  return {
    area: 'latency',
    what: `${name}, p99.9 of ${operation}, ${api}`,
    hotPaths,
    limit: 1.0,
    saidLimit: '1.0 × best peer',
    find: (results) => {
      const of = (run: Run) => (operation === 'alloc' ? run.alloc_ns : run.free_ns);
      const against = compare(results, 'latency', name, id, (run) => of(run)?.p99_9);
      return against && found(against.ratio, `${ratio(against.ratio)}; ${times(against)}`);
    },
  };
}

function times({ own, peer, best }: Comparison): string {
  return `${figure(own)} ns, ${peer} ${figure(best)} ns`;
}
