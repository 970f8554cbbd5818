import { family, overEpochs, rate, ratio } from '../promql.ts';
import { THRESHOLDS as T } from '../thresholds.ts';
import { type Dashboard, EPOCH, L, P, PROCESS, W } from './panel.ts';

const before = family('temporal_slab_last_epoch_close_rss_before_bytes');
const after = family('temporal_slab_last_epoch_close_rss_after_bytes');
const offered = family('temporal_slab_last_epoch_close_madvise_bytes');
const byProcess = (name: string) => `sum by (command, pid) (${rate(name, W, `{${P}}`)})`;

export const KERNEL: Dashboard = {
  uid: 'temporal-slab-kernel',
  title: 'temporal-slab: kernel cooperation',
  description: 'Did the kernel take back what it was given',
  panels: [
    {
      title: 'Last epoch_close: offered, and what RSS did',
      description:
        'Facts: bytes offered by the latest epoch_close, and by how much the RSS of the process fell meanwhile.',
      kind: 'lines',
      unit: 'bytes',
      queries: [
        { expr: `${offered}{${P}}`, legend: `offered ${PROCESS}` },
        { expr: `${before}{${P}} - ${after}{${P}}`, legend: `RSS fell by ${PROCESS}` },
      ],
      runbook: 'kernel-not-cooperating',
    },
    {
      title: 'RSS fell by this share of what was offered',
      description: `A heuristic, not a proof: other threads take and free memory meanwhile. Closes that offered less than ${T.cooperationBytes / 1024 ** 2} MiB are left out.`,
      kind: 'lines',
      unit: 'percentunit',
      queries: [
        {
          expr: `avg_over_time(((${before}{${P}} - ${after}{${P}})\n  / (${offered}{${P}} > ${T.cooperationBytes}))[15m:15s])`,
          legend: PROCESS,
        },
      ],
      runbook: 'kernel-not-cooperating',
    },
    {
      title: 'Given back',
      description: 'Bytes per second offered to the kernel.',
      kind: 'lines',
      unit: 'Bps',
      queries: [{ expr: byProcess('temporal_slab_madvise_bytes_total'), legend: PROCESS }],
    },
    {
      title: 'madvise calls',
      description: 'Per second, and how many of them the kernel refused.',
      kind: 'lines',
      unit: 'ops',
      queries: [
        { expr: byProcess('temporal_slab_madvise_calls_total'), legend: PROCESS },
        { expr: byProcess('temporal_slab_madvise_failures_total'), legend: `refused ${PROCESS}` },
      ],
      runbook: 'madvise-failures',
    },
    {
      title: 'Share of calls refused',
      description: 'Healthy kernels never refuse.',
      kind: 'lines',
      unit: 'percentunit',
      queries: [
        {
          expr: ratio(
            byProcess('temporal_slab_madvise_failures_total'),
            byProcess('temporal_slab_madvise_calls_total'),
          ),
          legend: PROCESS,
        },
      ],
      yellow: 0.001,
      red: 0.5,
      runbook: 'madvise-failures',
    },
    {
      title: 'Bytes per call',
      description: 'Neighbouring slabs are given back in one range: more bytes per call are cheaper.',
      kind: 'lines',
      unit: 'bytes',
      queries: [
        {
          expr: ratio(byProcess('temporal_slab_madvise_bytes_total'), byProcess('temporal_slab_madvise_calls_total')),
          legend: PROCESS,
        },
      ],
    },
    {
      title: 'RSS before and after, by epoch',
      description: 'Of the epochs in the ring that were closed.',
      kind: 'lines',
      unit: 'bytes',
      queries: [
        { expr: `${family('temporal_slab_epoch_rss_before_close')}{${L}} > 0`, legend: `before ${EPOCH}` },
        { expr: `${family('temporal_slab_epoch_rss_after_close')}{${L}} > 0`, legend: `after ${EPOCH}` },
      ],
      runbook: 'kernel-not-cooperating',
    },
    {
      title: 'Given back, by epoch',
      description: 'Bytes offered by the epochs in the ring, by their close and afterwards while they drained.',
      kind: 'bars',
      unit: 'bytes',
      queries: [{ expr: `topk(10, ${family('temporal_slab_epoch_madvise_bytes')}{${L}})`, legend: EPOCH }],
    },
    {
      title: 'Closes of the epochs in the ring',
      description: 'Closing an epoch again sweeps it again.',
      kind: 'lines',
      unit: 'none',
      queries: [{ expr: overEpochs(`${family('temporal_slab_epoch_close_calls')}{${P}}`), legend: PROCESS }],
    },
    {
      title: 'Time since the last epoch_close',
      description: 'A process that never closes never gives memory back.',
      kind: 'lines',
      unit: 's',
      queries: [
        { expr: `time() - ${family('temporal_slab_last_epoch_close_timestamp_seconds')}{${P}}`, legend: PROCESS },
      ],
      yellow: T.epochAgeSeconds,
      runbook: 'reclaimable-not-returned',
    },
    {
      title: 'Left for a later pass',
      description: 'Slabs that epoch_close could not take because their thread was inside an operation, per second.',
      kind: 'lines',
      unit: 'ops',
      queries: [{ expr: byProcess('temporal_slab_handshake_deferrals_total'), legend: PROCESS }],
    },
  ],
};
