import { rowsOf } from './row.ts';

const { counter } = rowsOf('label');

/** `classes[].contention_by_label`: each counter split by label id. Only in builds with ENABLE_LABEL_CONTENTION. */
export const LABEL = [
  counter('lock_fast_acquire', {
    unit: 'events',
    title: 'lock fast',
    since: 6,
    prom: 'temporal_slab_class_lock_fast_acquire_by_label_total',
    help: 'Locks taken without waiting, by label',
  }),
  counter('lock_contended', {
    unit: 'events',
    title: 'lock waits',
    since: 6,
    worse: 'up',
    by: ['contended'],
    prom: 'temporal_slab_class_lock_contended_by_label_total',
    help: 'Locks that had to be waited for, by label',
  }),
  counter('bitmap_alloc_cas_retries', {
    unit: 'events',
    title: 'alloc retry',
    since: 6,
    worse: 'up',
    prom: 'temporal_slab_class_bitmap_alloc_cas_retries_by_label_total',
    help: 'Compare-and-swap retries while taking a slot, by label',
  }),
  counter('bitmap_free_cas_retries', {
    unit: 'events',
    title: 'free retry',
    since: 6,
    worse: 'up',
    prom: 'temporal_slab_class_bitmap_free_cas_retries_by_label_total',
    help: 'Compare-and-swap retries while giving a slot back, by label',
  }),
] as const;
