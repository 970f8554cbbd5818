import { CATALOGUE, COMPUTED, type MetricRow } from '../../metrics/catalogue.ts';
import type { Snapshot } from '../../snapshot/model.ts';
import { asSnapshot } from '../../snapshot/parse.ts';
import { U64_MAX } from '../../snapshot/u64.ts';
import { samplesNeeded } from '../statistics/mann-whitney.ts';
import { type DiffChoice, diff } from './diff.ts';
import { type DiffMetric, metricsFor, type Part } from './metric.ts';
import type { Comparison, Diff } from './result.ts';
import { ruleFor } from './threshold.ts';

/** Whether the gate notices that one metric got worse. */
export interface Proof {
  readonly name: string;
  readonly part: Part;
  /**
   * caught: worsened, and the gate failed · missed: worsened as far as it goes, and the gate passed · failing: it fails before anything is worsened ·
   * absent: the snapshot does not have it.
   */
  readonly result: 'caught' | 'missed' | 'failing' | 'absent';
  /** Samples a side the proof took: 1 where nothing but the program decides the number. */
  readonly samples: number;
}

/**
 * Proves that the gate can fail: worsens each metric that it judges, one at a time, and looks whether it fails.
 * @param snapshot what is worsened; nothing of it is changed
 * @throws InputError as diff() does, where the snapshot has nothing to judge or lacks what a threshold names
 */
export function selfTest(snapshot: Snapshot, choice: DiffChoice): Proof[] {
  const settings: DiffChoice = { ...choice, mode: 'two-runs', samples: 'run' };
  const judged = metricsFor(settings.by, [snapshot]).filter((metric) => {
    const rule = ruleFor(metric, settings.thresholds);
    return (
      rule !== null &&
      !metric.twin &&
      (rule.worse !== undefined || rule.max !== undefined || settings.failOn === 'change')
    );
  });
  const noisy = judged.filter((metric) => metric.noisy);
  const samples = noisy.length === 0 ? 1 : samplesNeeded(settings.alpha / noisy.length);
  const calm = jittered(snapshot, noisy, samples);
  // A gate that fails whatever it is given proves nothing: first, nothing is worsened.
  const control = compared([snapshot], [snapshot], settings);
  const calmly = compared(calm, calm, settings);
  return judged.map((metric) => {
    if (!find(control, metric)) return proof(metric, 'absent', 0);
    const worse = ruleFor(metric, settings.thresholds)?.worse ?? 'up';
    const before = metric.noisy ? calm : [snapshot];
    const size = before.length;
    if (isCaught(metric.noisy ? calmly : control, metric, settings)) return proof(metric, 'failing', size);
    return proof(metric, isEverCaught(metric, worse, before, settings) ? 'caught' : 'missed', size);
  });
}

function isEverCaught(
  metric: DiffMetric,
  worse: 'up' | 'down',
  before: readonly Snapshot[],
  choice: DiffChoice,
): boolean {
  if (choice.failOn === 'never') return false;
  for (const after of worsenings(metric, worse, before))
    if (isCaught(compared(before, after, choice), metric, choice)) return true;
  return false;
}

function proof({ name, part }: DiffMetric, result: Proof['result'], samples: number): Proof {
  return { name, part, result, samples };
}

function compared(before: readonly Snapshot[], after: readonly Snapshot[], choice: DiffChoice): Diff {
  const side = (snapshots: readonly Snapshot[]) => ({
    sources: [],
    runs: snapshots.map((snapshot) => ({ snapshots: [snapshot], seen: 1 })),
  });
  return diff(side(before), side(after), choice);
}

function find({ comparisons }: Diff, metric: DiffMetric): Comparison | undefined {
  const part = JSON.stringify(metric.part);
  return comparisons.find((one) => one.name === metric.name && JSON.stringify(one.part) === part);
}

function isCaught(result: Diff, metric: DiffMetric, { failOn }: DiffChoice): boolean {
  const status = find(result, metric)?.status;
  if (result.outcome === 'fine') return false;
  return status === 'regression' || (failOn === 'change' && (status === 'change' || status === 'improvement'));
}

/** Several snapshots that differ in their noisy numbers a little, as runs do. */
function jittered(snapshot: Snapshot, noisy: readonly DiffMetric[], count: number): Snapshot[] {
  return Array.from({ length: count }, (_, i) => {
    const copy = structuredClone(snapshot);
    for (const metric of noisy)
      for (const place of placesOf(copy, metric, metric.fields.of)) place.write(place.value + BigInt(i));
    return copy;
  });
}

/** Far enough to fill 64 bits from any start. */
const STEPS = 16;

/** @returns ever worse copies of the snapshots, as far as 64 bits go; none where the snapshots do not have the metric's fields */
function* worsenings(metric: DiffMetric, worse: 'up' | 'down', snapshots: readonly Snapshot[]): Generator<Snapshot[]> {
  const { of, over } = metric.fields;
  // What is better the larger it is gets worse as its divisor grows, or by shrinking where nothing divides it.
  const shrinks = worse === 'down' && over.length === 0;
  for (let step = 0; step < STEPS; step++) {
    const copies = snapshots.map((snapshot) => structuredClone(snapshot));
    const places = copies.map((copy) => placesOf(copy, metric, worse === 'up' || shrinks ? of : over));
    if (places.some((found) => found.length === 0)) return;
    for (const { value, write } of places.flat()) write(shrinks ? value >> BigInt(4 * step + 1) : raised(value, step));
    yield copies;
  }
}

function raised(value: bigint, step: number): bigint {
  const more = (value << BigInt(4 * step + 1)) + (1n << BigInt(4 * step));
  return more > U64_MAX ? U64_MAX : more;
}

interface PlaceOfNumber {
  readonly value: bigint;
  readonly write: (value: bigint) => void;
}

/** @returns where the metric's fields stand in a snapshot that is ours to change: the first place of each is enough to change the sum */
function placesOf(snapshot: Snapshot, { part, scope }: DiffMetric, fields: readonly string[]): PlaceOfNumber[] {
  const [field] = fields;
  const holders: object[] =
    scope === 'top'
      ? [snapshot]
      : scope === 'epoch'
        ? (snapshot.epochs ?? []).filter((epoch) => part.kind === 'label' && epoch.label === part.label)
        : scope === 'class'
          ? snapshot.classes.filter((cls) => part.kind !== 'class' || String(cls.object_size) === part.objectSize)
          : labelCounts(snapshot, part, field);
  const key = scope === 'label' ? labelId(snapshot, part) : field;
  const holder = holders.find((one) => key !== undefined && key in one) as Record<string, number | bigint> | undefined;
  if (!holder || key === undefined) return [];
  return [
    {
      value: BigInt(holder[key] ?? 0),
      write: (value) => {
        holder[key] = value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
      },
    },
  ];
}

function labelId({ label_registry: registry }: Snapshot, part: Part): string | undefined {
  return Object.entries(registry?.labels ?? {}).find(
    ([id, text]) => part.kind === 'label' && (id === '0' ? '' : text) === part.label,
  )?.[0];
}

function labelCounts({ classes }: Snapshot, part: Part, field: string | undefined): object[] {
  return part.kind === 'label' && field !== undefined
    ? classes.flatMap((cls) => (cls.contention_by_label as Record<string, object> | undefined)?.[field] ?? [])
    : [];
}

const DIVISORS = new Set(
  CATALOGUE.class
    .flatMap((row) => [row.per, ...(row.ratio?.over ?? [])])
    .concat(COMPUTED.flatMap((one) => one.ratio.over)),
);

/** A count of what should not happen, and that nothing is divided by. */
function isTrouble(row: MetricRow): boolean {
  return row.kind === 'counter' && row.worse === 'up' && !row.noisy && !DIVISORS.has(row.field);
}

const SIZES = [64, 96, 128, 192, 256, 384, 512, 768];

/** @returns a snapshot that has every number of the catalogue, busy and without a failure: what the self-test worsens where none is given */
export function exampleSnapshot(): Snapshot {
  const numbers = (rows: readonly MetricRow[]) =>
    Object.fromEntries(rows.map((row) => [row.field, isTrouble(row) ? 0 : 1_000_000]));
  return asSnapshot({
    ...numbers(CATALOGUE.top),
    schema_version: 1,
    label_registry: { count: 2, max_labels: 16, labels: { 0: '', 1: 'request' } },
    classes: SIZES.map((size, index) => ({
      ...numbers(CATALOGUE.class),
      class_index: index,
      object_size: size,
      contention_by_label: Object.fromEntries(CATALOGUE.label.map((row) => [row.field, { 0: 0, 1: 0 }])),
    })),
    epochs: [{ ...numbers(CATALOGUE.epoch), epoch_id: 0, state: 'ACTIVE', label: 'request' }],
  });
}
