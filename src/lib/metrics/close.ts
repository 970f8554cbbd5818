import { rowsOf } from './row.ts';

const { gauge, meta } = rowsOf('close');

/** `last_epoch_close`: what the latest epoch_close saw. */
export const CLOSE = [
  meta('timestamp_ns', {
    unit: 'timestamp',
    title: 'closed at',
    since: 7,
    noisy: true,
    prom: 'temporal_slab_last_epoch_close_timestamp_seconds',
    help: 'Wall clock time of the latest epoch_close',
  }),
  meta('epoch_id', {
    unit: 'id',
    title: 'epoch',
    since: 7,
    prom: { none: 'an identity, not a measure' },
    help: 'Slot that was closed',
  }),
  meta('epoch_era', {
    unit: 'id',
    title: 'era',
    since: 7,
    prom: { none: 'an identity, not a measure' },
    help: 'Incarnation that was closed',
  }),
  gauge('duration_ns', {
    unit: 'nanoseconds',
    title: 'took',
    since: 7,
    worse: 'up',
    noisy: true,
    prom: 'temporal_slab_last_epoch_close_seconds',
    help: 'Time that passed in the latest epoch_close',
  }),
  gauge('scanned_slabs', {
    unit: 'slabs',
    title: 'scanned',
    since: 7,
    prom: 'temporal_slab_last_epoch_close_scanned_slabs',
    help: 'Slabs the latest epoch_close looked at',
  }),
  gauge('rss_before', {
    unit: 'bytes',
    title: 'RSS before',
    since: 7,
    noisy: true,
    prom: 'temporal_slab_last_epoch_close_rss_before_bytes',
    help: 'Process RSS just before the latest epoch_close',
  }),
  gauge('rss_after', {
    unit: 'bytes',
    title: 'RSS after',
    since: 7,
    noisy: true,
    prom: 'temporal_slab_last_epoch_close_rss_after_bytes',
    help: 'Process RSS just after the latest epoch_close',
  }),
  gauge('madvise_bytes', {
    unit: 'bytes',
    title: 'given back',
    since: 7,
    prom: 'temporal_slab_last_epoch_close_madvise_bytes',
    help: 'Bytes the latest epoch_close offered back to the kernel',
  }),
] as const;
