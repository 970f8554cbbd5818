import { CLASS, COMPUTED, EPOCH, LABEL, type MetricRow, type Ratio, TOP, type Unit } from '../../metrics/catalogue.ts';
import { numberIn, sumOfFields } from '../../metrics/read.ts';
import type { ClassStats, Snapshot } from '../../snapshot/model.ts';
import { add, type U64 } from '../../snapshot/u64.ts';
import { total } from '../ledger.ts';
import { type Operation, operationOf, type Read } from './operation.ts';

/** What part of the allocator a number is about: all of it, one class, or all epochs that bear one label. */
export type Part =
  | { readonly kind: 'total' }
  | { readonly kind: 'class'; readonly objectSize: string }
  | { readonly kind: 'label' /** Hostile text. */; readonly label: string };

export type PartKind = Part['kind'];
export const PART_KINDS: readonly PartKind[] = ['total', 'class', 'label'];

/** A number that two sides can be compared by. */
export interface DiffMetric {
  readonly name: string;
  /** Other names of the same number, for thresholds. */
  readonly aliases: readonly string[];
  readonly part: Part;
  /** Where its fields stand: at the top level, in classes (in all of them, where the part is the total), or with a label. */
  readonly scope: 'top' | 'class' | 'epoch' | 'label';
  readonly unit: Unit;
  readonly help: string;
  /** The direction that is bad news; without one the metric is information only. */
  readonly worse: 'up' | 'down' | undefined;
  readonly noisy: boolean;
  readonly amount: Read;
  /** True for counters: what counts is how much they grew. */
  readonly cumulative: boolean;
  /** What to divide by: the first that both sides have is used. None for a gauge. */
  readonly operations: readonly Operation[];
  /** A count whose quotient by its first operation is another metric of the list: skipped where that one is used. */
  readonly twin: boolean;
  /** Fields whose growth makes the amount larger, and those that only the divisor has; where they stand follows from the part. */
  readonly fields: { readonly of: readonly string[]; readonly over: readonly string[] };
}

/** A place a row's numbers are read from: the snapshot's top level, its classes together, one class, the epochs of one label. */
interface Place {
  readonly part: Part;
  readonly scope: 'top' | 'class';
  readonly read: (fields: readonly string[]) => Read;
  /** The same number's name in the list of all places, to find twins by. */
  readonly known: (field: string) => string;
  readonly allocs: string;
}

const sumOf = new Map(TOP.flatMap((row): [string, string][] => ('sumOf' in row ? [[row.sumOf, row.field]] : [])));
/** Totals that the catalogue does not call a sum, since refused or merged slabs may set them apart. */
const TOTAL_OF = new Map([
  ...sumOf,
  ['new_slab_count', 'total_slabs_allocated'],
  ['empty_slab_recycled', 'total_slabs_recycled'],
]);

const TOP_PLACE: Place = {
  part: { kind: 'total' },
  scope: 'top',
  read: (fields) => (snapshot) => sumOfFields(snapshot, fields),
  known: (field) => field,
  allocs: 'total_bitmap_alloc_attempts',
};

const ALL_CLASSES: Place = {
  part: { kind: 'total' },
  scope: 'class',
  read:
    (fields) =>
    ({ classes }) =>
      classes.length === 0 ? undefined : addAll(fields.map((field) => total(classes, field))),
  known: (field) => TOTAL_OF.get(field) ?? `classes.${field}`,
  allocs: 'bitmap_alloc_attempts',
};

function oneClass(objectSize: string): Place {
  const find = ({ classes }: Snapshot): ClassStats | undefined =>
    classes.find((cls) => String(cls.object_size) === objectSize);
  return {
    part: { kind: 'class', objectSize },
    scope: 'class',
    read: (fields) => (snapshot) => {
      const cls = find(snapshot);
      return cls && sumOfFields(cls, fields);
    },
    known: (field) => field,
    allocs: 'bitmap_alloc_attempts',
  };
}

/** @returns the metrics of each kind of part asked for; classes and labels are those that any of the snapshots names */
export function metricsFor(kinds: readonly PartKind[], snapshots: readonly Snapshot[]): DiffMetric[] {
  const metrics: DiffMetric[] = [];
  if (kinds.includes('total')) metrics.push(...totals());
  if (kinds.includes('class')) {
    const sizes = new Set(snapshots.flatMap(({ classes }) => classes.map((cls) => String(cls.object_size))));
    for (const size of sizes) metrics.push(...rowsAt(oneClass(size), 'class', CLASS));
  }
  if (kinds.includes('label')) {
    const labels = new Set(snapshots.flatMap(({ epochs = [] }) => epochs.flatMap((epoch) => epoch.label ?? [])));
    for (const label of labels) metrics.push(...labelMetrics(label));
  }
  return metrics;
}

/** Every metric name there can be, for thresholds and the schema of the configuration. */
export function metricNames(): string[] {
  const names = [...totals(), ...rowsAt(oneClass(''), 'class', CLASS), ...labelMetrics('')].flatMap(
    ({ name, aliases }) => [name, ...aliases],
  );
  return [...new Set(names)].sort();
}

/** The snapshot's own totals, and the class numbers without one, summed over all classes. */
function totals(): DiffMetric[] {
  const top = rowsAt(TOP_PLACE, 'top', TOP);
  const taken = new Set(top.flatMap(({ name, aliases }) => [name, ...aliases]));
  const keys = new Set(top.map((metric) => keyOf(TOP_PLACE, metric.fields)));
  const pooled = rowsAt(ALL_CLASSES, 'class', CLASS).filter(
    (metric) => !taken.has(metric.name) && !TOTAL_OF.has(metric.name) && !keys.has(keyOf(ALL_CLASSES, metric.fields)),
  );
  return [...top, ...pooled];
}

function rowsAt(place: Place, scope: 'top' | 'class', rows: readonly MetricRow[]): DiffMetric[] {
  const ratios = [
    ...COMPUTED.filter((metric) => metric.scope === scope).map((metric) => ratioAt(place, metric, metric.ratio)),
    ...rows.flatMap((row) => (row.ratio ? [ratioAt(place, { ...row, name: row.field }, row.ratio)] : [])),
  ];
  const twins = new Map(ratios.map((ratio) => [keyOf(place, ratio.fields), ratio]));
  const counts = rows
    .filter((row) => row.kind === 'counter' || row.kind === 'gauge')
    .filter(({ unit }) => unit !== 'id');
  const plain = counts.map((row) => {
    const twin = twins.get(keyOf(place, { of: [row.field], over: [row.per ?? place.allocs] }));
    return { metric: row.kind === 'counter' ? counterAt(place, row, twin !== undefined) : gaugeAt(place, row), twin };
  });
  const named = ratios.map((ratio) => ({
    ...ratio,
    aliases: [
      ...ratio.aliases,
      ...plain.flatMap(({ metric, twin }) => (twin === ratio ? [metric.name, ...metric.aliases] : [])),
    ],
  }));
  return [...named, ...plain.map(({ metric }) => metric)];
}

interface Described {
  readonly name: string;
  readonly by?: readonly string[];
  readonly unit: Unit;
  readonly help: string;
  readonly worse?: 'up' | 'down';
  readonly noisy?: boolean;
}

function described({ name, by = [], unit, help, worse, noisy = false }: Described) {
  return { name, aliases: by, unit, help, worse, noisy, twin: false };
}

function ratioAt(place: Place, metric: Described, { of, over, times = 1 }: Ratio): DiffMetric {
  const counts = new Set<string>([...TOP, ...CLASS].flatMap((row) => (row.kind === 'counter' ? [row.field] : [])));
  return {
    ...described(metric),
    part: place.part,
    scope: place.scope,
    amount: place.read(of),
    cumulative: of.every((field) => counts.has(field)),
    operations: [{ name: '', read: place.read(over), times }],
    fields: { of, over: over.filter((field) => !of.includes(field)) },
  };
}

function gaugeAt(place: Place, row: MetricRow): DiffMetric {
  return {
    ...described({ ...row, name: row.field, ...namesOf(row) }),
    part: place.part,
    scope: place.scope,
    amount: place.read([row.field]),
    cumulative: false,
    operations: [],
    fields: { of: [row.field], over: [] },
  };
}

function counterAt(place: Place, row: MetricRow, twin: boolean): DiffMetric {
  const slow = place.allocs.startsWith('total_') ? 'total_slow_path_hits' : 'slow_path_hits';
  // Allocations are what others are divided by; alone they are so many a second.
  const per = row.field === place.allocs ? [] : [row.per ?? place.allocs, place.allocs, slow];
  return {
    ...described({ ...row, name: row.field, ...namesOf(row) }),
    part: place.part,
    scope: place.scope,
    amount: place.read([row.field]),
    cumulative: true,
    operations: [...new Set(per)]
      .filter((field) => field !== row.field)
      .map((field) => operationOf(field, row.unit, place.read([field]))),
    twin,
    fields: { of: [row.field], over: [] },
  };
}

/** A class field's total stands for it in thresholds, and the other way round. */
function namesOf(row: MetricRow): { by: readonly string[] } {
  const total = row.scope === 'class' ? TOTAL_OF.get(row.field) : undefined;
  return { by: [...(row.by ?? []), ...(total === undefined || total === row.field ? [] : [total])] };
}

/** What one label holds, summed over its epochs, and how it contended, over all classes. A label that no epoch bears holds nothing. */
function labelMetrics(label: string): DiffMetric[] {
  const part: Part = { kind: 'label', label };
  const held = EPOCH.filter((row) => 'worse' in row && row.unit === 'bytes').map(
    (row): DiffMetric => ({
      ...described({ ...row, name: row.field }),
      part,
      scope: 'epoch',
      amount: ({ epochs }) =>
        epochs?.some((epoch) => epoch.label !== undefined)
          ? addAll(epochs.filter((epoch) => epoch.label === label).map((epoch) => numberIn(epoch, row.field)))
          : undefined,
      cumulative: false,
      operations: [],
      fields: { of: [row.field], over: [] },
    }),
  );
  const contended = LABEL.map(
    (row): DiffMetric => ({
      ...described({ ...row, name: row.field }),
      part,
      scope: 'label',
      amount: (snapshot) => byLabel(snapshot, row.field, label),
      cumulative: true,
      operations: [{ name: 'alloc', read: TOP_PLACE.read([TOP_PLACE.allocs]), times: 1_000_000 }],
      fields: { of: [row.field], over: [] },
    }),
  );
  return [...held, ...contended];
}

function byLabel(
  { classes, label_registry: registry }: Snapshot,
  field: (typeof LABEL)[number]['field'],
  label: string,
): U64 | undefined {
  const split = classes.map((cls) => cls.contention_by_label?.[field]).filter((counts) => counts !== undefined);
  if (split.length === 0) return undefined;
  const ids = Object.entries(registry?.labels ?? {}).flatMap(([id, text]) =>
    (id === '0' ? '' : text) === label ? [id] : [],
  );
  return split.flatMap((counts) => ids.map((id) => counts[id] ?? 0)).reduce<U64>(add, 0);
}

function addAll(values: readonly (U64 | undefined)[]): U64 | undefined {
  let result: U64 = 0;
  for (const value of values) {
    if (value === undefined) return undefined;
    result = add(result, value);
  }
  return result;
}

/** Two metrics of one part with the same key are the same number. */
function keyOf(place: Place, { of, over }: { of: readonly string[]; over: readonly string[] }): string {
  return `${of.map(place.known).toSorted()}/${over.map(place.known).toSorted()}`;
}

/** @returns the unit of the metric of that name; undefined for `default`, which stands for all */
export function metricUnit(name: string): Unit | undefined {
  const all = [...totals(), ...rowsAt(oneClass(''), 'class', CLASS), ...labelMetrics('')];
  return all.find((metric) => metric.name === name || metric.aliases.includes(name))?.unit;
}
