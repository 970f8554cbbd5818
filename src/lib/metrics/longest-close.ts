import { rowsOf } from './row.ts';

const { gauge, meta } = rowsOf('longest');

/** `longest_epoch_close`: what the longest epoch_close of late saw; it gives way to one as long, and to any that comes more than a minute later. */
export const LONGEST = [
  meta('timestamp_ns', {
    unit: 'timestamp',
    title: 'closed at',
    since: 7,
    noisy: true,
    prom: 'temporal_slab_longest_epoch_close_timestamp_seconds',
    help: 'Wall clock time of the longest epoch_close of late',
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
    prom: 'temporal_slab_longest_epoch_close_seconds',
    help: 'Time that passed in the longest epoch_close of late; one is on record until another is as long, or comes a minute later',
  }),
  gauge('scanned_slabs', {
    unit: 'slabs',
    title: 'scanned',
    since: 7,
    noisy: true,
    prom: 'temporal_slab_longest_epoch_close_scanned_slabs',
    help: 'Slabs the longest epoch_close of late looked at',
  }),
  gauge('rss_before', {
    unit: 'bytes',
    title: 'RSS before',
    since: 7,
    noisy: true,
    prom: { none: 'the last close says what the kernel took back' },
    help: 'Process RSS just before it',
  }),
  gauge('rss_after', {
    unit: 'bytes',
    title: 'RSS after',
    since: 7,
    noisy: true,
    prom: { none: 'the last close says what the kernel took back' },
    help: 'Process RSS just after it',
  }),
  gauge('madvise_bytes', {
    unit: 'bytes',
    title: 'given back',
    since: 7,
    noisy: true,
    prom: 'temporal_slab_longest_epoch_close_madvise_bytes',
    help: 'Bytes the longest epoch_close of late offered back to the kernel',
  }),
] as const;
