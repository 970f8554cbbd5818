import type { ChalkInstance } from 'chalk';
import { findMeasure, type Measure, type Rankable } from '../analysis/measure.ts';
import type { Ranked, Ranking } from '../analysis/rank.ts';
import type { Subject } from '../analysis/subject.ts';
import type { Reading } from '../analysis/timeline.ts';
import { numberIn } from '../metrics/read.ts';
import { stringifyExact } from '../snapshot/exact-json.ts';
import { ABSENT, formatMetric, formatNanoseconds, formatTimestamp } from '../units.ts';
import { eventText } from './event-text.ts';
import { forTerminal, jsonForTerminal } from './safe-text.ts';
import { type Column, type Frame, renderTable, type Table } from './table.ts';
import { isRate, titleOf, valueText } from './value-text.ts';
import { identityOf, LISTS } from './watch-json.ts';
import { widthOf } from './width.ts';

/** What stands beside the metric that is ranked by: who it is, and what one asks next. */
const BESIDE: Readonly<Record<Rankable, readonly string[]>> = {
  class: ['live_objects', 'bitmap_alloc_attempts', 'slow_path_hits', 'estimated_rss_bytes', 'pinned_waste_bytes'],
  epoch: ['age_sec', 'refcount', 'live_objects', 'estimated_rss_bytes', 'pinned_waste_bytes'],
  label: ['epochs', 'refcount', 'age_sec', 'live_objects', 'estimated_rss_bytes', 'pinned_waste_bytes'],
};

export interface TopView {
  readonly ranking: Ranking;
  readonly reading: Reading;
  readonly ranked: readonly Ranked[];
  /** How many there are in all, before --n and --filter; undefined where the producer does not say. */
  readonly of: number | undefined;
}

/**
 * @param cells of the screen, where what does not fit into it is left out: the last columns first
 * @returns a table with a line above it, without a final newline
 */
export async function topText(
  { ranking, reading, ranked, of }: TopView,
  frame: Frame,
  style: ChalkInstance,
  cells = Number.POSITIVE_INFINITY,
): Promise<string> {
  const { measure, order } = ranking;
  const windowed = reading.delta !== undefined;
  const rate = isRate(measure, windowed, true);
  const beside = besides(measure, ranked);
  const columns: Column[] = [
    { title: '#', align: 'right' },
    ...identityColumns(measure.scope as Rankable, ranked),
    { title: `${titleOf(measure, rate)}${order === 'desc' ? '▼' : '▲'}`, align: 'right' },
    ...beside.map((other): Column => ({ title: other.title, align: 'right' })),
  ];
  const rows = ranked.map(({ rank, subject, value }) => [
    String(rank),
    ...identityCells(subject, ranked),
    valueText(value, measure, rate),
    ...beside.map((other) => formatMetric(numberIn(subject.numbers, other.name), other.unit)),
  ]);
  const table =
    rows.length === 0
      ? of === undefined
        ? []
        : [`no ${LISTS[measure.scope as Rankable]} to show`]
      : [await renderTable(fitting({ columns, rows }, columns.length - beside.length, cells), frame, style)];
  return [
    headline(ranking, reading, ranked.length, of, style),
    ...reading.events.map((event) => style.yellow(`! ${eventText(event)}`)),
    ...table,
  ].join('\n');
}

/** @param least so many columns stay */
function fitting(table: Table, least: number, cells: number): Table {
  const { columns, rows } = table;
  let used = 0;
  const kept = columns.findIndex(({ title }, i) => {
    used += Math.max(...[title, ...rows.map((row) => row[i] ?? '')].map(widthOf)) + (i > 0 ? 2 : 0);
    return i >= least && used > cells;
  });
  if (kept === -1) return table;
  return { columns: columns.slice(0, kept), rows: rows.map((row) => row.slice(0, kept)) };
}

function headline(
  { measure }: Ranking,
  { snapshot, delta }: Reading,
  shown: number,
  of: number | undefined,
  style: ChalkInstance,
): string {
  const time = snapshot.timestamp_ns === undefined ? '' : ` · ${formatTimestamp(snapshot.timestamp_ns)}`;
  const who = snapshot.pid === undefined ? '' : ` · pid ${snapshot.pid}`;
  const window = delta
    ? delta.elapsedNs === undefined
      ? ' over a window without a length'
      : ` over ${formatNanoseconds(delta.elapsedNs)}`
    : '';
  return `${style.bold(LISTS[measure.scope as Rankable])} by ${style.bold(measure.name)}${window}: ${of === undefined ? 'this producer does not say' : `${shown} of ${of}`}${who}${time}`;
}

/** Columns that the producer has numbers for, and not the one that is shown anyway. */
function besides(measure: Measure, ranked: readonly Ranked[]): Measure[] {
  return BESIDE[measure.scope as Rankable]
    .filter((name) => name !== measure.name || measure.kind !== 'fixed')
    .map((name) => findMeasure(measure.scope, name, '--by'))
    .filter(
      ({ name }) =>
        name !== measure.name && ranked.some(({ subject }) => numberIn(subject.numbers, name) !== undefined),
    );
}

function identityColumns(scope: Rankable, ranked: readonly Ranked[]): Column[] {
  if (scope === 'class') return [{ title: 'size', align: 'right' }];
  if (scope === 'label') return [{ title: 'label' }];
  return [
    { title: 'epoch', align: 'right' },
    ...(has(ranked, 'epoch_era') ? [{ title: 'era', align: 'right' as const }] : []),
    { title: 'state' },
    ...(ranked.some(({ subject }) => subject.label !== undefined) ? [{ title: 'label' }] : []),
  ];
}

function identityCells({ scope, numbers, label, state }: Subject, ranked: readonly Ranked[]): string[] {
  if (scope === 'class') return [`${numberIn(numbers, 'object_size')} B`];
  if (scope === 'label') return [forTerminal(label ?? '') || '(unlabeled)'];
  return [
    String(numberIn(numbers, 'epoch_id')),
    ...(has(ranked, 'epoch_era') ? [String(numberIn(numbers, 'epoch_era') ?? ABSENT)] : []),
    state ?? ABSENT,
    ...(ranked.some(({ subject }) => subject.label !== undefined) ? [forTerminal(label ?? ABSENT) || '(none)'] : []),
  ];
}

function has(ranked: readonly Ranked[], field: string): boolean {
  return ranked.some(({ subject }) => numberIn(subject.numbers, field) !== undefined);
}

/** @returns one line of JSON without a newline; schemas/top.schema.json says what it holds */
export function topJson({ ranking: { measure, order }, reading, ranked, of }: TopView): string {
  const { snapshot, delta, events } = reading;
  return jsonForTerminal(
    stringifyExact({
      scope: LISTS[measure.scope as Rankable],
      by: measure.name,
      unit: measure.unit,
      value: isRate(measure, delta !== undefined, true)
        ? 'per_second'
        : delta && measure.kind === 'ratio'
          ? 'over_window'
          : 'as_it_stands',
      order,
      timestamp_ns: snapshot.timestamp_ns,
      pid: snapshot.pid,
      window_ns: delta?.elapsedNs,
      events: events.map((event) => ({ ...event, message: eventText(event) })),
      of,
      rows: ranked.map(({ rank, subject, value }) => ({
        rank,
        ...identityOf(subject),
        value: value === undefined ? undefined : value,
        delta: measure.kind === 'counter' || measure.kind === 'gauge' ? subject.changes?.[measure.name] : undefined,
        total: measure.kind === 'ratio' ? undefined : numberIn(subject.numbers, measure.name),
      })),
    }),
  );
}

/** @returns CSV (RFC 4180) with a header line; what is unknown is an empty cell. Without a final newline */
export function topCsv({ ranking: { measure }, reading, ranked }: TopView): string {
  const beside = besides(measure, ranked);
  const identity =
    measure.scope === 'class'
      ? ['class_index', 'object_size']
      : measure.scope === 'label'
        ? ['label']
        : ['epoch_id', 'epoch_era', 'state', 'label'];
  const name = isRate(measure, reading.delta !== undefined, true) ? `${measure.name}_per_second` : measure.name;
  // Who it is may be what is ranked by: one column then.
  const own = identity.includes(name) ? [] : [name];
  const lines = ranked.map(({ rank, subject, value }) => {
    const who = identityOf(subject);
    return [
      rank,
      ...identity.map((field) => who[field]),
      ...own.map(() => value),
      ...beside.map((other) => numberIn(subject.numbers, other.name)),
    ];
  });
  return [['rank', ...identity, ...own, ...beside.map((other) => other.name)], ...lines]
    .map((cells) => cells.map(csvCell).join(','))
    .join('\n');
}

/** Text that a spreadsheet would take for a formula is given a quote in front. */
function csvCell(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') return String(value);
  const text = forTerminal(value);
  const harmless = /^[=+\-@]/.test(text) ? `'${text}` : text;
  return /[",]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
