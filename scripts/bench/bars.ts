import { type Bar, found } from './bar.ts';
import { HOT_PATH_BARS } from './hot-path-bars.ts';
import { compare, middle, perPair } from './report/compare.ts';
import { figure, mib, percent, ratio } from './report/format.ts';
import { median, numbers, type Results, type Run } from './results.ts';

export const BARS: readonly Bar[] = [
  ...HOT_PATH_BARS,
  ...['phases-by-epoch', 'any-size-by-epoch'].map(
    (name): Bar => ({
      area: 'memory',
      what: `RSS peak over the bytes asked for, ${spoken(name)}`,
      limit: 1.1,
      saidLimit: '1.1 × live',
      find: (results) => {
        const run = first(results, 'memory', name);
        const [peak, live] = [count(run, 'rss_peak_bytes'), count(run, 'live_peak_bytes')];
        return found(peak / live, `${ratio(peak / live)} (${mib(peak)} over ${mib(live)} MiB)`);
      },
    }),
  ),
  ...['phases-mixed', 'any-size-mixed'].map(
    (name): Bar => ({
      area: 'memory',
      what: `RSS peak against the best peer, ${spoken(name)}`,
      limit: 1.0,
      saidLimit: '1.0 × best peer',
      find: (results) => {
        const against = compare(results, 'memory', name, 'epoch', (run) => run['rss_peak_bytes']);
        const peaks = against && `${mib(against.own)} MiB, ${against.peer} ${mib(against.best)} MiB`;
        return against && found(against.ratio, `${ratio(against.ratio)} (${peaks})`);
      },
    }),
  ),
  ...['phases-by-epoch', 'phases-mixed', 'any-size-by-epoch', 'any-size-mixed'].map(
    (name): Bar => ({
      area: 'memory',
      what: `RSS above start when all is freed and closed, ${spoken(name)}`,
      limit: 1048576,
      saidLimit: '1 MiB',
      find: (results) => {
        const value = count(first(results, 'memory', name), 'rss_end_bytes');
        return found(value, `${mib(value)} MiB`);
      },
    }),
  ),
  ...['soak-by-epoch', 'soak-mixed'].map(
    (name): Bar => ({
      area: 'memory',
      what: `drift of RSS, ${spoken(name)}, last quarter against the second`,
      limit: 65536,
      saidLimit: '0 (16 pages are noise)',
      find: (results) => {
        const rss = first(results, 'memory', name)?.['rss_bytes'];
        if (!Array.isArray(rss) || rss.length < 8) return undefined;
        const quarter = (from: number) =>
          median((rss as number[]).slice((rss.length * from) / 4, (rss.length * (from + 1)) / 4));
        const value = quarter(3) - quarter(1);
        return found(value, `${(value / 1024).toFixed(0)} KiB in ${rss.length} s`);
      },
    }),
  ),
  ...['epoch-close-drained', 'epoch-close-pinned'].map(
    (name): Bar => ({
      area: 'epochs',
      what: `longest pause of an allocating thread during epoch_close, ${name.replace('epoch-close-', '')}`,
      limit: 1000,
      saidLimit: '1 ms',
      find: (results) => {
        const runs = results.runs['epochs']?.[name]?.['epoch'] ?? [];
        const pauses = runs.flatMap((run) => (run['longest_pause_us'] as number[] | undefined) ?? []);
        const value = Math.max(...pauses);
        return found(value, `${value} µs in ${pauses.length} closings of ${runs[0]?.['slabs']} slabs`);
      },
    }),
  ),
  {
    area: 'epochs',
    what: 'epoch_advance',
    limit: 100,
    saidLimit: '100 ns',
    find: (results) => {
      const value = middle(results, ['epochs', 'epoch-advance', 'epoch'], (run) => run['advance_p50_ns']);
      return value === undefined ? undefined : found(value, `${figure(value)} ns`);
    },
  },
  priceBar('no-counters', 'default build against all counters compiled out', 0.01, (base, other) => base / other - 1),
  priceBar('labels', 'contention by label against the default build', 0.05, (base, other) => other / base - 1),
  priceBar('reader', 'read 100 times a second against not read', 0.02, (base, other) => other / base - 1),
];

/** An experiment's name in a sentence. */
function spoken(name: string): string {
  return name.replaceAll('-', ' ');
}

/** The price over all workloads: the median of what each pair of neighbouring runs says. */
function priceBar(setting: string, what: string, limit: number, price: (base: number, other: number) => number): Bar {
  return {
    area: 'observability',
    what: `${what}, time`,
    limit,
    saidLimit: `${limit * 100} %`,
    find: (results) => {
      const prices = Object.keys(results.runs['observability'] ?? {}).map((name) =>
        pairedPrice(results, name, setting, price),
      );
      const known = prices.filter((value) => value !== undefined);
      return known.length === 0
        ? undefined
        : found(
            median(known),
            `${percent(median(known))} (by workload ${percent(Math.min(...known))} … ${percent(Math.max(...known))})`,
          );
    },
  };
}

/** The median over the rounds of a price between two runs that were neighbours in time. */
export function pairedPrice(
  results: Results,
  name: string,
  setting: string,
  price: (base: number, other: number) => number,
): number | undefined {
  const base = numbers(results, ['observability', name, 'default'], perPair);
  const other = numbers(results, ['observability', name, setting], perPair);
  const rounds = base.flatMap((value, round) => (other[round] === undefined ? [] : [price(value, other[round])]));
  return rounds.length > 0 ? median(rounds) : undefined;
}

function first(results: Results, section: string, name: string): Run | undefined {
  return results.runs[section]?.[name]?.['epoch']?.[0];
}

function count(run: Run | undefined, field: string): number {
  const value = run?.[field];
  return typeof value === 'number' ? value : Number.NaN;
}
