import { BARS, verdict } from '../bars.ts';
import { CONTENDERS, PEERS } from '../contenders.ts';
import type { Results, Run } from '../results.ts';
import { compare, instructionsBeyondLoop, middle, perPair } from './compare.ts';
import { figure, ratio, table } from './format.ts';

const OURS = CONTENDERS.filter(({ kind }) => kind === 'ours');

export function barsTable(results: Results): string {
  const rows = BARS.map((bar) => {
    const finding = bar.find(results);
    const said = verdict(bar, finding);
    return [`${bar.area}: ${bar.what}`, bar.saidLimit, finding?.said ?? '–', said === 'missed' ? '**missed**' : said];
  });
  const met = rows.filter(([, , , said]) => said === 'met').length;
  const measured = rows.filter(([, , , said]) => said !== 'not measured').length;
  return `${met} of ${measured} bars met${measured < rows.length ? `, ${rows.length - measured} not measured` : ''}.\n\n${table(['bar', 'at most', 'found', ''], rows)}`;
}

/** Medians of all contenders, and ours against the best peer. */
export function throughputTable(results: Results): string {
  const section = 'throughput';
  const names = Object.keys(results.runs[section] ?? {});
  const rows = names.map((name) => [
    name,
    ...CONTENDERS.map(({ id }) => figure(middle(results, [section, name, id], perPair))),
    ...['epoch', 'pointer', 'preload'].map((id) => {
      const against = compare(results, section, name, id, perPair);
      return against ? `${ratio(against.ratio)} (${against.spread.map(ratio).join('–')})` : '–';
    }),
    ratio(compare(results, section, name, 'epoch', perPair)?.ratioOfMinima),
  ]);
  const head = [
    'ns per pair',
    ...CONTENDERS.map(({ title }) => title),
    'epoch : best',
    'malloc-style : best',
    'preloaded : best',
    'epoch : best, minima',
  ];
  return table(head, rows);
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
  const rows = Object.keys(results.runs['latency'] ?? {}).map((name) => [
    name,
    ...[...PEERS, ...OURS].map(({ id }) => figure(middle(results, ['latency', name, id], pick))),
    ratio(compare(results, 'latency', name, 'epoch', pick)?.ratio),
  ]);
  const what = `${operation.replace('_ns', '')}, ${quantile.replace('_', '.')}, ns`;
  return table([what, ...[...PEERS, ...OURS].map(({ title }) => title), 'epoch : best'], rows);
}
