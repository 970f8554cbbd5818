import { CLASS } from './class.ts';
import { CLOSE } from './close.ts';
import { EPOCH } from './epoch.ts';
import { LABEL } from './label.ts';
import { LONGEST } from './longest-close.ts';
import type { MetricRow, Scope } from './row.ts';
import { TOP } from './top.ts';

export { COMPUTED, type ComputedMetric } from './computed.ts';
export type * from './row.ts';
export { CLASS, CLOSE, EPOCH, LABEL, LONGEST, TOP };

/** Every number a snapshot can hold, by scope, in the order tables and documents show them. */
export const CATALOGUE: { readonly [S in Scope]: readonly MetricRow<S>[] } = {
  top: TOP,
  class: CLASS,
  epoch: EPOCH,
  close: CLOSE,
  longest: LONGEST,
  label: LABEL,
};

export const ALL_ROWS: readonly MetricRow[] = Object.values(CATALOGUE).flat();

/** Schema fields that are no plain number and so have no row; each with what carries them instead. */
export const NOT_METRICS: Readonly<Record<string, string>> = {
  '/classes': 'the rows of scope class',
  '/epochs': 'the rows of scope epoch',
  '/last_epoch_close': 'the rows of scope close',
  '/last_epoch_close/label':
    'whose close it was; its families have no labels, as they would begin anew with each close',
  '/longest_epoch_close': 'the rows of scope longest',
  '/longest_epoch_close/label': 'a label of the families of the longest close',
  '/label_registry': 'names of label ids; the label values of epoch and by-label families',
  '/allocator': 'identity: labels of temporal_slab_info',
  '/process': 'identity: which process, and whether it still runs',
  '/counter_file': 'whether others can read the counters; a warning, not a measure',
  '/torn': 'a warning on the snapshot, not a measure',
  '/classes/*/contention_by_label': 'the rows of scope label',
  '/epochs/*/state': 'a label of every epoch family, and temporal_slab_epoch_state',
  '/epochs/*/label': 'a label of every epoch family',
};

/** @returns where the row's number stands, as a JSON pointer with `*` for array elements and label ids */
export function pathOf(row: MetricRow): string {
  switch (row.scope) {
    case 'top':
      return `/${row.field}`;
    case 'class':
      return `/classes/*/${row.field}`;
    case 'epoch':
      return `/epochs/*/${row.field}`;
    case 'close':
      return `/last_epoch_close/${row.field}`;
    case 'longest':
      return `/longest_epoch_close/${row.field}`;
    case 'label':
      return `/classes/*/contention_by_label/${row.field}/*`;
  }
}
