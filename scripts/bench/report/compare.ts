import { PEERS } from '../contenders.ts';
import { median, numbers, type Results, type Run } from '../results.ts';

/** One contender against whoever of the peers is best by the median; smaller is better. */
export interface Comparison {
  own: number;
  peer: string;
  best: number;
  /** own / best, of the medians. */
  ratio: number;
  /** The smallest and largest ratio of one round. */
  spread: readonly [number, number];
  /** The same of the smallest values that own and any peer reached. */
  ratioOfMinima: number;
}

/** Undefined where either was not measured. */
export function compare(
  results: Results,
  section: string,
  name: string,
  contender: string,
  pick: (run: Run) => unknown,
): Comparison | undefined {
  const own = numbers(results, [section, name, contender], pick);
  const peers = PEERS.map(({ id }) => ({ id, values: numbers(results, [section, name, id], pick) })).filter(
    ({ values }) => values.length > 0,
  );
  const best = peers.sort((a, b) => median(a.values) - median(b.values))[0];
  if (own.length === 0 || !best) return undefined;
  const rounds = own.flatMap((value, round) => (best.values[round] === undefined ? [] : [value / best.values[round]]));
  return {
    own: median(own),
    peer: best.id,
    best: median(best.values),
    ratio: median(own) / median(best.values),
    spread: [Math.min(...rounds), Math.max(...rounds)],
    ratioOfMinima: Math.min(...own) / Math.min(...peers.flatMap(({ values }) => values)),
  };
}

/** Time of one allocation and its free. The time that passed: clocks of CPU time go by ticks on some machines, which are longer than a short run. */
export const perPair = (run: Run) => run.wall_ns_per_pair;
export const counted = (run: Run) => run.instructions_per_pair;

/** Instructions per pair above the loop's own; undefined where either was not counted. */
export function instructionsBeyondLoop(results: Results, name: string, contender: string): number | undefined {
  const [own] = numbers(results, ['instructions', name, contender], counted);
  const [floor] = numbers(results, ['instructions', name, 'floor'], counted);
  return own === undefined || floor === undefined ? undefined : own - floor;
}

/** Median of one number; undefined where it was not measured. */
export function middle(
  results: Results,
  path: readonly [string, string, string],
  pick: (run: Run) => unknown,
): number | undefined {
  const values = numbers(results, path, pick);
  return values.length > 0 ? median(values) : undefined;
}
