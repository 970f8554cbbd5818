import { type Bar, type Verdict, verdict } from '../bar.ts';
import { BARS } from '../bars.ts';
import { CONTENDERS, OURS, PEERS } from '../contenders.ts';
import type { Results, Run } from '../results.ts';
import { compare, instructionsBeyondLoop, middle, perPair } from './compare.ts';
import { figure, ratio, table } from './format.ts';

/** The bars, and before them how many are met either way to the hot paths: each counts those bars, too, for which that is all the same. */
export function barsTable(results: Results): string {
  const rows = BARS.map((bar) => {
    const finding = bar.find(results);
    const said = verdict(bar, finding);
    return [`${bar.area}: ${bar.what}`, bar.saidLimit, finding?.said ?? '–', said === 'missed' ? '**missed**' : said];
  });
  const called = score(results, 'called', 'bars met with calls into the library');
  const inlined = score(results, 'inlined', 'with the hot paths inlined');
  return `${called}; ${inlined}.\n\n${table(['bar', 'at most', 'found', ''], rows)}`;
}

function score(results: Results, way: Bar['hotPaths'], what: string): string {
  const bars = BARS.filter(({ hotPaths }) => hotPaths === undefined || hotPaths === way);
  const said = bars.map((bar) => verdict(bar, bar.find(results)));
  const count = (wanted: Verdict) => said.filter((one) => one === wanted).length;
  const unknown = count('not measured');
  return `${count('met')} of ${bars.length - unknown} ${what}${unknown > 0 ? `, ${unknown} not measured` : ''}`;
}

/** Medians of all contenders. */
export function throughputTable(results: Results): string {
  const section = 'throughput';
  const rows = Object.keys(results.runs[section] ?? {}).map((name) => [
    name,
    ...CONTENDERS.map(({ id }) => figure(middle(results, [section, name, id], perPair))),
  ]);
  return table(['ns per pair', ...CONTENDERS.map(({ title }) => title)], rows);
}

/** Ours against the best peer of each workload. */
export function ratiosTable(results: Results): string {
  const section = 'throughput';
  const rows = Object.keys(results.runs[section] ?? {}).map((name) => [
    name,
    ...OURS.map(({ id }) => {
      const against = compare(results, section, name, id, perPair);
      return against ? `${ratio(against.ratio)} (${against.spread.map(ratio).join('–')})` : '–';
    }),
    ratio(compare(results, section, name, 'epoch', perPair)?.ratioOfMinima),
  ]);
  return table(['ratio of times', ...OURS.map(({ title }) => toBest(title)), 'epoch : best, minima'], rows);
}

export function instructionsTable(results: Results): string {
  const contenders = CONTENDERS.filter(({ kind }) => kind !== 'floor');
  const rows = Object.keys(results.runs['instructions'] ?? {}).map((name) => [
    name,
    ...contenders.map(({ id }) => figure(instructionsBeyondLoop(results, name, id))),
    figure(middle(results, ['instructions', name, 'floor'], (run) => run.instructions_per_pair)),
  ]);
  return table(['instructions per pair beyond the loop', ...contenders.map(({ title }) => title), 'the loop'], rows);
}

export function latencyTable(
  results: Results,
  operation: 'alloc_ns' | 'free_ns',
  quantile: 'p50' | 'p99' | 'p99_9' | 'p99_99' | 'max',
): string {
  const pick = (run: Run) => run[operation]?.[quantile];
  const contenders = [...PEERS, ...OURS];
  const compared = OURS.filter(({ id, inlines }) => id === 'epoch' || inlines === 'epoch');
  const rows = Object.keys(results.runs['latency'] ?? {}).map((name) => [
    name,
    ...contenders.map(({ id }) => figure(middle(results, ['latency', name, id], pick))),
    ...compared.map(({ id }) => ratio(compare(results, 'latency', name, id, pick)?.ratio)),
  ]);
  const what = `${operation.replace('_ns', '')}, ${quantile.replace('_', '.')}, ns`;
  return table([what, ...contenders.map(({ title }) => title), ...compared.map(({ title }) => toBest(title))], rows);
}

/** "ours, epoch API inlined" against the best peer, as a column is called. */
function toBest(title: string): string {
  return `${title.replace('ours, ', '').replace(' API', '')} : best`;
}
