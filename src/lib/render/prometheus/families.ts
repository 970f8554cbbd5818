import { ALL_ROWS } from '../../metrics/catalogue.ts';
import type { Snapshot } from '../../snapshot/model.ts';
import { EXTRA_FAMILIES } from './extra-families.ts';
import type { Family, Labels } from './family.ts';
import { partsOf, samplesOf } from './row-samples.ts';

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
  const families = [
    ...EXTRA_FAMILIES.map((family) => ({
      ...family,
      samples: parts.flatMap((one) => family.samples(one)),
    })),
    ...ALL_ROWS.flatMap((row) =>
      typeof row.prom === 'string'
        ? {
            name: row.prom,
            type: row.kind === 'counter' ? ('counter' as const) : ('gauge' as const),
            help: row.help,
            samples: parts.flatMap((one) => samplesOf(row, one)),
          }
        : [],
    ),
  ];
  return families.filter((family) => family.samples.length > 0);
}
