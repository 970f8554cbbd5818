import { family, rate, ratio } from '../promql.ts';
import { THRESHOLDS as T } from '../thresholds.ts';
import { C, type Dashboard, P, PROCESS, SIZE, W } from './panel.ts';

const bySize = (name: string) => `sum by (object_size) (${rate(name, W, `{${C}}`)})`;
const byLabel = (name: string) => `sum by (label) (${rate(name, W, `{${C},label=~"$label"}`)})`;
const perLabel = 'Only where the allocator was built with ENABLE_LABEL_CONTENTION. ';

export const CONTENTION: Dashboard = {
  uid: 'temporal-slab-contention',
  title: 'temporal-slab: contention',
  description: 'Where threads wait for each other, and for whom',
  panels: [
    {
      title: 'Lock contention',
      description:
        'Share of the lock acquisitions that had to wait. A ratio of sums, so that several processes do not add up to 200 %.',
      kind: 'lines',
      unit: 'percentunit',
      queries: [
        {
          expr: ratio(
            bySize('temporal_slab_class_lock_contended_total'),
            bySize('temporal_slab_class_lock_acquisitions_total'),
          ),
          legend: SIZE,
        },
      ],
      yellow: T.lockContentionLook,
      red: T.lockContentionRatio,
      runbook: 'lock-contention',
    },
    {
      title: 'Locks taken',
      description: 'Per second, with and without waiting. A high share of few locks is nothing.',
      kind: 'lines',
      unit: 'ops',
      queries: [
        { expr: `sum(${rate('temporal_slab_class_lock_fast_acquire_total', W, `{${C}}`)})`, legend: 'at once' },
        { expr: `sum(${rate('temporal_slab_class_lock_contended_total', W, `{${C}}`)})`, legend: 'waited' },
      ],
      runbook: 'lock-contention',
    },
    {
      title: 'Retries per allocation',
      description: 'Compare-and-swap retries while taking a slot.',
      kind: 'lines',
      unit: 'short',
      queries: [
        {
          expr: ratio(
            bySize('temporal_slab_class_bitmap_alloc_cas_retries_total'),
            bySize('temporal_slab_class_bitmap_alloc_attempts_total'),
          ),
          legend: SIZE,
        },
      ],
      yellow: T.casRetriesLook,
      red: T.casRetriesRatio,
      runbook: 'cas-contention',
    },
    {
      title: 'Retries per free',
      description: 'Compare-and-swap retries while giving a slot back; usually near zero.',
      kind: 'lines',
      unit: 'short',
      queries: [
        {
          expr: ratio(
            bySize('temporal_slab_class_bitmap_free_cas_retries_total'),
            bySize('temporal_slab_class_bitmap_free_attempts_total'),
          ),
          legend: SIZE,
        },
      ],
      yellow: T.casRetriesLook,
      red: T.casRetriesRatio,
      runbook: 'cas-contention',
    },
    {
      title: 'Failed swaps of the current slab',
      description:
        'Of those attempted. High is normal: whoever loses finds a slab that another thread has just put there.',
      kind: 'lines',
      unit: 'percentunit',
      queries: [
        {
          expr: `${bySize('temporal_slab_class_current_partial_cas_failures_total')}\n  / (${bySize('temporal_slab_class_current_partial_cas_attempts_total')} > 0)`,
          legend: SIZE,
        },
      ],
    },
    {
      title: 'Attempted swaps of the current slab',
      description: 'Per second: the denominator of the share of failed ones.',
      kind: 'lines',
      unit: 'ops',
      queries: [{ expr: bySize('temporal_slab_class_current_partial_cas_attempts_total'), legend: SIZE }],
    },
    {
      title: 'Threads',
      description: 'With a heap of the allocator.',
      kind: 'lines',
      unit: 'none',
      queries: [
        { expr: `${family('temporal_slab_threads')}{${P}}`, legend: PROCESS },
        { expr: `${family('temporal_slab_unpublished_threads_total')}{${P}}`, legend: `not counted ${PROCESS}` },
      ],
    },
    {
      title: 'Lock waits by label',
      description: `${perLabel}Per second.`,
      kind: 'lines',
      unit: 'ops',
      queries: [{ expr: byLabel('temporal_slab_class_lock_contended_by_label_total'), legend: '{{label}}' }],
      runbook: 'label-contention',
    },
    {
      title: 'Lock contention by label',
      description: `${perLabel}Share of the label’s lock acquisitions that had to wait.`,
      kind: 'lines',
      unit: 'percentunit',
      queries: [
        {
          expr: ratio(
            byLabel('temporal_slab_class_lock_contended_by_label_total'),
            `${byLabel('temporal_slab_class_lock_fast_acquire_by_label_total')} + ${byLabel('temporal_slab_class_lock_contended_by_label_total')}`,
          ),
          legend: '{{label}}',
        },
      ],
      yellow: T.lockContentionLook,
      red: T.lockContentionRatio,
      runbook: 'label-contention',
    },
    {
      title: 'Retries by label',
      description: `${perLabel}Compare-and-swap retries per second.`,
      kind: 'lines',
      unit: 'ops',
      queries: [
        { expr: byLabel('temporal_slab_class_bitmap_alloc_cas_retries_by_label_total'), legend: 'alloc {{label}}' },
        { expr: byLabel('temporal_slab_class_bitmap_free_cas_retries_by_label_total'), legend: 'free {{label}}' },
      ],
      runbook: 'label-contention',
    },
  ],
};
