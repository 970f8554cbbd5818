import { family, rate } from '../promql.ts';
import { THRESHOLDS as T } from '../thresholds.ts';
import { type Dashboard, EPOCH, L, P, PROCESS, W } from './panel.ts';

const byLabel = (name: string) => `sum by (label) (${family(name)}{${L}})`;

export const EPOCHS: Dashboard = {
  uid: 'temporal-slab-epochs',
  title: 'temporal-slab: epochs and labels',
  description: 'Who holds the memory, and who forgot to leave a domain',
  panels: [
    {
      title: 'Age of open epochs',
      description: 'One row per epoch that holds objects or has a domain inside, coloured by its age.',
      kind: 'grid',
      unit: 's',
      queries: [
        {
          expr:
            `${family('temporal_slab_epoch_age_seconds')}{${L},state="ACTIVE"}\n` +
            `  and (${family('temporal_slab_epoch_live_objects')}{${L}} > 0 or ${family('temporal_slab_epoch_refcount')}{${L}} > 0)`,
          legend: EPOCH,
        },
      ],
      yellow: T.memoryLeakAgeSeconds,
      red: T.epochAgeSeconds,
      runbook: 'epoch-active-old',
    },
    {
      title: 'Age of closed epochs that still hold objects',
      description: 'They should drain and disappear from here.',
      kind: 'grid',
      unit: 's',
      queries: [
        {
          expr: `${family('temporal_slab_epoch_age_seconds')}{${L},state="CLOSING"}\n  and ${family('temporal_slab_epoch_live_objects')}{${L}} > 0`,
          legend: EPOCH,
        },
      ],
      yellow: T.memoryLeakAgeSeconds,
      red: T.drainAgeSeconds,
      runbook: 'epoch-not-draining',
    },
    {
      title: 'Domains inside, by epoch',
      description: 'Entered and not left. Beside an old age: somebody forgot to leave.',
      kind: 'bars',
      unit: 'none',
      queries: [{ expr: `topk(10, ${family('temporal_slab_epoch_refcount')}{${L}} > 0)`, legend: EPOCH }],
      runbook: 'refcount-leak',
    },
    {
      title: 'Domains inside closed epochs',
      description: 'Such an epoch cannot drain before they leave.',
      kind: 'lines',
      unit: 'none',
      queries: [
        {
          expr: `sum by (label, command, pid) (${family('temporal_slab_epoch_refcount')}{${L},state="CLOSING"})`,
          legend: `{{label}} ${PROCESS}`,
        },
      ],
      yellow: 1,
      runbook: 'refcount-leak',
    },
    {
      title: 'Largest epochs',
      description: 'Resident slabs of the ten largest, with who opened them.',
      kind: 'bars',
      unit: 'bytes',
      queries: [{ expr: `topk(10, ${family('temporal_slab_epoch_rss_bytes')}{${L}})`, legend: EPOCH }],
      yellow: T.memoryLeakBytes / 2,
      red: T.memoryLeakBytes,
      runbook: 'epoch-memory-leak',
    },
    {
      title: 'Memory by label',
      description: 'Resident slabs.',
      kind: 'lines',
      unit: 'bytes',
      stacked: true,
      queries: [{ expr: byLabel('temporal_slab_epoch_rss_bytes'), legend: '{{label}}' }],
      runbook: 'epoch-memory-leak',
    },
    {
      title: 'Memory of closed epochs, by label',
      description: 'What should be gone.',
      kind: 'lines',
      unit: 'bytes',
      stacked: true,
      queries: [
        {
          expr: `sum by (label) (${family('temporal_slab_epoch_rss_bytes')}{${L},state="CLOSING"})`,
          legend: '{{label}}',
        },
      ],
      runbook: 'epoch-not-draining',
    },
    {
      title: 'Pinned, by label',
      description: 'Free slots in slabs that a live object of the label holds.',
      kind: 'lines',
      unit: 'bytes',
      stacked: true,
      queries: [{ expr: byLabel('temporal_slab_epoch_pinned_waste_bytes'), legend: '{{label}}' }],
      runbook: 'pinned-memory',
    },
    {
      title: 'Live objects, by label',
      description: 'A line that only goes up is a leak; its label says whose.',
      kind: 'lines',
      unit: 'short',
      queries: [{ expr: byLabel('temporal_slab_epoch_live_objects'), legend: '{{label}}' }],
      runbook: 'epoch-not-draining',
    },
    {
      title: 'Live bytes, by label',
      description: 'The same in bytes.',
      kind: 'lines',
      unit: 'bytes',
      queries: [{ expr: byLabel('temporal_slab_epoch_live_bytes'), legend: '{{label}}' }],
    },
    {
      title: 'Reclaimable slabs, by epoch',
      description: 'Empty, and not given back: what the next epoch_close will find.',
      kind: 'bars',
      unit: 'none',
      queries: [{ expr: `topk(10, ${family('temporal_slab_epoch_reclaimable_slabs')}{${L}})`, legend: EPOCH }],
      runbook: 'reclaimable-not-returned',
    },
    {
      title: 'Partial and full slabs, by label',
      description: 'A closed epoch of partial slabs is held by leftovers.',
      kind: 'lines',
      unit: 'short',
      queries: [
        { expr: byLabel('temporal_slab_epoch_partial_slabs'), legend: 'partial {{label}}' },
        { expr: byLabel('temporal_slab_epoch_full_slabs'), legend: 'full {{label}}' },
      ],
    },
    {
      title: 'Refused by a closing epoch, by label',
      description: 'Allocations that came after the close, of the epochs in the ring: the label says who comes late.',
      kind: 'lines',
      unit: 'none',
      queries: [{ expr: byLabel('temporal_slab_epoch_refused_allocs'), legend: '{{label}}' }],
      runbook: 'alloc-into-closing',
    },
    {
      title: 'Epochs by state',
      description: 'Of the ring. No slot left to advance to is ring-exhausted.',
      kind: 'lines',
      unit: 'none',
      queries: [
        { expr: `${family('temporal_slab_active_epochs')}{${P}}`, legend: `active ${PROCESS}` },
        { expr: `${family('temporal_slab_closing_epochs')}{${P}}`, legend: `closing ${PROCESS}` },
        { expr: `${family('temporal_slab_epoch_ring_size')}{${P}}`, legend: `ring ${PROCESS}` },
      ],
      runbook: 'ring-exhausted',
    },
    {
      title: 'Advances',
      description: 'New epochs per second; refused and skipped ones mean that old epochs hold the ring.',
      kind: 'lines',
      unit: 'ops',
      queries: [
        { expr: `sum(${rate('temporal_slab_epoch_advances_total', W, `{${P}}`)})`, legend: 'advances' },
        { expr: `sum(${rate('temporal_slab_epoch_advances_refused_total', W, `{${P}}`)})`, legend: 'refused' },
        { expr: `sum(${rate('temporal_slab_epoch_slots_skipped_total', W, `{${P}}`)})`, legend: 'skipped' },
      ],
      runbook: 'ring-exhausted',
    },
    {
      title: 'Labels without a name of their own',
      description: 'Labels that found the registry full, and domains used wrongly.',
      kind: 'lines',
      unit: 'none',
      queries: [
        { expr: `${family('temporal_slab_label_registry_overflows_total')}{${P}}`, legend: `labels ${PROCESS}` },
        { expr: `${family('temporal_slab_domain_misuses_total')}{${P}}`, legend: `misuses ${PROCESS}` },
      ],
      runbook: 'label-registry-full',
    },
  ],
};
