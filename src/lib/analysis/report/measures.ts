import { numberIn } from '../../metrics/read.ts';
import type { Snapshot } from '../../snapshot/model.ts';
import { add, type U64 } from '../../snapshot/u64.ts';
import { total } from '../ledger.ts';

type Reader = (snapshot: Snapshot) => U64 | undefined;

const top =
  (field: string): Reader =>
  (snapshot) =>
    numberIn(snapshot, field);
const overClasses =
  (field: string): Reader =>
  ({ classes }) =>
    total(classes, field);
const either =
  (first: Reader, second: Reader): Reader =>
  (snapshot) =>
    first(snapshot) ?? second(snapshot);

/** What a report follows over time and may go either way. Undefined where a producer does not say it. */
export const GAUGES = {
  rss: top('rss_bytes_current'),
  slabs: either(top('estimated_slab_rss_bytes'), overClasses('estimated_rss_bytes')),
  live: overClasses('live_bytes'),
  pinned: overClasses('pinned_waste_bytes'),
} satisfies Record<string, Reader>;

/** What a report follows over time and never goes down within one process. */
export const COUNTERS = {
  allocations: top('total_bitmap_alloc_attempts'),
  frees: top('total_bitmap_free_attempts'),
  slowPath: top('total_slow_path_hits'),
  cacheMiss: top('total_slow_cache_miss'),
  epochClosed: top('total_slow_epoch_closed'),
  lockFast: overClasses('lock_fast_acquire'),
  lockContended: overClasses('lock_contended'),
  allocRetries: top('total_bitmap_alloc_cas_retries'),
  freeRetries: top('total_bitmap_free_cas_retries'),
  madviseCalls: top('total_madvise_calls'),
  madviseBytes: top('total_madvise_bytes'),
  madviseFailures: top('total_madvise_failures'),
} satisfies Record<string, Reader>;

export type Gauge = keyof typeof GAUGES;
export type Counter = keyof typeof COUNTERS;
export type Measured<K extends string> = { readonly [Name in K]?: U64 };

/** @returns what the snapshot says of them; the others are left out */
export function measure<K extends string>(readers: Record<K, Reader>, snapshot: Snapshot): Measured<K> {
  const measured: { [Name in K]?: U64 } = {};
  for (const name in readers) {
    const value = readers[name](snapshot);
    if (value !== undefined) measured[name] = value;
  }
  return measured;
}

/** @returns label text to the estimated resident bytes of its epochs; {} where epochs bear no labels */
export function bytesByLabel({ epochs = [] }: Snapshot): Map<string, U64> {
  const bytes = new Map<string, U64>();
  for (const { label, estimated_rss_bytes: held } of epochs)
    if (label !== undefined && held !== undefined) bytes.set(label, add(bytes.get(label) ?? 0, held));
  return bytes;
}
