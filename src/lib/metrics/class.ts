import { rowsOf } from './row.ts';

const { counter, gauge, meta, derived } = rowsOf('class');
const perAlloc = 'bitmap_alloc_attempts';
const perFree = 'bitmap_free_attempts';
const perClose = 'epoch_close_calls';
const isLabel = { none: 'a label of every class family' };
const recompute = { none: 'a ratio: divide the rates of its two counters in the query instead' };

/** `classes[]`: one entry per object size. */
export const CLASS = [
  meta('version', { unit: 'id', title: 'version', since: 1, prom: { none: 'repeats the top-level version' }, help: 'Version of the stats structs' }),
  meta('class_index', { unit: 'id', title: 'class', since: 1, prom: isLabel, by: ['class'], help: 'Index of the class, smallest objects first' }),
  meta('object_size', { unit: 'bytes', title: 'size', since: 1, prom: isLabel, by: ['size'], help: 'Bytes of one object' }),
  meta('slots_per_slab', { unit: 'objects', title: 'slots', since: 7, prom: 'temporal_slab_class_slots_per_slab', help: 'Objects that fit into one slab' }),
  counter('slow_path_hits', { unit: 'events', title: 'slow path', since: 1, worse: 'up', per: perAlloc, by: ['slow'], prom: 'temporal_slab_class_slow_path_hits_total', help: 'Allocations that left the fast path' }),
  counter('new_slab_count', { unit: 'slabs', title: 'new slabs', since: 1, worse: 'up', per: perAlloc, prom: 'temporal_slab_class_new_slabs_total', help: 'Slabs taken from the operating system' }),
  counter('list_move_partial_to_full', { unit: 'events', title: 'to full', since: 1, per: perAlloc, prom: 'temporal_slab_class_list_move_partial_to_full_total', help: 'Slabs that became full' }),
  counter('list_move_full_to_partial', { unit: 'events', title: 'to partial', since: 1, per: perFree, prom: 'temporal_slab_class_list_move_full_to_partial_total', help: 'Full slabs that got a free slot' }),
  counter('current_partial_null', { unit: 'events', title: 'no slab', since: 1, worse: 'up', per: perAlloc, prom: 'temporal_slab_class_current_partial_null_total', help: 'Allocations that found no current slab' }),
  counter('current_partial_full', { unit: 'events', title: 'slab full', since: 1, per: perAlloc, prom: 'temporal_slab_class_current_partial_full_total', help: 'Allocations that found the current slab full' }),
  counter('empty_slab_recycled', { unit: 'slabs', title: 'recycled', since: 1, prom: 'temporal_slab_class_empty_slabs_recycled_total', help: 'Empty slabs put into the cache' }),
  counter('empty_slab_overflowed', { unit: 'slabs', title: 'overflowed', since: 1, worse: 'up', per: perFree, prom: 'temporal_slab_class_empty_slabs_overflowed_total', help: 'Empty slabs that found the cache full' }),
  counter('slow_path_cache_miss', { unit: 'events', title: 'cache miss', since: 1, worse: 'up', per: perAlloc, by: ['cache_miss'], prom: 'temporal_slab_class_slow_path_cache_miss_total', help: 'Slow paths that had to map memory' }),
  counter('slow_path_epoch_closed', { unit: 'events', title: 'ep. closed', since: 1, worse: 'up', per: perAlloc, by: ['epoch_closed'], prom: 'temporal_slab_class_slow_path_epoch_closed_total', help: 'Allocations refused because their epoch was CLOSING' }),
  counter('madvise_calls', { unit: 'calls', title: 'madvise', since: 1, prom: 'temporal_slab_class_madvise_calls_total', help: 'Times memory was offered back to the kernel' }),
  counter('madvise_bytes', { unit: 'bytes', title: 'given back', since: 1, prom: 'temporal_slab_class_madvise_bytes_total', help: 'Bytes offered back to the kernel' }),
  counter('madvise_failures', { unit: 'calls', title: 'adv. fails', since: 1, worse: 'up', prom: 'temporal_slab_class_madvise_failures_total', help: 'Times the kernel refused to take memory back' }),
  counter('epoch_close_calls', { unit: 'calls', title: 'closes', since: 4, prom: 'temporal_slab_class_epoch_close_calls_total', help: 'Times epoch_close looked at this class' }),
  counter('epoch_close_scanned_slabs', { unit: 'slabs', title: 'scanned', since: 4, worse: 'up', per: perClose, prom: 'temporal_slab_class_epoch_close_scanned_slabs_total', help: 'Slabs that epoch_close examined' }),
  counter('epoch_close_recycled_slabs', { unit: 'slabs', title: 'reclaimed', since: 4, per: perClose, prom: 'temporal_slab_class_epoch_close_recycled_slabs_total', help: 'Slabs that epoch_close gave back' }),
  counter('epoch_close_total_ns', { unit: 'nanoseconds', title: 'close time', since: 4, worse: 'up', noisy: true, per: perClose, prom: 'temporal_slab_class_epoch_close_seconds_total', help: "Time epoch_close spent on this class's share" }),
  counter('bitmap_alloc_cas_retries', { unit: 'events', title: 'alloc retry', since: 5, worse: 'up', per: perAlloc, prom: 'temporal_slab_class_bitmap_alloc_cas_retries_total', help: 'Compare-and-swap retries while taking a slot' }),
  counter('bitmap_free_cas_retries', { unit: 'events', title: 'free retry', since: 5, worse: 'up', per: perFree, prom: 'temporal_slab_class_bitmap_free_cas_retries_total', help: 'Compare-and-swap retries while giving a slot back' }),
  counter('current_partial_cas_failures', { unit: 'events', title: 'swap fails', since: 5, per: 'current_partial_cas_attempts', prom: 'temporal_slab_class_current_partial_cas_failures_total', help: 'Failed swaps of the current slab' }),
  counter('bitmap_alloc_attempts', { unit: 'objects', title: 'allocs', since: 5, by: ['allocs'], prom: 'temporal_slab_class_bitmap_alloc_attempts_total', help: 'Objects allocated' }),
  counter('bitmap_free_attempts', { unit: 'objects', title: 'frees', since: 5, by: ['frees'], prom: 'temporal_slab_class_bitmap_free_attempts_total', help: 'Objects freed' }),
  counter('current_partial_cas_attempts', { unit: 'events', title: 'swaps', since: 5, prom: 'temporal_slab_class_current_partial_cas_attempts_total', help: 'Attempted swaps of the current slab' }),
  counter('lock_fast_acquire', { unit: 'events', title: 'lock fast', since: 5, prom: 'temporal_slab_class_lock_fast_acquire_total', help: 'Locks taken without waiting' }),
  counter('lock_contended', { unit: 'events', title: 'lock waits', since: 5, worse: 'up', per: perAlloc, by: ['contended'], prom: 'temporal_slab_class_lock_contended_total', help: 'Locks that had to be waited for' }),
  derived('avg_alloc_cas_retries_per_attempt', { unit: 'ratio', title: 'retry/alloc', since: 5, worse: 'up', prom: recompute, ratio: { of: ['bitmap_alloc_cas_retries'], over: ['bitmap_alloc_attempts'] }, help: 'Compare-and-swap retries per object allocated' }),
  derived('avg_free_cas_retries_per_attempt', { unit: 'ratio', title: 'retry/free', since: 5, worse: 'up', prom: recompute, ratio: { of: ['bitmap_free_cas_retries'], over: ['bitmap_free_attempts'] }, help: 'Compare-and-swap retries per object freed' }),
  derived('current_partial_cas_failure_rate', { unit: 'ratio', title: 'swap fail %', since: 5, prom: recompute, ratio: { of: ['current_partial_cas_failures'], over: ['current_partial_cas_attempts'] }, help: 'Share of current-slab swaps that failed' }),
  derived('lock_contention_rate', { unit: 'ratio', title: 'lock wait %', since: 5, worse: 'up', prom: recompute, ratio: { of: ['lock_contended'], over: ['lock_fast_acquire', 'lock_contended'] }, help: 'Share of lock acquisitions that had to wait' }),
  gauge('cache_size', { unit: 'slabs', title: 'cached', since: 1, prom: 'temporal_slab_class_cache_slabs', help: 'Empty slabs in the cache' }),
  meta('cache_capacity', { unit: 'slabs', title: 'cache cap.', since: 1, prom: 'temporal_slab_class_cache_capacity_slabs', help: 'Empty slabs the cache can hold' }),
  gauge('cache_overflow_len', { unit: 'slabs', title: 'overflow', since: 1, worse: 'up', prom: 'temporal_slab_class_cache_overflow_slabs', help: 'Empty slabs beside the full cache' }),
  gauge('total_partial_slabs', { unit: 'slabs', title: 'partial', since: 1, prom: 'temporal_slab_class_partial_slabs', by: ['partial'], help: 'Slabs with at least one free slot' }),
  gauge('total_full_slabs', { unit: 'slabs', title: 'full', since: 1, prom: 'temporal_slab_class_full_slabs', by: ['full'], help: 'Slabs without a free slot' }),
  gauge('total_reclaimable_slabs', { unit: 'slabs', title: 'reclaimable', since: 7, prom: 'temporal_slab_class_reclaimable_slabs', by: ['reclaimable'], help: 'Partial or full slabs that are empty and not yet given back' }),
  derived('recycle_rate_pct', { unit: 'percent', title: 'recycle %', since: 1, worse: 'down', prom: recompute, ratio: { of: ['empty_slab_recycled'], over: ['empty_slab_recycled', 'empty_slab_overflowed'], times: 100 }, help: 'Share of empty slabs that the cache could take' }),
  gauge('slabs_mapped', { unit: 'slabs', title: 'mapped', since: 7, prom: 'temporal_slab_class_mapped_slabs', help: 'Slabs held: partial, full, cached and overflow' }),
  gauge('net_slabs', { unit: 'slabs', title: 'net slabs', since: 1, worse: 'up', prom: 'temporal_slab_class_net_slabs', help: 'Slabs in use now' }),
  gauge('estimated_rss_bytes', { unit: 'bytes', title: 'RSS', since: 1, worse: 'up', by: ['rss_bytes', 'rss'], prom: 'temporal_slab_class_rss_bytes', help: 'Resident bytes of the slabs, estimated' }),
  gauge('live_objects', { unit: 'objects', title: 'live', since: 7, prom: 'temporal_slab_class_live_objects', by: ['live'], help: 'Objects allocated and not yet freed' }),
  gauge('live_bytes', { unit: 'bytes', title: 'live bytes', since: 7, prom: 'temporal_slab_class_live_bytes', help: 'Bytes of live objects' }),
  gauge('committed_bytes', { unit: 'bytes', title: 'committed', since: 7, worse: 'up', prom: 'temporal_slab_class_committed_bytes', help: 'Bytes of the slabs held' }),
  gauge('pinned_waste_bytes', { unit: 'bytes', title: 'pinned', since: 7, worse: 'up', by: ['pinned', 'waste'], prom: 'temporal_slab_class_pinned_waste_bytes', help: 'Free slots in slabs that at least one live object holds' }),
  counter('invalid_frees', { unit: 'events', title: 'bad frees', since: 7, worse: 'up', prom: 'temporal_slab_class_invalid_frees_total', help: 'Stale or double frees, refused' }),
  counter('alloc_failures', { unit: 'events', title: 'no memory', since: 7, worse: 'up', prom: 'temporal_slab_class_alloc_failures_total', help: 'Allocations that returned NULL for want of memory' }),
  counter('remote_frees', { unit: 'objects', title: 'remote', since: 7, per: perFree, prom: 'temporal_slab_class_remote_frees_total', help: "Frees of another thread's slab" }),
] as const;
