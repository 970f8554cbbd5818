import { family, perProcess, rate } from '../promql.ts';
import type { Recording } from './rule.ts';

const W = '5m';

/** What a fleet is looked at by. None of it grows with the number of processes, hosts, epochs or object sizes. */
const FLEET = 'cluster, namespace, job, command';

const over = (aggregate: string, expression: string, by = FLEET) => `${aggregate} by (${by}) (${expression})`;
const sumRate = (name: string, by = FLEET) => over('sum', rate(name, W), by);

function gauge(what: string, name: string): Recording {
  return { record: `job:temporal_slab_${what}:sum`, expr: over('sum', family(name)) };
}

function flow(what: string, name: string): Recording {
  return { record: `job:temporal_slab_${what}:rate${W}`, expr: sumRate(name) };
}

/** A ratio of sums: an idle process weighs nothing, a busy one what it does. */
function share(what: string, of: string, over: string, by = FLEET, level = 'job'): Recording {
  return {
    record: `${level}:temporal_slab_${what}:ratio_rate${W}`,
    expr: `${sumRate(of, by)}\n  / (${sumRate(over, by)} > 0)`,
  };
}

/** The whole fleet in a few dozen series per program, whatever its size: what to keep for years, to federate or to write remotely. */
export const RECORDINGS: readonly Recording[] = [
  {
    record: 'job:temporal_slab_processes:count',
    expr: over('count', perProcess(family('temporal_slab_rss_bytes'))),
  },
  { record: 'job:temporal_slab_rss_bytes:sum', expr: over('sum', perProcess(family('temporal_slab_rss_bytes'))) },
  { record: 'job:temporal_slab_rss_bytes:max', expr: over('max', family('temporal_slab_rss_bytes')) },
  gauge('estimated_slab_rss_bytes', 'temporal_slab_estimated_slab_rss_bytes'),
  gauge('live_bytes', 'temporal_slab_class_live_bytes'),
  gauge('committed_bytes', 'temporal_slab_class_committed_bytes'),
  gauge('pinned_waste_bytes', 'temporal_slab_class_pinned_waste_bytes'),
  gauge('closing_epochs', 'temporal_slab_closing_epochs'),
  flow('allocations', 'temporal_slab_bitmap_alloc_attempts_total'),
  flow('slow_path_hits', 'temporal_slab_slow_path_hits_total'),
  flow('madvise_bytes', 'temporal_slab_madvise_bytes_total'),
  flow('madvise_failures', 'temporal_slab_madvise_failures_total'),
  flow('mmap_calls', 'temporal_slab_mmap_calls_total'),
  flow('alloc_failures', 'temporal_slab_alloc_failures_total'),
  share('slow_path', 'temporal_slab_slow_path_hits_total', 'temporal_slab_bitmap_alloc_attempts_total'),
  share('lock_contention', 'temporal_slab_class_lock_contended_total', 'temporal_slab_class_lock_acquisitions_total'),
  share(
    'alloc_cas_retries',
    'temporal_slab_bitmap_alloc_cas_retries_total',
    'temporal_slab_bitmap_alloc_attempts_total',
  ),
  share('free_cas_retries', 'temporal_slab_bitmap_free_cas_retries_total', 'temporal_slab_bitmap_free_attempts_total'),
  share(
    'epoch_close_yield',
    'temporal_slab_class_epoch_close_recycled_slabs_total',
    'temporal_slab_class_epoch_close_scanned_slabs_total',
  ),
  share(
    'slow_path',
    'temporal_slab_class_slow_path_hits_total',
    'temporal_slab_class_bitmap_alloc_attempts_total',
    `${FLEET}, object_size`,
    'job_object_size',
  ),
  {
    record: 'job_label:temporal_slab_epoch_rss_bytes:sum',
    expr: over('sum', family('temporal_slab_epoch_rss_bytes'), `${FLEET}, label`),
  },
  {
    record: 'job_label:temporal_slab_epoch_pinned_waste_bytes:sum',
    expr: over('sum', family('temporal_slab_epoch_pinned_waste_bytes'), `${FLEET}, label`),
  },
  {
    record: 'job_label:temporal_slab_epoch_refcount:sum',
    expr: over('sum', family('temporal_slab_epoch_refcount'), `${FLEET}, label`),
  },
  {
    // The oldest epoch that still holds something: slots that are only reserved age, too.
    record: 'job_label:temporal_slab_epoch_age_seconds:max',
    expr: over(
      'max',
      `${family('temporal_slab_epoch_age_seconds')} and ${family('temporal_slab_epoch_live_objects')} > 0`,
      `${FLEET}, label`,
    ),
  },
];
