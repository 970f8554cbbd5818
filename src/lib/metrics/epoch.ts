import { rowsOf } from './row.ts';

const { gauge, meta } = rowsOf('epoch');

/** `epochs[]`: one entry per slot of the ring. */
export const EPOCH = [
  meta('epoch_id', { unit: 'id', title: 'epoch', since: 3, by: ['epoch'], prom: { none: 'a label of every epoch family' }, help: 'Slot of the ring' }),
  meta('epoch_era', { unit: 'id', title: 'era', since: 4, by: ['era'], prom: 'temporal_slab_epoch_era', help: 'Incarnation of the slot; (id, era) names an epoch for good' }),
  gauge('age_sec', { unit: 'seconds', title: 'age', since: 6, noisy: true, by: ['age'], prom: 'temporal_slab_epoch_age_seconds', help: 'Time since the epoch opened' }),
  gauge('refcount', { unit: 'events', title: 'domains', since: 6, by: ['domains'], prom: 'temporal_slab_epoch_refcount', help: 'Domains inside the epoch' }),
  gauge('total_partial_slabs', { unit: 'slabs', title: 'partial', since: 3, by: ['partial'], prom: 'temporal_slab_epoch_partial_slabs', help: 'Slabs with at least one free slot' }),
  gauge('total_full_slabs', { unit: 'slabs', title: 'full', since: 3, by: ['full'], prom: 'temporal_slab_epoch_full_slabs', help: 'Slabs without a free slot' }),
  gauge('total_reclaimable_slabs', { unit: 'slabs', title: 'reclaimable', since: 3, by: ['reclaimable', 'reclaimable_slabs'], prom: 'temporal_slab_epoch_reclaimable_slabs', help: 'Partial or full slabs that are empty and not yet given back' }),
  gauge('estimated_rss_bytes', { unit: 'bytes', title: 'RSS', since: 3, worse: 'up', by: ['rss_bytes', 'rss'], prom: 'temporal_slab_epoch_rss_bytes', help: 'Resident bytes of the slabs, estimated' }),
  gauge('live_objects', { unit: 'objects', title: 'live', since: 7, by: ['live'], prom: 'temporal_slab_epoch_live_objects', help: 'Objects allocated and not yet freed' }),
  gauge('live_bytes', { unit: 'bytes', title: 'live bytes', since: 7, prom: 'temporal_slab_epoch_live_bytes', help: 'Bytes of live objects' }),
  gauge('pinned_waste_bytes', { unit: 'bytes', title: 'pinned', since: 7, worse: 'up', by: ['pinned', 'waste'], prom: 'temporal_slab_epoch_pinned_waste_bytes', help: 'Free slots in slabs that at least one live object holds' }),
  meta('open_since_ns', { unit: 'timestamp', title: 'opened', since: 7, noisy: true, prom: { none: 'the age says the same without a clock' }, help: 'Wall clock time at which the epoch opened; 0 for a slot never opened' }),
  gauge('rss_before_close', { unit: 'bytes', title: 'RSS before', since: 7, noisy: true, prom: 'temporal_slab_epoch_rss_before_close', help: 'Process RSS just before the epoch was closed; 0 if never closed' }),
  gauge('rss_after_close', { unit: 'bytes', title: 'RSS after', since: 7, noisy: true, prom: 'temporal_slab_epoch_rss_after_close', help: 'Process RSS just after the epoch was closed; 0 if never closed' }),
  gauge('madvise_bytes', { unit: 'bytes', title: 'given back', since: 7, prom: 'temporal_slab_epoch_madvise_bytes', help: 'Bytes of this incarnation offered back to the kernel' }),
  gauge('close_calls', { unit: 'calls', title: 'closes', since: 7, prom: 'temporal_slab_epoch_close_calls', help: 'Calls of epoch_close on this incarnation' }),
] as const;
