import { ratio, sum, type U64 } from '../snapshot/u64.ts';
import { classes, most, secondsOf } from './counts.ts';
import type { Evidence } from './finding.ts';
import type { Observation } from './observation.ts';

/** What all epoch_close calls together did over what was observed. */
export interface Closing {
  /** epoch_close looks at every class: the largest of their counts. */
  readonly calls: U64;
  readonly scanned: U64;
  readonly recycled: U64;
  readonly totalNs: U64;
  /** Nanoseconds per call. */
  readonly meanNs: number;
  /** Time spent closing, summed over threads, by the time that passed; undefined where that is not known. */
  readonly timeShare?: number;
  /** The classes that took most, first. */
  readonly evidence: readonly Evidence[];
}

export function closingOf(observation: Observation): Closing {
  const counted = classes(observation);
  const all = (field: string) => sum(counted.map((counts) => counts.of(field) ?? 0));
  const calls = counted.reduce<U64>((most, counts) => {
    const here = counts.of('epoch_close_calls') ?? 0;
    return here > most ? here : most;
  }, 0);
  const totalNs = all('epoch_close_total_ns');
  const seconds = secondsOf(observation);
  const [worst] = counted.sort(most('epoch_close_total_ns'));
  return {
    calls,
    scanned: all('epoch_close_scanned_slabs'),
    recycled: all('epoch_close_recycled_slabs'),
    totalNs,
    meanNs: ratio(totalNs, calls) ?? 0,
    ...(seconds && { timeShare: Number(totalNs) / 1e9 / seconds }),
    evidence:
      worst?.evidence(
        'epoch_close_calls',
        'epoch_close_scanned_slabs',
        'epoch_close_recycled_slabs',
        'epoch_close_total_ns',
      ) ?? [],
  };
}

export const CLOSING_FIELDS = [
  ['/classes/*/epoch_close_calls'],
  ['/classes/*/epoch_close_scanned_slabs'],
  ['/classes/*/epoch_close_recycled_slabs'],
  ['/classes/*/epoch_close_total_ns'],
] as const;
