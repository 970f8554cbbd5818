import { family, perProcess, rate, ratio } from '../promql.ts';
import { THRESHOLDS as T } from '../thresholds.ts';
import { type Dashboard, L, P, PROCESS, W } from './panel.ts';

/** The exporters: what tslab says of itself is of no process. */
const OWN = 'job=~"$job",instance=~"$instance"';
const RSS = perProcess(`${family('temporal_slab_rss_bytes')}{${P}}`);
const sum = (name: string) => `sum(${family(name)}{${P}})`;

export const OVERVIEW: Dashboard = {
  uid: 'temporal-slab-overview',
  title: 'temporal-slab: overview',
  description: 'Is all well, and if not, which process and whose memory',
  panels: [
    {
      title: 'Processes',
      description: 'Whose counters arrive; one with several allocators counts once.',
      kind: 'number',
      unit: 'none',
      queries: [{ expr: `count(${RSS})`, legend: 'processes' }],
      runbook: 'no-data',
    },
    {
      title: 'RSS',
      description: 'Resident memory of the processes, all of it, not only slabs.',
      kind: 'number',
      unit: 'bytes',
      queries: [{ expr: `sum(${RSS})`, legend: 'RSS' }],
      runbook: 'rss-growth',
    },
    {
      title: 'Live',
      description: 'Bytes of objects allocated and not yet freed.',
      kind: 'number',
      unit: 'bytes',
      queries: [{ expr: sum('temporal_slab_class_live_bytes'), legend: 'live' }],
    },
    {
      title: 'Pinned',
      description: 'Free slots in slabs that something still holds: memory that nobody uses and nobody can give back.',
      kind: 'number',
      unit: 'bytes',
      queries: [{ expr: sum('temporal_slab_class_pinned_waste_bytes'), legend: 'pinned' }],
      runbook: 'pinned-memory',
    },
    {
      title: 'Allocations',
      description: 'Objects allocated per second.',
      kind: 'number',
      unit: 'ops',
      queries: [
        { expr: `sum(${rate('temporal_slab_bitmap_alloc_attempts_total', W, `{${P}}`)})`, legend: 'allocations' },
      ],
    },
    {
      title: 'Slow paths',
      description: 'Share of the allocations that left the fast path, over all selected processes.',
      kind: 'number',
      unit: 'percentunit',
      queries: [
        {
          expr: ratio(
            `sum(${rate('temporal_slab_slow_path_hits_total', W, `{${P}}`)})`,
            `sum(${rate('temporal_slab_bitmap_alloc_attempts_total', W, `{${P}}`)})`,
          ),
          legend: 'slow paths',
        },
      ],
      yellow: T.slowPathRatio / 2,
      red: T.slowPathRatio,
      runbook: 'slow-path-rate',
    },
    {
      title: 'Oldest epoch in use',
      // No colours: a program that never advances has one old epoch and no fault.
      description:
        'Age of the oldest epoch that holds objects or that a domain is in. Old alone is no fault; alerts say where it is one.',
      kind: 'number',
      unit: 's',
      queries: [
        {
          expr:
            `max(${family('temporal_slab_epoch_age_seconds')}{${P}}\n` +
            `  and (${family('temporal_slab_epoch_live_objects')}{${P}} > 0 or ${family('temporal_slab_epoch_refcount')}{${P}} > 0))`,
          legend: 'oldest',
        },
      ],
      runbook: 'epoch-active-old',
    },
    {
      title: 'Refused by the kernel',
      description: 'madvise calls that failed within the last hour.',
      kind: 'number',
      unit: 'none',
      queries: [
        { expr: `sum(increase(${family('temporal_slab_madvise_failures_total')}{${P}}[1h]))`, legend: 'failures' },
      ],
      red: 1,
      runbook: 'madvise-failures',
    },
    {
      title: 'RSS by process',
      description: 'The whole process. If it grows and the slabs do not, the growth is not the allocator’s.',
      kind: 'lines',
      unit: 'bytes',
      queries: [
        { expr: RSS, legend: `RSS ${PROCESS}` },
        {
          expr: perProcess(`${family('temporal_slab_estimated_slab_rss_bytes')}{${P}}`, 'sum'),
          legend: `slabs ${PROCESS}`,
        },
      ],
      runbook: 'rss-growth',
    },
    {
      title: 'Who holds memory',
      description: 'Resident slabs by the label of their epochs.',
      kind: 'lines',
      unit: 'bytes',
      stacked: true,
      queries: [{ expr: `sum by (label) (${family('temporal_slab_epoch_rss_bytes')}{${L}})`, legend: '{{label}}' }],
      runbook: 'epoch-memory-leak',
    },
    {
      title: 'Allocations and frees',
      description: 'Objects per second. Allocations that stay above frees are growth.',
      kind: 'lines',
      unit: 'ops',
      queries: [
        {
          expr: `sum by (command, pid) (${rate('temporal_slab_bitmap_alloc_attempts_total', W, `{${P}}`)})`,
          legend: `allocated ${PROCESS}`,
        },
        {
          expr: `sum by (command, pid) (${rate('temporal_slab_bitmap_free_attempts_total', W, `{${P}}`)})`,
          legend: `freed ${PROCESS}`,
        },
      ],
    },
    {
      title: 'Age of the counters',
      description:
        'Seconds since the snapshot was taken that is shown here. More than a few scrape intervals: the source is gone.',
      kind: 'lines',
      unit: 's',
      queries: [{ expr: `time() - ${family('temporal_slab_snapshot_timestamp_seconds')}{${P}}`, legend: PROCESS }],
      yellow: T.staleSeconds / 2,
      red: T.staleSeconds,
      runbook: 'source-stale',
    },
    {
      title: 'Readings that failed',
      description: 'Per second. While a reading fails, no process is shown at all.',
      kind: 'lines',
      unit: 'ops',
      queries: [{ expr: rate('tslab_read_failures_total', W, `{${OWN}}`), legend: '{{instance}}' }],
      red: 0.001,
      runbook: 'reads-fail',
    },
    {
      title: 'Processes left out',
      description: 'Beyond --max-processes, or with a counter file that cannot be used.',
      kind: 'lines',
      unit: 'none',
      queries: [
        { expr: `${family('tslab_processes_omitted')}{${OWN}}`, legend: 'too many {{instance}}' },
        { expr: `${family('tslab_unusable_files')}{${OWN}}`, legend: 'unusable {{instance}}' },
      ],
      yellow: 1,
      runbook: 'processes-unseen',
    },
  ],
};
