import { LABEL, type MetricRow } from '../../metrics/catalogue.ts';
import { type Holder, numberIn } from '../../metrics/read.ts';
import type { ByLabel, ClassStats, EpochStats, Snapshot } from '../../snapshot/model.ts';
import { add, type U64 } from '../../snapshot/u64.ts';
import type { FamilySample, Labels } from './family.ts';
import { type LabelNames, labelNames } from './label-names.ts';
import { exactValue } from './value.ts';

/** A process has 8 classes and 16 epochs; a broken producer that lists thousands shall not flood a time series database. */
const MAX_CLASSES = 64;
const MAX_EPOCHS = 256;

/**
 * A snapshot taken apart once for all of the catalogue's rows. Samples of one thing share one Labels, which is written as text only once: that is what
 * makes a page of ten thousand samples cheap.
 */
export interface Parts {
  readonly snapshot: Snapshot;
  /** Of every sample, put before its own. */
  readonly labels: Labels;
  readonly classes: readonly ClassPart[];
  readonly epochs: readonly { readonly holder: EpochStats; readonly labels: Labels }[];
  readonly longest:
    | { readonly holder: NonNullable<Snapshot['longest_epoch_close']>; readonly labels: Labels }
    | undefined;
  readonly names: LabelNames;
}

interface ClassPart {
  readonly holder: ClassStats;
  readonly labels: Labels;
  /** The class's labels and the Prometheus label `label`, by its value. */
  readonly byName: Map<string, Labels>;
}

/** @param labels of the process, none of them one that samples bear themselves */
export function partsOf(snapshot: Snapshot, labels: Labels = []): Parts {
  const names = labelNames(snapshot);
  const { longest_epoch_close: longest } = snapshot;
  return {
    snapshot,
    labels,
    names,
    longest: longest && {
      holder: longest,
      labels: [...labels, ...(longest.label === undefined ? [] : [['label', names.ofText(longest.label)] as const])],
    },
    classes: snapshot.classes
      .slice(0, MAX_CLASSES)
      .map((holder) => ({ holder, labels: [...labels, ...classLabels(holder)], byName: new Map() })),
    epochs: (snapshot.epochs ?? [])
      .slice(0, MAX_EPOCHS)
      .map((holder) => ({ holder, labels: [...labels, ...epochLabels(holder, names)] })),
  };
}

function classLabels({ class_index, object_size }: ClassStats): Labels {
  return [
    ...(class_index === undefined ? [] : [['class', String(class_index)] as const]),
    ['object_size', String(object_size)],
  ];
}

function epochLabels({ epoch_id, state, label }: EpochStats, names: LabelNames): Labels {
  return [
    ['epoch', String(epoch_id)],
    ...(state === undefined ? [] : [['state', state] as const]),
    ...(label === undefined ? [] : [['label', names.ofText(label)] as const]),
  ];
}

/** Adds the row's samples in one process: none where its producer does not say the number. In loops, as a page has ten thousand. */
export function addSamples(row: MetricRow, parts: Parts, samples: FamilySample[]): void {
  const { snapshot, labels, classes, epochs, longest } = parts;
  switch (row.scope) {
    case 'top':
      addSample(row, snapshot, labels, samples);
      return;
    case 'class':
      for (const { holder, labels } of classes) addSample(row, holder, labels, samples);
      return;
    case 'epoch':
      for (const { holder, labels } of epochs) addSample(row, holder, labels, samples);
      return;
    case 'close':
      if (snapshot.last_epoch_close) addSample(row, snapshot.last_epoch_close, labels, samples);
      return;
    case 'longest':
      if (longest) addSample(row, longest.holder, longest.labels, samples);
      return;
    case 'label':
      for (const part of classes)
        for (const [name, count] of countsByName(part.holder.contention_by_label, row, parts.names))
          samples.push({ labels: labelsByName(part, name), value: exactValue(count, row.unit) });
  }
}

function addSample(row: MetricRow, holder: Holder, labels: Labels, samples: FamilySample[]): void {
  const value = numberIn(holder, row.field);
  if (value !== undefined) samples.push({ labels, value: exactValue(value, row.unit) });
}

function labelsByName({ labels, byName }: ClassPart, name: string): Labels {
  const known = byName.get(name) ?? [...labels, ['label', name] as const];
  byName.set(name, known);
  return known;
}

/** Ids of one name are added up. A registered id that is not listed has counted nothing: it is there from 0, so that its first event shows. */
function countsByName(split: ByLabel | undefined, row: MetricRow, names: LabelNames): Map<string, U64> {
  const field = LABEL.find((one) => one.field === row.field)?.field;
  const counts = field && split?.[field];
  const totals = new Map<string, U64>();
  if (!counts) return totals;
  for (const id of names.ids) totals.set(names.ofId(id), 0);
  for (const [id, count] of Object.entries(counts)) {
    const name = names.ofId(id);
    totals.set(name, add(totals.get(name) ?? 0, count));
  }
  return totals;
}
