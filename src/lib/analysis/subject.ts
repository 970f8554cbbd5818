import { EPOCH } from '../metrics/catalogue.ts';
import { type Holder, numberIn, ratioIn } from '../metrics/read.ts';
import type { EpochStats, Snapshot } from '../snapshot/model.ts';
import { add, type I64, max, subtract, type U64 } from '../snapshot/u64.ts';
import type { Changes, Delta } from './delta.ts';
import { labelTotals } from './label-totals.ts';
import type { Measure, Rankable } from './measure.ts';
import { perSecond, ratioOf } from './rate.ts';

/** One class, epoch or label: what it says now and, of two snapshots, what changed in between. */
export interface Subject {
  readonly scope: Rankable;
  /** Names it for good within one process: `128`, `3/17`, a label. Hostile text where it is a label. */
  readonly key: string;
  readonly numbers: Holder;
  /** Absent of one snapshot. */
  readonly changes?: Changes;
  readonly elapsedNs?: U64;
  /** Hostile text. */
  readonly label?: string;
  readonly state?: 'ACTIVE' | 'CLOSING';
}

/** A value to rank by; null where 0 was divided by 0, undefined where the producer does not say. */
export type Value = I64 | number | null | undefined;

/** @returns false where the producer does not say them at all, which is something else than none */
export function says(scope: Rankable, { epochs, label_registry: registry }: Snapshot): boolean {
  switch (scope) {
    case 'class':
      return true;
    case 'epoch':
      return epochs !== undefined;
    case 'label':
      return registry !== undefined || (epochs ?? []).some(({ label }) => label !== undefined);
  }
}

/** @returns the subjects of one snapshot, in its order */
export function subjectsOf(scope: Rankable, snapshot: Snapshot): Subject[] {
  switch (scope) {
    case 'class':
      return snapshot.classes.map((cls) => ({ scope, key: String(cls.object_size), numbers: cls }));
    case 'epoch':
      return (snapshot.epochs ?? []).filter(wasOpened).map(epochSubject);
    case 'label':
      return [...labelNumbers(snapshot)].map(([label, numbers]) => ({
        scope,
        key: label,
        label,
        numbers: numbers as unknown as Holder,
      }));
  }
}

/** @returns the subjects of the later snapshot, each with what changed since the earlier one */
export function subjectsOver(scope: Rankable, delta: Delta): Subject[] {
  const time = delta.elapsedNs === undefined ? {} : { elapsedNs: delta.elapsedNs };
  switch (scope) {
    case 'class':
      return delta.classes.map(({ holder, changes }) => ({
        scope,
        key: String(holder.object_size),
        numbers: holder,
        changes,
        ...time,
      }));
    case 'epoch':
      return delta.epochs
        .filter(({ holder }) => wasOpened(holder))
        .map(({ holder, changes }) => ({ ...epochSubject(holder), changes, ...time }));
    case 'label': {
      const before = labelNumbers(delta.before);
      return subjectsOf(scope, delta.after).map((subject) => ({
        ...subject,
        changes: delta.continuous ? labelChanges(before.get(subject.key), subject.numbers) : {},
        ...time,
      }));
    }
  }
}

/** @returns the subject's value: over the window where there are two snapshots, else as it stands */
export function valueIn({ numbers, changes, elapsedNs }: Subject, measure: Measure): Value {
  const { kind, name, ratio } = measure;
  if (!changes || kind === 'fixed')
    return ratio ? (numberIn(numbers, name) ?? ratioIn(numbers, ratio)) : numberIn(numbers, name);
  return ratio ? ratioOf(changes, ratio) : perSecond(changes[name], elapsedNs);
}

/** A slot of the ring that no epoch has had yet is nobody to be ranked. */
function wasOpened({ epoch_era: era, open_since_ns: since }: EpochStats): boolean {
  return era !== 0 || since !== 0;
}

function epochSubject(epoch: EpochStats): Subject {
  return {
    scope: 'epoch',
    key: `${epoch.epoch_id}/${epoch.epoch_era ?? '?'}`,
    numbers: epoch,
    ...(epoch.label !== undefined && { label: epoch.label }),
    ...(epoch.state && { state: epoch.state }),
  };
}

const SUMMED = EPOCH.filter(
  ({ kind, unit, field }) => kind === 'gauge' && unit !== 'seconds' && !field.startsWith('rss_'),
);

/** What the epochs of each label hold together, under the epochs' field names; what one of them does not say is absent. */
function labelNumbers(snapshot: Snapshot): Map<string, Record<string, U64>> {
  const byLabel = new Map<string, Record<string, U64>>();
  for (const { label, epochs, contention } of labelTotals(snapshot))
    byLabel.set(label, { epochs, ...(contention as Record<string, U64> | undefined) });
  for (const { field } of SUMMED) {
    if (!snapshot.epochs?.every((epoch) => epoch[field] !== undefined)) continue;
    for (const numbers of byLabel.values()) numbers[field] = 0;
    for (const epoch of snapshot.epochs) {
      const numbers = epoch.label === undefined ? undefined : byLabel.get(epoch.label);
      if (numbers) numbers[field] = add(numbers[field] ?? 0, epoch[field] ?? 0);
    }
  }
  for (const { label, age_sec: age } of snapshot.epochs ?? []) {
    const numbers = label === undefined ? undefined : byLabel.get(label);
    if (numbers && age !== undefined) numbers['age_sec'] = max(numbers['age_sec'] ?? 0, age);
  }
  return byLabel;
}

/** A label that was not there before held and counted nothing. */
function labelChanges(before: Record<string, U64> | undefined, after: Holder): Changes {
  return Object.fromEntries(
    Object.entries(after as unknown as Record<string, U64>).map(([field, value]) => [
      field,
      subtract(value, before?.[field] ?? 0),
    ]),
  );
}
