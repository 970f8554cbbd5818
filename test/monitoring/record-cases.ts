import type { RecordCase, Series } from './promtool.ts';

/**
 * Per recording: two processes of one host and one of another make one value; a restart leaves rates as they are; where the
 * denominator is 0 there is no value.
 */
const PROGRAM = '{command="api",job="slab"}';
const processes = ['instance="h1:1",pid="1"', 'instance="h1:1",pid="2"', 'instance="h2:1",pid="1"'].map(
  (where) => `job="slab",command="api",${where}`,
);
const FACTORS = [1, 2, 4];
const LEVELS = {
  none: [''],
  // As /sd has them: every allocator is a target.
  allocator: [1, 2, 3].map((n) => `allocator_instance="${n}",name="a${n}",process="1-${n}"`),
  class: ['class="0",object_size="64"', 'class="2",object_size="128"'],
  epoch: ['epoch="1",state="ACTIVE",label="a"', 'epoch="2",state="CLOSING",label="a"'],
};
type Level = keyof typeof LEVELS;

/** The same values times 1, 2 and 4 in the three processes, on every class or epoch. */
function everywhere(name: string, level: Level, values: (factor: number) => string): Series {
  return Object.fromEntries(
    processes.flatMap((process, i) =>
      LEVELS[level].map((own) => [`${name}{${process}${own && `,${own}`}}`, values(FACTORS[i] ?? 0)]),
    ),
  );
}

const counting = (perSecond: number) => (factor: number) => `0+${perSecond * factor * 60}x30`;
/** One third of the way it starts again from 0. */
const restarting = (perSecond: number) => (factor: number) =>
  `0+${perSecond * factor * 60}x9 0+${perSecond * factor * 60}x20`;
const level = (value: number) => (factor: number) => `${value * factor}+0x30`;

const labels = (more: Record<string, string>) =>
  `{${Object.entries({ command: 'api', job: 'slab', ...more })
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}="${value}"`)
    .join(',')}}`;

function gauge(name: string, at: Level, value: number, of = PROGRAM): RecordCase[] {
  return [
    { series: everywhere(name, at, level(10)), at: 20, is: { [of]: value } },
    // Gone processes leave the sum.
    {
      series: everywhere(name, at, (factor) => (factor === 4 ? '1+0x3' : `${10 * factor}+0x30`)),
      at: 20,
      is: { [of]: (value / 7) * 3 },
    },
    { series: {}, at: 20, is: {} },
  ];
}

function flow(name: string): RecordCase[] {
  return [
    { series: everywhere(name, 'none', counting(10)), at: 20, is: { [PROGRAM]: 70 } },
    // Rates within one process: those five minutes with a reset lose the one step that nobody saw.
    { series: everywhere(name, 'none', restarting(10)), at: 24, is: { [PROGRAM]: 70 } },
    { series: everywhere(name, 'none', counting(0)), at: 20, is: { [PROGRAM]: 0 } },
  ];
}

/** An idle process with a ratio of its own must not weigh as much as a busy one. */
function share(of: string, over: string, at: Level, keys = [PROGRAM]): RecordCase[] {
  const each = (value: number) => Object.fromEntries(keys.map((key) => [key, value]));
  const both = (a: (factor: number) => string, b: (factor: number) => string): Series => ({
    ...everywhere(of, at, a),
    ...everywhere(over, at, b),
  });
  return [
    { series: both(counting(1), counting(4)), at: 20, is: each(0.25) },
    { series: both((factor) => counting(factor === 1 ? 7 : 0)(factor), counting(2)), at: 20, is: each(0.5) },
    { series: both(restarting(1), restarting(4)), at: 24, is: each(0.25) },
    { series: both(counting(0), counting(0)), at: 20, is: {} },
    { series: both(counting(1), counting(0)), at: 20, is: {} },
  ];
}

const byLabel = labels({ label: 'a' });
const bySize = LEVELS.class.map((own) => labels({ object_size: /object_size="(\d+)"/.exec(own)?.[1] ?? '' }));

export const RECORD_CASES: Readonly<Record<string, readonly RecordCase[]>> = {
  'job:temporal_slab_processes:count': [
    { series: everywhere('temporal_slab_rss_bytes', 'none', level(10)), at: 20, is: { [PROGRAM]: 3 } },
    { series: everywhere('temporal_slab_rss_bytes', 'none', () => '1+0x3'), at: 20, is: {} },
    { series: everywhere('temporal_slab_rss_bytes', 'allocator', level(10)), at: 20, is: { [PROGRAM]: 3 } },
  ],
  'job:temporal_slab_rss_bytes:sum': [
    ...gauge('temporal_slab_rss_bytes', 'none', 70),
    // It is the process's, whichever allocator says it.
    { series: everywhere('temporal_slab_rss_bytes', 'allocator', level(10)), at: 20, is: { [PROGRAM]: 70 } },
    {
      series: {
        [`temporal_slab_rss_bytes{${processes[0]},allocator_instance="1"}`]: '10+0x30',
        [`temporal_slab_rss_bytes{${processes[0]},allocator_instance="2"}`]: '12+0x30',
      },
      at: 20,
      is: { [PROGRAM]: 12 },
    },
  ],
  'job:temporal_slab_rss_bytes:max': [
    { series: everywhere('temporal_slab_rss_bytes', 'none', level(10)), at: 20, is: { [PROGRAM]: 40 } },
  ],
  'job:temporal_slab_estimated_slab_rss_bytes:sum': gauge('temporal_slab_estimated_slab_rss_bytes', 'none', 70),
  'job:temporal_slab_live_bytes:sum': gauge('temporal_slab_class_live_bytes', 'class', 140),
  'job:temporal_slab_committed_bytes:sum': gauge('temporal_slab_class_committed_bytes', 'class', 140),
  'job:temporal_slab_pinned_waste_bytes:sum': gauge('temporal_slab_class_pinned_waste_bytes', 'class', 140),
  'job:temporal_slab_closing_epochs:sum': gauge('temporal_slab_closing_epochs', 'none', 70),
  'job:temporal_slab_allocations:rate5m': flow('temporal_slab_bitmap_alloc_attempts_total'),
  'job:temporal_slab_slow_path_hits:rate5m': flow('temporal_slab_slow_path_hits_total'),
  'job:temporal_slab_madvise_bytes:rate5m': flow('temporal_slab_madvise_bytes_total'),
  'job:temporal_slab_madvise_failures:rate5m': flow('temporal_slab_madvise_failures_total'),
  'job:temporal_slab_mmap_calls:rate5m': flow('temporal_slab_mmap_calls_total'),
  'job:temporal_slab_alloc_failures:rate5m': flow('temporal_slab_alloc_failures_total'),
  'job:temporal_slab_slow_path:ratio_rate5m': share(
    'temporal_slab_slow_path_hits_total',
    'temporal_slab_bitmap_alloc_attempts_total',
    'none',
  ),
  'job:temporal_slab_lock_contention:ratio_rate5m': share(
    'temporal_slab_class_lock_contended_total',
    'temporal_slab_class_lock_acquisitions_total',
    'class',
  ),
  'job:temporal_slab_alloc_cas_retries:ratio_rate5m': share(
    'temporal_slab_bitmap_alloc_cas_retries_total',
    'temporal_slab_bitmap_alloc_attempts_total',
    'none',
  ),
  'job:temporal_slab_free_cas_retries:ratio_rate5m': share(
    'temporal_slab_bitmap_free_cas_retries_total',
    'temporal_slab_bitmap_free_attempts_total',
    'none',
  ),
  'job:temporal_slab_epoch_close_yield:ratio_rate5m': share(
    'temporal_slab_class_epoch_close_recycled_slabs_total',
    'temporal_slab_class_epoch_close_scanned_slabs_total',
    'class',
  ),
  'job_object_size:temporal_slab_slow_path:ratio_rate5m': share(
    'temporal_slab_class_slow_path_hits_total',
    'temporal_slab_class_bitmap_alloc_attempts_total',
    'class',
    bySize,
  ),
  'job_label:temporal_slab_epoch_rss_bytes:sum': gauge('temporal_slab_epoch_rss_bytes', 'epoch', 140, byLabel),
  'job_label:temporal_slab_epoch_pinned_waste_bytes:sum': gauge(
    'temporal_slab_epoch_pinned_waste_bytes',
    'epoch',
    140,
    byLabel,
  ),
  'job_label:temporal_slab_epoch_refcount:sum': gauge('temporal_slab_epoch_refcount', 'epoch', 140, byLabel),
  'job_label:temporal_slab_epoch_age_seconds:max': [
    {
      series: {
        ...everywhere('temporal_slab_epoch_age_seconds', 'epoch', level(10)),
        ...everywhere('temporal_slab_epoch_live_objects', 'epoch', (factor) => (factor === 4 ? '0+0x30' : '5+0x30')),
      },
      at: 20,
      is: { [byLabel]: 20 },
    },
    { series: everywhere('temporal_slab_epoch_age_seconds', 'epoch', level(10)), at: 20, is: {} },
  ],
};
