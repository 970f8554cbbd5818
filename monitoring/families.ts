import { ALL_ROWS, type Scope } from '../src/lib/metrics/catalogue.ts';
import { EXTRA_FAMILIES } from '../src/lib/render/prometheus/extra-families.ts';
import { PROCESS_LABELS } from '../src/lib/server/metrics.ts';

const LABELS: Readonly<Record<Scope, readonly string[]>> = {
  top: [],
  close: [],
  longest: ['label'],
  class: ['class', 'object_size'],
  epoch: ['epoch', 'state', 'label'],
  label: ['class', 'object_size', 'label'],
};

/** Labels of the families that no single row of the catalogue makes. */
const EXTRA_LABELS: Readonly<Record<string, readonly string[]>> = {
  temporal_slab_info: ['allocator', 'version', 'pid', 'schema_version', 'stats_version'],
  temporal_slab_epoch_state: LABELS.epoch,
  temporal_slab_class_lock_acquisitions_total: LABELS.class,
};

/** Families of tslab itself and of Prometheus that rules and dashboards use. */
const OTHERS: Readonly<Record<string, readonly string[]>> = {
  tslab_build_info: ['version'],
  tslab_up: [],
  tslab_unusable_files: [],
  tslab_processes_omitted: [],
  tslab_read_failures_total: [],
  up: [],
};

/** Labels that a scrape and `tslab serve` (and its /sd, `process`) put on every sample; which of them are there depends on the way the samples came. */
export const TARGET_LABELS: readonly string[] = [
  'cluster',
  'namespace',
  'job',
  'instance',
  'process',
  ...PROCESS_LABELS,
];

/** Every family that a rule or a panel may name, with the labels of its samples besides TARGET_LABELS. */
export const FAMILIES: ReadonlyMap<string, readonly string[]> = new Map([
  ...ALL_ROWS.flatMap((row) => (typeof row.prom === 'string' ? [[row.prom, LABELS[row.scope]] as const] : [])),
  ...EXTRA_FAMILIES.map(({ name }) => [name, EXTRA_LABELS[name] ?? []] as const),
  ...Object.entries(OTHERS),
]);
