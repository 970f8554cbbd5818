import type { Changes } from '../analysis/delta.ts';
import { numberIn } from '../metrics/read.ts';
import type { ClassStats, Snapshot } from '../snapshot/model.ts';
import { add, type U64 } from '../snapshot/u64.ts';
import type { Evidence } from './finding.ts';
import type { Observation } from './observation.ts';
import { unitOf } from './unit.ts';

/** Counters of the allocator or of one class over what was observed: the window where there is one, else since the start of the process. */
export class Counts {
  constructor(
    readonly basis: 'since-start' | 'window',
    readonly scope: 'top' | 'class',
    /** JSON pointer of the holder in the last snapshot. */
    readonly at: string,
    readonly holder: Snapshot | ClassStats,
    readonly changes: Changes,
  ) {}

  /** @returns undefined where the producer does not count it */
  of(field: string): U64 | undefined {
    return this.basis === 'window' ? this.changes[field] : numberIn(this.holder, field);
  }

  sum(...fields: readonly string[]): U64 | undefined {
    let total: U64 = 0;
    for (const field of fields) {
      const value = this.of(field);
      if (value === undefined) return undefined;
      total = add(total, value);
    }
    return total;
  }

  /** @returns the fields as evidence; those that are not there are left out */
  evidence(...fields: readonly string[]): Evidence[] {
    return fields.flatMap((metric) => {
      const value = this.of(metric);
      if (value === undefined) return [];
      return [{ metric, pointer: `${this.at}/${metric}`, value, unit: unitOf(this.scope, metric), basis: this.basis }];
    });
  }
}

export function totals({ last, delta }: Observation): Counts {
  return new Counts(delta ? 'window' : 'since-start', 'top', '', last, delta?.top ?? {});
}

export interface ClassCounts extends Counts {
  readonly holder: ClassStats;
}

/** One for each class, in the snapshot's order. */
export function classes({ last, delta }: Observation): ClassCounts[] {
  return last.classes.map(
    (holder, i) =>
      new Counts(
        delta ? 'window' : 'since-start',
        'class',
        `/classes/${i}`,
        holder,
        delta?.classes[i]?.changes ?? {},
      ) as ClassCounts,
  );
}

/** @returns seconds that the counts of totals() and classes() span, at least; undefined where nobody knows */
export function secondsOf({ delta, seconds, uptimeSec }: Observation): number | undefined {
  return delta ? seconds : uptimeSec || undefined;
}

/** For sorting: the class that counted most of the field comes first. */
export function most(field: string): (a: ClassCounts, b: ClassCounts) => number {
  return (a, b) => Number(b.of(field) ?? 0) - Number(a.of(field) ?? 0);
}

/** @returns one finding for all classes that have the same trouble, told by the worst, which comes first; none where there are none */
export function perClasses<F>(
  classes: readonly ClassCounts[],
  tell: (worst: ClassCounts, objectSizes: U64[]) => F,
): F[] {
  const [worst] = classes;
  return worst
    ? [
        tell(
          worst,
          classes.map(({ holder }) => holder.object_size),
        ),
      ]
    : [];
}
