import { numberIn } from '../metrics/read.ts';
import { add, type I64 } from '../snapshot/u64.ts';
import { total } from './ledger.ts';
import { findMeasure, type Measure, measureNames } from './measure.ts';
import { perSecond, ratioOf } from './rate.ts';
import type { Value } from './subject.ts';
import type { Reading } from './timeline.ts';

/** One number of the whole allocator over time. */
export interface Series {
  readonly measure: Measure;
  /** counter: per second · gauge and fixed: as it stands · ratio: of what happened since the sample before. */
  readonly at: (reading: Reading) => Value;
}

/**
 * @param name a top-level metric, or a class metric that can be summed over the classes
 * @param flag where the person wrote it, for the message
 * @throws UsageError for any other name
 */
export function seriesNamed(name: string, flag: string): Series {
  if (!measureNames('top').includes(name) && measureNames('class').includes(name)) {
    const measure = findMeasure('class', name, flag);
    if (measure.kind === 'counter' || measure.kind === 'gauge')
      return { measure, at: (reading) => summed(reading, measure) };
  }
  const measure = findMeasure('top', name, flag);
  return { measure, at: (reading) => topLevel(reading, measure) };
}

function topLevel({ snapshot, delta }: Reading, { kind, name, ratio }: Measure): Value {
  if (ratio) return delta && ratioOf(delta.top, ratio);
  if (kind === 'counter') return perSecond(delta?.top[name], delta?.elapsedNs);
  return numberIn(snapshot, name);
}

function summed({ snapshot, delta }: Reading, { kind, name }: Measure): Value {
  if (kind === 'gauge') return total(snapshot.classes, name);
  const changes = delta?.classes.map((cls) => cls.changes[name]) ?? [];
  if (changes.length === 0 || changes.some((change) => change === undefined)) return undefined;
  return perSecond(
    changes.reduce<I64>((all, change) => add(all, change ?? 0), 0),
    delta?.elapsedNs,
  );
}
