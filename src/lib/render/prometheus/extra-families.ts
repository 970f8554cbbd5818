import { add } from '../../snapshot/u64.ts';
import type { FamilySample } from './family.ts';
import { bounded } from './label-names.ts';
import type { Parts } from './row-samples.ts';

/** Families that no single row of the catalogue makes. */
export interface ExtraFamily {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'info';
  readonly help: string;
  samples(parts: Parts): FamilySample[];
}

export const EXTRA_FAMILIES: readonly ExtraFamily[] = [
  {
    name: 'temporal_slab_info',
    type: 'info',
    help: 'Which allocator in which process the numbers come from; always 1',
    samples: ({ snapshot: { allocator, pid, version, schema_version }, labels: given }) => {
      const identity: [string, string | number | bigint | undefined][] = [
        ['allocator', allocator?.name],
        ['version', allocator?.version],
        // Not 'instance': Prometheus calls its target so.
        ['allocator_instance', allocator?.instance],
        ['pid', pid],
        ['schema_version', schema_version],
        ['stats_version', version],
      ];
      const labels = identity.flatMap(([name, value]) =>
        value === undefined ? [] : [[name, bounded(String(value))] as const],
      );
      // The process may bear its pid and the allocator's number as labels of every sample already.
      const own = labels.filter(([name]) => !given.some(([other]) => other === name));
      return labels.length === 0 ? [] : [{ labels: [...given, ...own], value: '1' }];
    },
  },
  {
    name: 'temporal_slab_epoch_state',
    type: 'gauge',
    help: 'The state that the epoch is in; always 1',
    samples: ({ epochs }) =>
      epochs.flatMap(({ holder, labels }) => (holder.state === undefined ? [] : [{ labels, value: '1' }])),
  },
  {
    name: 'temporal_slab_class_lock_acquisitions_total',
    type: 'counter',
    help: 'Locks taken, with and without waiting',
    samples: ({ classes }) =>
      classes.flatMap(({ holder: { lock_fast_acquire: fast, lock_contended: waited }, labels }) =>
        fast === undefined || waited === undefined ? [] : [{ labels, value: String(add(fast, waited)) }],
      ),
  },
];
