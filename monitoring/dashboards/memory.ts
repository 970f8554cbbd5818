import { family, perProcess, rate, ratio } from '../promql.ts';
import { THRESHOLDS as T } from '../thresholds.ts';
import { C, type Dashboard, P, PROCESS, SIZE, W } from './panel.ts';

const now = (name: string) => `sum by (object_size) (${family(name)}{${C}})`;
const all = (name: string) => `sum(${family(name)}{${C}})`;
const flow = (name: string) => `sum by (object_size) (${rate(name, W, `{${C}}`)})`;
const byProcess = (name: string) => `sum by (command, pid) (${rate(name, W, `{${P}}`)})`;

export const MEMORY: Dashboard = {
  uid: 'temporal-slab-memory',
  title: 'temporal-slab: memory and reclamation',
  description: 'Why does RSS not drop',
  panels: [
    {
      title: 'From RSS down to live bytes',
      description: 'RSS is the process, slabs what the allocator has resident, live what the program uses.',
      kind: 'lines',
      unit: 'bytes',
      queries: [
        { expr: `sum(${perProcess(`${family('temporal_slab_rss_bytes')}{${P}}`)})`, legend: 'RSS' },
        { expr: `sum(${family('temporal_slab_estimated_slab_rss_bytes')}{${P}})`, legend: 'slabs' },
        { expr: `sum(${family('temporal_slab_class_live_bytes')}{${P}})`, legend: 'live' },
        { expr: `sum(${family('temporal_slab_class_pinned_waste_bytes')}{${P}})`, legend: 'pinned' },
      ],
      runbook: 'rss-growth',
    },
    {
      title: 'Growth of RSS',
      description: 'Bytes per second, smoothed over a quarter of an hour. Above 0 for hours is a leak, of somebody.',
      kind: 'lines',
      unit: 'Bps',
      queries: [{ expr: perProcess(`deriv(${family('temporal_slab_rss_bytes')}{${P}}[15m])`), legend: PROCESS }],
      runbook: 'rss-growth',
    },
    {
      title: 'Committed, by object size',
      description: 'Bytes of the slabs held, full or not.',
      kind: 'lines',
      unit: 'bytes',
      stacked: true,
      queries: [{ expr: now('temporal_slab_class_committed_bytes'), legend: SIZE }],
    },
    {
      title: 'Resident, by object size',
      description: 'Bytes of the slabs that count into RSS, estimated.',
      kind: 'lines',
      unit: 'bytes',
      stacked: true,
      queries: [{ expr: now('temporal_slab_class_rss_bytes'), legend: SIZE }],
    },
    {
      title: 'Occupancy',
      description: 'Live bytes per byte of slab held.',
      kind: 'bars',
      unit: 'percentunit',
      queries: [
        {
          expr: ratio(now('temporal_slab_class_live_bytes'), now('temporal_slab_class_committed_bytes')),
          legend: SIZE,
        },
      ],
      runbook: 'pinned-memory',
    },
    {
      title: 'Pinned, by object size',
      description: 'Free slots in slabs that at least one live object holds.',
      kind: 'lines',
      unit: 'bytes',
      stacked: true,
      queries: [{ expr: now('temporal_slab_class_pinned_waste_bytes'), legend: SIZE }],
      runbook: 'pinned-memory',
    },
    {
      title: 'Live objects, by object size',
      description: 'Allocated and not yet freed.',
      kind: 'lines',
      unit: 'short',
      queries: [{ expr: now('temporal_slab_class_live_objects'), legend: SIZE }],
    },
    {
      title: 'Slabs by state',
      description:
        'Partial and full ones are in use, cached ones wait for the next epoch, reclaimable ones are empty and not given back.',
      kind: 'lines',
      unit: 'short',
      stacked: true,
      queries: [
        { expr: all('temporal_slab_class_partial_slabs'), legend: 'partial' },
        { expr: all('temporal_slab_class_full_slabs'), legend: 'full' },
        { expr: all('temporal_slab_class_cache_slabs'), legend: 'cached' },
        { expr: all('temporal_slab_class_cache_overflow_slabs'), legend: 'overflow' },
      ],
    },
    {
      title: 'Empty and not given back',
      description: 'Bytes of reclaimable slabs.',
      kind: 'lines',
      unit: 'bytes',
      queries: [
        {
          expr: `sum without (class, object_size) (${family('temporal_slab_class_reclaimable_slabs')}{${P}})\n  * ${family('temporal_slab_slab_size_bytes')}{${P}}`,
          legend: PROCESS,
        },
      ],
      yellow: T.reclaimableBytes / 2,
      red: T.reclaimableBytes,
      runbook: 'reclaimable-not-returned',
    },
    {
      title: 'Cache fill',
      description: 'Empty slabs kept for reuse, of those that fit. Always full and always empty are both worth a look.',
      kind: 'bars',
      unit: 'percentunit',
      queries: [
        {
          expr: ratio(now('temporal_slab_class_cache_slabs'), now('temporal_slab_class_cache_capacity_slabs')),
          legend: SIZE,
        },
      ],
      runbook: 'cache-undersized',
    },
    {
      title: 'Cache misses and overflows',
      description: 'Slabs per second. Both at once is churn: given back now, mapped again a moment later.',
      kind: 'lines',
      unit: 'ops',
      queries: [
        { expr: `sum(${rate('temporal_slab_slow_path_cache_miss_total', W, `{${P}}`)})`, legend: 'misses' },
        { expr: `sum(${rate('temporal_slab_cache_overflows_total', W, `{${P}}`)})`, legend: 'overflows' },
      ],
      runbook: 'mapping-churn',
    },
    {
      title: 'Slabs taken and recycled',
      description: 'Per second; what is taken and never recycled is growth.',
      kind: 'lines',
      unit: 'ops',
      queries: [
        { expr: `sum(${rate('temporal_slab_slabs_allocated_total', W, `{${P}}`)})`, legend: 'taken' },
        { expr: `sum(${rate('temporal_slab_slabs_recycled_total', W, `{${P}}`)})`, legend: 'recycled' },
      ],
    },
    {
      title: 'Slabs in use',
      description: 'By process.',
      kind: 'lines',
      unit: 'short',
      queries: [{ expr: `${family('temporal_slab_net_slabs')}{${P}}`, legend: PROCESS }],
    },
    {
      title: 'Given back to the kernel',
      description: 'Bytes per second offered by madvise.',
      kind: 'lines',
      unit: 'Bps',
      queries: [{ expr: byProcess('temporal_slab_madvise_bytes_total'), legend: PROCESS }],
      runbook: 'madvise-failures',
    },
    {
      title: 'Slabs examined and given back by epoch_close',
      description: 'Per second.',
      kind: 'lines',
      unit: 'ops',
      queries: [
        {
          expr: `sum(${rate('temporal_slab_class_epoch_close_scanned_slabs_total', W, `{${C}}`)})`,
          legend: 'examined',
        },
        {
          expr: `sum(${rate('temporal_slab_class_epoch_close_recycled_slabs_total', W, `{${C}}`)})`,
          legend: 'given back',
        },
      ],
      runbook: 'close-yield-low',
    },
    {
      title: 'Yield of epoch_close',
      description:
        'Slabs given back per slab examined. Low is fine where objects are freed later: slabs then go back as they drain.',
      kind: 'lines',
      unit: 'percentunit',
      queries: [
        {
          expr: ratio(
            flow('temporal_slab_class_epoch_close_recycled_slabs_total'),
            flow('temporal_slab_class_epoch_close_scanned_slabs_total'),
          ),
          legend: SIZE,
        },
      ],
      runbook: 'close-yield-low',
    },
    {
      title: 'Cost of one epoch_close',
      description: 'Mean time. Every class counts every call, so times add up over classes and calls do not.',
      kind: 'lines',
      unit: 's',
      queries: [
        {
          expr: ratio(
            `sum without (class, object_size) (${rate('temporal_slab_class_epoch_close_seconds_total', W, `{${P}}`)})`,
            `max without (class, object_size) (${rate('temporal_slab_class_epoch_close_calls_total', W, `{${P}}`)})`,
          ),
          legend: PROCESS,
        },
      ],
      yellow: T.closeSeconds / 2,
      red: T.closeSeconds,
      runbook: 'close-costly',
    },
    {
      title: 'Longest epoch_close, by label',
      description:
        'Of late: one is on record until another is as long, or comes a minute later. The mean does not show one long close among many short ones.',
      kind: 'lines',
      unit: 's',
      queries: [
        { expr: `${family('temporal_slab_longest_epoch_close_seconds')}{${P}}`, legend: `{{label}} ${PROCESS}` },
      ],
      yellow: T.longCloseSeconds / 2,
      red: T.longCloseSeconds,
      runbook: 'close-costly',
    },
    {
      title: 'Address space and metadata',
      description: 'Mapped is what is reserved, RSS what is resident of it; metadata never goes back.',
      kind: 'lines',
      unit: 'bytes',
      queries: [
        { expr: `${family('temporal_slab_mapped_bytes')}{${P}}`, legend: `mapped ${PROCESS}` },
        { expr: `${family('temporal_slab_metadata_bytes')}{${P}}`, legend: `metadata ${PROCESS}` },
      ],
    },
  ],
};
