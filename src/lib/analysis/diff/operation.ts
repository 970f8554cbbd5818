import type { Unit } from '../../metrics/catalogue.ts';
import type { Snapshot } from '../../snapshot/model.ts';
import type { U64 } from '../../snapshot/u64.ts';

/** @returns the number, or undefined where the snapshot's producer does not say it */
export type Read = (snapshot: Snapshot) => U64 | undefined;

/** What a count can be divided by. */
export interface Operation {
  /** One of them, for people: `alloc`, `madvise call`. */
  readonly name: string;
  readonly read: Read;
  /** Quotients are shown per so many operations. */
  readonly times: number;
}

/**
 * @param field the counter of the operations
 * @param unit of what is divided by them
 */
export function operationOf(field: string, unit: Unit, read: Read): Operation {
  return { name: OPERATION_NAMES.get(field.replace(/^total_/, '')) ?? field, read, times: timesOf(field, unit) };
}

const OPERATION_NAMES = new Map([
  ['bitmap_alloc_attempts', 'alloc'],
  ['bitmap_free_attempts', 'free'],
  ['slow_path_hits', 'slow path'],
  ['madvise_calls', 'madvise call'],
  ['mmap_calls', 'mmap call'],
  ['epoch_advances', 'epoch advance'],
  ['epoch_close_calls', 'epoch close'],
  ['current_partial_cas_attempts', 'swap'],
]);

/** Events are rare beside allocations and frees: counted per million of them. */
function timesOf(operation: string, unit: Unit): number {
  return /bitmap_(alloc|free)_attempts$/.test(operation) && unit !== 'bytes' && unit !== 'nanoseconds' ? 1_000_000 : 1;
}
