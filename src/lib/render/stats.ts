import type { ChalkInstance } from 'chalk';
import { activeClasses, holdingEpochs } from '../analysis/active.ts';
import { lastCloseOf } from '../analysis/close.ts';
import { labelTotals } from '../analysis/label-totals.ts';
import { type LedgerLine, memoryLedger, total } from '../analysis/ledger.ts';
import { says } from '../analysis/subject.ts';
import { CATALOGUE } from '../metrics/catalogue.ts';
import { numberIn } from '../metrics/read.ts';
import { GENERATIONS, generationOf } from '../snapshot/generation.ts';
import type { Snapshot } from '../snapshot/model.ts';
import { ratio, subtract, type U64 } from '../snapshot/u64.ts';
import {
  ABSENT,
  formatBytes,
  formatCount,
  formatMetric,
  formatNanoseconds,
  formatShare,
  formatTimestamp,
} from '../units.ts';
import { closeText } from './close-text.ts';
import { LABEL_TEXT, metricTable, STATE } from './metric-table.ts';
import { forTerminal } from './safe-text.ts';
import { type Frame, renderTable, type Table } from './table.ts';

export type Section = 'summary' | 'classes' | 'epochs' | 'labels' | 'fields';

export interface StatsView {
  readonly sections: readonly Section[];
  /** Classes never used and epochs that hold nothing are shown as well. */
  readonly all: boolean;
  readonly frame: Frame;
  readonly style: ChalkInstance;
}

/** @returns what `tslab stats` shows of a snapshot, without a final newline */
export async function renderStats(snapshot: Snapshot, view: StatsView): Promise<string> {
  const parts: string[] = [];
  for (const section of view.sections) parts.push(await SECTIONS[section](snapshot, view));
  return parts.filter((part) => part !== '').join('\n\n');
}

const SECTIONS: Record<Section, (snapshot: Snapshot, view: StatsView) => Promise<string>> = {
  summary: async (snapshot, { style }) =>
    [identity(snapshot), memory(snapshot, style), slowPath(snapshot, style), reclamation(snapshot, style)]
      .filter((part) => part !== '')
      .join('\n\n'),
  classes: (snapshot, view) => titled(`Classes${view.all ? '' : ' in use'}`, classTable(snapshot, view.all), view),
  epochs: (snapshot, view) =>
    titled(view.all ? 'Epochs' : 'Epochs that hold memory or domains', epochTable(snapshot, view.all), view),
  labels: (snapshot, view) => titled('Labels', labelTable(snapshot), view),
  fields: (snapshot, view) => titled('Fields', fieldTable(snapshot), view),
};

async function titled(title: string, table: Table | null, { frame, style }: StatsView): Promise<string> {
  if (table === null) return `${style.bold(title)}: this producer does not say`;
  if (table.rows.length === 0) return `${style.bold(title)}: none`;
  return `${style.bold(title)}\n${await renderTable(table, frame, style)}`;
}

function identity(snapshot: Snapshot): string {
  const { pid, timestamp_ns: time, allocator, process, thread_count: threads } = snapshot;
  const generation = generationOf(snapshot);
  const who = [allocator?.name, allocator?.version]
    .filter((part) => part !== undefined)
    .map((part) => forTerminal(part))
    .join(' ');
  const parts = [
    who,
    [process?.command, process?.name]
      .filter((part) => part)
      .map((part) => forTerminal(part as string))
      .join(' '),
    pid === undefined ? '' : `pid ${pid}`,
    process?.live === false ? 'has ended' : '',
    threads === undefined ? '' : `${formatCount(threads)} thread${threads === 1 ? '' : 's'}`,
  ];
  parts.push(time === undefined ? '' : formatTimestamp(time));
  if (generation < 6) parts.push(`producer of generation ${generation} (up to ${GENERATIONS[generation]})`);
  return parts.filter((part) => part !== '').join(' · ');
}

const LEDGER_NAMES: Record<LedgerLine['name'], string> = {
  process: 'process RSS',
  slabs: 'slabs (estimate)',
  live: 'live objects',
  pinned: 'pinned waste: free slots in slabs that a live object holds',
  empty: 'empty slabs and padding',
  metadata: 'allocator metadata',
  rest: 'everything else in the process',
};

function memory(snapshot: Snapshot, style: ChalkInstance): string {
  const lines = memoryLedger(snapshot).map(
    ({ name, level, bytes }) => [`${'  '.repeat(level)}${formatMetric(bytes, 'bytes')}`, LEDGER_NAMES[name]] as const,
  );
  if (lines.length === 0) return '';
  const width = Math.max(...lines.map(([bytes]) => bytes.length));
  return [style.bold('Memory'), ...lines.map(([bytes, name]) => `  ${bytes.padEnd(width)}  ${name}`)].join('\n');
}

function slowPath(snapshot: Snapshot, style: ChalkInstance): string {
  const {
    total_slow_path_hits: hits,
    total_slow_cache_miss: miss,
    total_slow_epoch_closed: closed,
    total_bitmap_alloc_attempts: allocs,
  } = snapshot;
  if (hits === undefined) return '';
  const known = (miss ?? 0) === 0 && (closed ?? 0) === 0 ? [0, 0] : [miss ?? 0, closed ?? 0];
  const rest =
    miss === undefined || closed === undefined ? undefined : subtract(subtract(hits, known[0] as U64), known[1] as U64);
  const share = (part: U64 | undefined) => {
    const value = part === undefined ? null : ratio(part, hits);
    return value === null ? '' : `  (${formatShare(value)})`;
  };
  const perAlloc = allocs === undefined ? null : ratio(hits, allocs);
  const count = (value: U64 | undefined) => (value === undefined ? ABSENT : formatCount(value));
  return [
    style.bold('Slow path'),
    `  ${count(hits)} hits${perAlloc === null ? '' : `, ${formatShare(perAlloc)} of ${count(allocs)} allocations`}`,
    `    ${count(miss)} had to map memory${share(miss)}`,
    `    ${count(closed)} refused: epoch was CLOSING${share(closed)}`,
    `    ${count(rest)} needed another slab that was at hand${share(rest)}`,
  ].join('\n');
}

function reclamation(snapshot: Snapshot, style: ChalkInstance): string {
  const {
    total_madvise_bytes: bytes,
    total_madvise_calls: calls,
    total_madvise_failures: failures,
    classes,
  } = snapshot;
  const lines: string[] = [];
  if (bytes !== undefined)
    lines.push(
      `${formatBytes(bytes)} offered back to the kernel in ${calls === undefined ? ABSENT : formatCount(calls)} calls`,
    );
  if (failures !== undefined && failures > 0)
    lines.push(style.red(`${formatCount(failures)} calls refused by the kernel`));
  const scanned = total(classes, 'epoch_close_scanned_slabs');
  const recycled = total(classes, 'epoch_close_recycled_slabs');
  const spent = total(classes, 'epoch_close_total_ns');
  if (scanned !== undefined && recycled !== undefined && scanned > 0) {
    const taken = ratio(recycled, scanned);
    lines.push(
      `epoch_close gave back ${formatCount(recycled)} of ${formatCount(scanned)} slabs examined${taken === null ? '' : ` (${formatShare(taken)})`}${spent === undefined ? '' : `, ${formatNanoseconds(spent)} in all`}`,
    );
  }
  const last = lastCloseOf(snapshot);
  if (last) lines.push(`last close, ${closeText(last)}`);
  const { longest_epoch_close: longest } = snapshot;
  if (longest?.duration_ns !== undefined)
    lines.push(
      `longest close of late, epoch ${longest.epoch_id}${longest.label ? ` (${forTerminal(longest.label)})` : ''}: ${formatNanoseconds(longest.duration_ns)} for ${formatCount(longest.scanned_slabs ?? 0)} slabs`,
    );
  return lines.length === 0 ? '' : [style.bold('Reclamation'), ...lines.map((line) => `  ${line}`)].join('\n');
}

const CLASS_COLUMNS = [
  'object_size',
  'live_objects',
  'bitmap_alloc_attempts',
  'slow_path_hits',
  'slow_path_cache_miss',
  'slow_path_epoch_closed',
  'total_partial_slabs',
  'total_full_slabs',
  'cache_size',
  'estimated_rss_bytes',
  'pinned_waste_bytes',
  'madvise_bytes',
  'lock_contended',
];

function classTable(snapshot: Snapshot, all: boolean): Table {
  return metricTable('class', all ? snapshot.classes : activeClasses(snapshot), CLASS_COLUMNS);
}

function epochTable(snapshot: Snapshot, all: boolean): Table | null {
  if (!snapshot.epochs) return null;
  const epochs = all ? snapshot.epochs : holdingEpochs(snapshot);
  return metricTable('epoch', epochs, [
    'epoch_id',
    'epoch_era',
    STATE,
    LABEL_TEXT,
    'age_sec',
    'refcount',
    'live_objects',
    'total_partial_slabs',
    'total_full_slabs',
    'total_reclaimable_slabs',
    'estimated_rss_bytes',
    'pinned_waste_bytes',
  ]);
}

function labelTable(snapshot: Snapshot): Table | null {
  if (!says('label', snapshot)) return null;
  const totals = labelTotals(snapshot);
  const contended = totals.some((one) => one.contention !== undefined);
  return {
    columns: [
      { title: 'label' },
      ...['epochs', 'domains', 'RSS', 'oldest', ...(contended ? ['lock waits'] : [])].map((title) => ({
        title,
        align: 'right' as const,
      })),
    ],
    rows: totals.map(({ label, epochs, domains, estimatedRssBytes, oldestSec, contention }) => [
      forTerminal(label) || '(unlabeled)',
      String(epochs),
      formatCount(domains),
      formatBytes(estimatedRssBytes),
      formatMetric(oldestSec, 'seconds'),
      ...(contended ? [formatMetric(contention?.lock_contended, 'events')] : []),
    ]),
  };
}

/** Every top-level number under its own name, raw: for grep. */
function fieldTable(snapshot: Snapshot): Table {
  return {
    columns: [{ title: 'field' }, { title: 'value', align: 'right' }, { title: 'meaning' }],
    rows: CATALOGUE.top.flatMap((row) => {
      const value = numberIn(snapshot, row.field);
      return value === undefined ? [] : [[row.field, String(value), row.help]];
    }),
  };
}
