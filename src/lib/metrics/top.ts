import { rowsOf } from './row.ts';

const { counter, gauge, meta } = rowsOf('top');
const perAlloc = 'total_bitmap_alloc_attempts';
const perFree = 'total_bitmap_free_attempts';
const inInfo = { none: 'a label of temporal_slab_info' };

/** The snapshot's own numbers: who produced it, and totals over all classes. */
export const TOP = [
  meta('schema_version', { unit: 'id', title: 'schema', since: 2, prom: inInfo, help: 'Version of the snapshot contract' }),
  meta('timestamp_ns', {
    unit: 'timestamp', title: 'time', since: 2, prom: 'temporal_slab_snapshot_timestamp_seconds', noisy: true,
    help: 'Wall clock time at which the snapshot was taken',
  }),
  meta('pid', { unit: 'id', title: 'pid', since: 2, prom: inInfo, noisy: true, help: 'Process the counters belong to' }),
  meta('page_size', { unit: 'bytes', title: 'page', since: 2, prom: 'temporal_slab_page_size_bytes', help: 'Page size of the operating system' }),
  meta('epoch_count', { unit: 'epochs', title: 'ring', since: 2, prom: 'temporal_slab_epoch_ring_size', help: 'Slots in the ring of epochs' }),
  meta('version', { unit: 'id', title: 'version', since: 1, prom: inInfo, help: 'Version of the stats structs' }),
  meta('slab_bytes', { unit: 'bytes', title: 'slab', since: 7, prom: 'temporal_slab_slab_size_bytes', help: 'Size of one slab' }),
  gauge('current_epoch', { unit: 'id', title: 'current', since: 1, prom: 'temporal_slab_current_epoch', help: 'Ring index of the epoch that new allocations go into' }),
  gauge('active_epoch_count', { unit: 'epochs', title: 'active', since: 1, prom: 'temporal_slab_active_epochs', help: 'Epochs that accept allocations' }),
  gauge('closing_epoch_count', { unit: 'epochs', title: 'closing', since: 1, prom: 'temporal_slab_closing_epochs', help: 'Epochs that refuse allocations and drain' }),
  counter('total_slabs_allocated', { unit: 'slabs', title: 'slabs new', since: 1, worse: 'up', per: perAlloc, prom: 'temporal_slab_slabs_allocated_total', help: 'Slabs taken from the operating system' }),
  counter('total_slabs_recycled', { unit: 'slabs', title: 'recycled', since: 1, prom: 'temporal_slab_slabs_recycled_total', help: 'Slabs returned to a cache' }),
  gauge('net_slabs', { unit: 'slabs', title: 'net slabs', since: 1, worse: 'up', sumOf: 'net_slabs', prom: 'temporal_slab_net_slabs', help: 'Slabs in use now' }),
  gauge('rss_bytes_current', { unit: 'bytes', title: 'RSS', since: 1, worse: 'up', noisy: true, by: ['rss'], prom: 'temporal_slab_rss_bytes', help: 'Resident set size of the whole process' }),
  gauge('estimated_slab_rss_bytes', { unit: 'bytes', title: 'slab RSS', since: 1, worse: 'up', sumOf: 'estimated_rss_bytes', prom: 'temporal_slab_estimated_slab_rss_bytes', help: 'Resident bytes that slabs account for, estimated' }),
  counter('total_slow_path_hits', { unit: 'events', title: 'slow path', since: 1, worse: 'up', per: perAlloc, sumOf: 'slow_path_hits', prom: 'temporal_slab_slow_path_hits_total', help: 'Allocations that left the fast path' }),
  counter('total_cache_overflows', { unit: 'slabs', title: 'overflows', since: 1, worse: 'up', per: perFree, sumOf: 'empty_slab_overflowed', prom: 'temporal_slab_cache_overflows_total', help: 'Empty slabs that found the cache full' }),
  counter('total_slow_cache_miss', { unit: 'events', title: 'cache miss', since: 1, worse: 'up', per: perAlloc, sumOf: 'slow_path_cache_miss', prom: 'temporal_slab_slow_path_cache_miss_total', help: 'Slow paths that had to map memory' }),
  counter('total_slow_epoch_closed', { unit: 'events', title: 'ep. closed', since: 1, worse: 'up', per: perAlloc, sumOf: 'slow_path_epoch_closed', prom: 'temporal_slab_slow_path_epoch_closed_total', help: 'Allocations refused because their epoch was CLOSING' }),
  counter('total_madvise_calls', { unit: 'calls', title: 'madvise', since: 1, sumOf: 'madvise_calls', prom: 'temporal_slab_madvise_calls_total', help: 'Times memory was offered back to the kernel' }),
  counter('total_madvise_bytes', { unit: 'bytes', title: 'given back', since: 1, sumOf: 'madvise_bytes', prom: 'temporal_slab_madvise_bytes_total', help: 'Bytes offered back to the kernel' }),
  counter('total_madvise_failures', { unit: 'calls', title: 'adv. fails', since: 1, worse: 'up', sumOf: 'madvise_failures', prom: 'temporal_slab_madvise_failures_total', help: 'Times the kernel refused to take memory back' }),
  counter('total_bitmap_alloc_cas_retries', { unit: 'events', title: 'alloc retry', since: 5, worse: 'up', per: perAlloc, sumOf: 'bitmap_alloc_cas_retries', prom: 'temporal_slab_bitmap_alloc_cas_retries_total', help: 'Compare-and-swap retries while taking a slot' }),
  counter('total_bitmap_free_cas_retries', { unit: 'events', title: 'free retry', since: 5, worse: 'up', per: perFree, sumOf: 'bitmap_free_cas_retries', prom: 'temporal_slab_bitmap_free_cas_retries_total', help: 'Compare-and-swap retries while giving a slot back' }),
  counter('total_current_partial_cas_failures', { unit: 'events', title: 'swap fails', since: 5, per: 'total_current_partial_cas_attempts', sumOf: 'current_partial_cas_failures', prom: 'temporal_slab_current_partial_cas_failures_total', help: 'Failed swaps of the current slab' }),
  counter('total_bitmap_alloc_attempts', { unit: 'objects', title: 'allocs', since: 5, sumOf: 'bitmap_alloc_attempts', prom: 'temporal_slab_bitmap_alloc_attempts_total', by: ['allocs'], help: 'Objects allocated' }),
  counter('total_bitmap_free_attempts', { unit: 'objects', title: 'frees', since: 5, sumOf: 'bitmap_free_attempts', prom: 'temporal_slab_bitmap_free_attempts_total', by: ['frees'], help: 'Objects freed' }),
  counter('total_current_partial_cas_attempts', { unit: 'events', title: 'swaps', since: 5, sumOf: 'current_partial_cas_attempts', prom: 'temporal_slab_current_partial_cas_attempts_total', help: 'Attempted swaps of the current slab' }),
  counter('total_invalid_frees', { unit: 'events', title: 'bad frees', since: 7, worse: 'up', sumOf: 'invalid_frees', prom: 'temporal_slab_invalid_frees_total', help: 'Stale or double frees of a class, refused' }),
  counter('total_alloc_failures', { unit: 'events', title: 'no memory', since: 7, worse: 'up', sumOf: 'alloc_failures', prom: 'temporal_slab_alloc_failures_total', help: 'Allocations that returned NULL for want of memory' }),
  counter('total_remote_frees', { unit: 'objects', title: 'remote', since: 7, sumOf: 'remote_frees', prom: 'temporal_slab_remote_frees_total', help: "Frees of another thread's slab" }),
  counter('unattributed_invalid_frees', { unit: 'events', title: 'forged', since: 7, worse: 'up', prom: 'temporal_slab_unattributed_invalid_frees_total', help: 'Forged or foreign frees that belong to no class, refused' }),
  counter('refused_sizes', { unit: 'events', title: 'bad size', since: 7, worse: 'up', prom: 'temporal_slab_refused_sizes_total', help: 'Requests of size 0 or above 768, or for an epoch outside the ring' }),
  counter('epoch_advances', { unit: 'events', title: 'advances', since: 7, prom: 'temporal_slab_epoch_advances_total', help: 'Times the ring moved to a new epoch' }),
  counter('epoch_advances_refused', { unit: 'events', title: 'adv. refused', since: 7, worse: 'up', prom: 'temporal_slab_epoch_advances_refused_total', help: 'Advances refused because every other slot was still in use' }),
  counter('epoch_slots_skipped', { unit: 'events', title: 'skipped', since: 7, worse: 'up', prom: 'temporal_slab_epoch_slots_skipped_total', help: 'Occupied slots that an advance stepped over' }),
  counter('domain_misuses', { unit: 'events', title: 'misuses', since: 7, worse: 'up', prom: 'temporal_slab_domain_misuses_total', help: 'Domains entered, left or destroyed by the wrong thread or in the wrong order' }),
  counter('label_registry_overflows', { unit: 'events', title: 'lbl overflow', since: 7, worse: 'up', prom: 'temporal_slab_label_registry_overflows_total', help: 'Labels that had to share id 0 because the registry was full' }),
  counter('mmap_calls', { unit: 'calls', title: 'mmap', since: 7, worse: 'up', per: perAlloc, prom: 'temporal_slab_mmap_calls_total', help: 'Times memory was asked of the kernel' }),
  counter('mmap_failures', { unit: 'calls', title: 'mmap fails', since: 7, worse: 'up', prom: 'temporal_slab_mmap_failures_total', help: 'Times the kernel refused memory' }),
  gauge('mapped_bytes', { unit: 'bytes', title: 'mapped', since: 7, prom: 'temporal_slab_mapped_bytes', help: 'Address space held, metadata included' }),
  gauge('metadata_bytes', { unit: 'bytes', title: 'metadata', since: 7, worse: 'up', prom: 'temporal_slab_metadata_bytes', help: 'Upper bound of resident slab metadata' }),
  gauge('thread_count', { unit: 'threads', title: 'threads', since: 7, prom: 'temporal_slab_threads', help: 'Threads with a heap of this allocator now' }),
  counter('handshake_deferrals', { unit: 'events', title: 'deferrals', since: 7, worse: 'up', prom: 'temporal_slab_handshake_deferrals_total', help: 'Slabs an epoch_close left to a later pass because their thread was inside an operation' }),
] as const;
