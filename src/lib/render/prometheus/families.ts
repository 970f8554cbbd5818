import { ALL_ROWS } from '../../metrics/catalogue.ts';
import type { Snapshot } from '../../snapshot/model.ts';
import { EXTRA_FAMILIES } from './extra-families.ts';
import type { Family, FamilySample, Labels } from './family.ts';
import { addSamples, partsOf } from './row-samples.ts';

/** One process to expose. */
export interface Instance {
  readonly snapshot: Snapshot;
  /** Labels put before those of every sample: `pid`, `command`, `allocator_instance`. They must tell processes apart and bear none of RESERVED_LABELS. */
  readonly labels?: Labels;
}

/** Label names that samples bear themselves. */
export const RESERVED_LABELS: readonly string[] = ['epoch', 'state', 'label', 'class', 'object_size', 'le', 'quantile'];

/** @returns the families that at least one of the processes has a number for, in the catalogue's order, infos first */
export function familiesOf(instances: readonly Instance[]): Family[] {
  const parts = instances.map(({ snapshot, labels }) => partsOf(snapshot, labels));
  const families: Family[] = EXTRA_FAMILIES.map((family) => ({
    ...family,
    samples: parts.flatMap((one) => family.samples(one)),
  }));
  for (const row of ALL_ROWS) {
    if (typeof row.prom !== 'string') continue;
    const samples: FamilySample[] = [];
    for (const one of parts) addSamples(row, one, samples);
    families.push({ name: row.prom, type: row.kind === 'counter' ? 'counter' : 'gauge', help: row.help, samples });
  }
  return families.filter((family) => family.samples.length > 0);
}
