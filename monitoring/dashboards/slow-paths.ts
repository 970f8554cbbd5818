import { rate, ratio } from '../promql.ts';
import { THRESHOLDS as T } from '../thresholds.ts';
import { C, type Dashboard, P, PROCESS, SIZE, W } from './panel.ts';

const bySize = (name: string) => `sum by (object_size) (${rate(name, W, `{${C}}`)})`;
const whole = (name: string) => `sum(${rate(name, W, `{${P}}`)})`;
const byProcess = (name: string) => `sum by (command, pid) (${rate(name, W, `{${P}}`)})`;

export const SLOW_PATHS: Dashboard = {
  uid: 'temporal-slab-slow-paths',
  title: 'temporal-slab: latency and slow paths',
  description: 'Why was an allocation slow',
  panels: [
    {
      title: 'Slow paths per allocation',
      description: 'By process. Short epochs have more of them: each needs its first slabs.',
      kind: 'lines',
      unit: 'percentunit',
      queries: [
        {
          expr: ratio(
            byProcess('temporal_slab_slow_path_hits_total'),
            byProcess('temporal_slab_bitmap_alloc_attempts_total'),
          ),
          legend: PROCESS,
        },
      ],
      yellow: T.slowPathRatio / 2,
      red: T.slowPathRatio,
      runbook: 'slow-path-rate',
    },
    {
      title: 'Causes',
      description:
        'Slow paths per second: had to map memory, found its epoch closing, or took the next slab that was there (the cheap one).',
      kind: 'lines',
      unit: 'ops',
      stacked: true,
      queries: [
        { expr: whole('temporal_slab_slow_path_cache_miss_total'), legend: 'mapped memory' },
        { expr: whole('temporal_slab_slow_path_epoch_closed_total'), legend: 'epoch closing' },
        {
          expr: `${whole('temporal_slab_slow_path_hits_total')}\n  - ${whole('temporal_slab_slow_path_cache_miss_total')}\n  - ${whole('temporal_slab_slow_path_epoch_closed_total')}`,
          legend: 'next slab',
        },
      ],
      runbook: 'slow-path-rate',
    },
    {
      title: 'Slow paths by object size',
      description: 'Per second: which size is hot.',
      kind: 'lines',
      unit: 'ops',
      queries: [{ expr: bySize('temporal_slab_class_slow_path_hits_total'), legend: SIZE }],
      runbook: 'slow-path-rate',
    },
    {
      title: 'Slow paths per allocation, by object size',
      description: 'A ratio of sums: idle processes do not count.',
      kind: 'bars',
      unit: 'percentunit',
      queries: [
        {
          expr: ratio(
            bySize('temporal_slab_class_slow_path_hits_total'),
            bySize('temporal_slab_class_bitmap_alloc_attempts_total'),
          ),
          legend: SIZE,
        },
      ],
      yellow: T.slowPathRatio / 2,
      red: T.slowPathRatio,
      runbook: 'slow-path-rate',
    },
    {
      title: 'Mapped memory, by object size',
      description: 'Allocations per second that found no slab anywhere and had to ask the kernel.',
      kind: 'lines',
      unit: 'ops',
      queries: [{ expr: bySize('temporal_slab_class_slow_path_cache_miss_total'), legend: SIZE }],
      runbook: 'mapping-churn',
    },
    {
      title: 'Into a closing epoch',
      description: 'Share of the allocations that were refused because their epoch was CLOSING.',
      kind: 'lines',
      unit: 'percentunit',
      queries: [
        {
          expr: ratio(
            byProcess('temporal_slab_slow_path_epoch_closed_total'),
            byProcess('temporal_slab_bitmap_alloc_attempts_total'),
          ),
          legend: PROCESS,
        },
      ],
      red: T.intoClosingRatio,
      runbook: 'alloc-into-closing',
    },
    {
      title: 'No current slab, or a full one',
      description: 'What the allocation found, per second.',
      kind: 'lines',
      unit: 'ops',
      queries: [
        { expr: `sum(${rate('temporal_slab_class_current_partial_null_total', W, `{${C}}`)})`, legend: 'none' },
        { expr: `sum(${rate('temporal_slab_class_current_partial_full_total', W, `{${C}}`)})`, legend: 'full' },
      ],
    },
    {
      title: 'New slabs',
      description: 'Slabs taken from the operating system, per second and object size.',
      kind: 'lines',
      unit: 'ops',
      queries: [{ expr: bySize('temporal_slab_class_new_slabs_total'), legend: SIZE }],
    },
    {
      title: 'Slabs that fill and get room again',
      description: 'Moves between the lists, per second.',
      kind: 'lines',
      unit: 'ops',
      queries: [
        {
          expr: `sum(${rate('temporal_slab_class_list_move_partial_to_full_total', W, `{${C}}`)})`,
          legend: 'became full',
        },
        {
          expr: `sum(${rate('temporal_slab_class_list_move_full_to_partial_total', W, `{${C}}`)})`,
          legend: 'got room',
        },
      ],
    },
    {
      title: 'mmap calls',
      description: 'Each maps a whole chunk; a steady rate is churn.',
      kind: 'lines',
      unit: 'ops',
      queries: [
        { expr: byProcess('temporal_slab_mmap_calls_total'), legend: PROCESS },
        { expr: byProcess('temporal_slab_mmap_failures_total'), legend: `failed ${PROCESS}` },
      ],
      runbook: 'mapping-churn',
    },
    {
      title: 'Refused requests',
      description: 'Per second: no memory, a size or epoch that does not exist, a free of what is not allocated.',
      kind: 'lines',
      unit: 'ops',
      queries: [
        { expr: whole('temporal_slab_alloc_failures_total'), legend: 'no memory' },
        { expr: whole('temporal_slab_refused_sizes_total'), legend: 'size or epoch' },
        { expr: whole('temporal_slab_invalid_frees_total'), legend: 'stale or double free' },
        { expr: whole('temporal_slab_unattributed_invalid_frees_total'), legend: 'foreign free' },
      ],
      runbook: 'alloc-failures',
    },
    {
      title: 'Frees by other threads',
      description: 'Share of the frees: they are handed back to the thread that owns the slab.',
      kind: 'lines',
      unit: 'percentunit',
      queries: [
        {
          expr: ratio(
            bySize('temporal_slab_class_remote_frees_total'),
            bySize('temporal_slab_class_bitmap_free_attempts_total'),
          ),
          legend: SIZE,
        },
      ],
    },
  ],
};
