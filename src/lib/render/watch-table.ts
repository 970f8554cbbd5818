import type { ChalkInstance } from 'chalk';
import { textFilter } from '../analysis/filter.ts';
import { findMeasure, type Measure, type Rankable } from '../analysis/measure.ts';
import { rank } from '../analysis/rank.ts';
import { type Subject, subjectsOf, subjectsOver, type Value, valueIn } from '../analysis/subject.ts';
import type { Reading } from '../analysis/timeline.ts';
import { numberIn } from '../metrics/read.ts';
import { ABSENT } from '../units.ts';
import { forTerminal } from './safe-text.ts';
import { sparkline } from './sparkline.ts';
import { shortText } from './value-text.ts';
import { inCells } from './width.ts';

/** The metrics a table shows, in order; where the screen is narrow, the last ones give way. The names are what keys sort by. */
export const COLUMNS: Readonly<Record<Rankable, readonly string[]>> = {
  class: [
    'object_size',
    'bitmap_alloc_attempts',
    'bitmap_free_attempts',
    'slow_path_hits',
    'slow_path_rate',
    'live_objects',
    'estimated_rss_bytes',
    'pinned_waste_bytes',
    'slow_path_cache_miss',
    'madvise_bytes',
    'lock_contended',
    'remote_frees',
  ],
  epoch: [
    'epoch_id',
    'age_sec',
    'refcount',
    'live_objects',
    'estimated_rss_bytes',
    'pinned_waste_bytes',
    'total_reclaimable_slabs',
    'madvise_bytes',
    'epoch_era',
  ],
  label: [
    'epochs',
    'refcount',
    'age_sec',
    'live_objects',
    'estimated_rss_bytes',
    'pinned_waste_bytes',
    'lock_contended',
  ],
};

export interface TableView {
  readonly table: Rankable;
  readonly sort: string;
  readonly order: 'desc' | 'asc';
  readonly filter: string;
  readonly totals: boolean;
  readonly columns: number;
}

const TREND = 12;
/** What is kept free for state and label. */
const IDENTITY_CELLS: Readonly<Record<Rankable, number>> = { class: 0, epoch: 32, label: 24 };
const GAP = '  ';

/** @returns the title line, and a line for each row in sorted order. @param readings up to the one that is shown, oldest first */
export function watchTable(
  readings: readonly Reading[],
  view: TableView,
  style: ChalkInstance,
): { title: string; rows: string[]; of: number } {
  const reading = readings.at(-1);
  if (!reading) return { title: '', rows: [], of: 0 };
  const { table, sort, order } = view;
  const value = (subject: Subject, measure: Measure) => shownValue(subject, measure, view.totals);
  const sortedBy = findMeasure(table, sort, '--sort');
  const filter = view.filter === '' ? {} : { filter: textFilter(view.filter) };
  const all = subjectsAt(table, reading).filter(isWorthShowing);
  const ranked = rank(all, { measure: sortedBy, order, value, ...filter });
  const columns = chooseColumns(all, view, sortedBy);
  const trends = trendsOf(readings, table, (subject) => value(subject, sortedBy));
  const cells = (subject: Subject) =>
    columns.map(({ measure, cells }) => {
      const shown = value(subject, measure);
      return warn(
        inCells(shortText(shown, measure, isPerSecond(subject, measure, view.totals)), cells, 'right'),
        subject,
        measure,
        shown,
        style,
      );
    });
  const title = [
    ...columns.map(({ measure, cells, title }) => {
      const text = inCells(title, cells, 'right');
      return measure === sortedBy ? style.inverse(text) : style.bold(text);
    }),
    style.bold(inCells('trend', TREND)),
    ...identityTitles(table).map((text) => style.bold(text)),
  ].join(GAP);
  return {
    title,
    of: all.length,
    rows: ranked.map(({ subject }) =>
      [
        ...cells(subject),
        style.cyan(sparkline(trends.get(subject.key) ?? [], TREND, sortedBy.kind === 'gauge' ? 'lowest' : 'zero')),
        ...identity(subject, style),
      ].join(GAP),
    ),
  };
}

function subjectsAt(table: Rankable, { delta, snapshot }: Reading): Subject[] {
  return delta ? subjectsOver(table, delta) : subjectsOf(table, snapshot);
}

const SIGNS = [
  'bitmap_alloc_attempts',
  'slow_path_hits',
  'new_slab_count',
  'estimated_rss_bytes',
  'refcount',
  'live_objects',
  'age_sec',
];

/** Classes never used and slots never opened say nothing; a registered label does, even while it holds nothing. */
function isWorthShowing({ scope, numbers, label }: Subject): boolean {
  if (scope === 'label' && label !== '') return true;
  return SIGNS.some((field) => (numberIn(numbers, field) ?? 0) > 0);
}

/** Gauges as they stand, counters per second or in total, ratios since the sample before or since the start. */
function shownValue(subject: Subject, measure: Measure, totals: boolean): Value {
  if (totals || measure.kind === 'gauge') {
    const { changes: _, ...standing } = subject;
    return valueIn(standing, measure);
  }
  // Before there are two samples, a total in a column of rates would mislead.
  if (measure.kind === 'counter' && !subject.changes) return undefined;
  return valueIn(subject, measure);
}

function isPerSecond({ changes }: Subject, { kind }: Measure, totals: boolean): boolean {
  return kind === 'counter' && !totals && changes !== undefined;
}

interface ShownColumn {
  readonly measure: Measure;
  readonly title: string;
  readonly cells: number;
}

/** Left out: what the producer does not say, and from the right what does not fit; never what is sorted by. */
function chooseColumns(
  subjects: readonly Subject[],
  { table, columns, totals, order }: TableView,
  sortedBy: Measure,
): ShownColumn[] {
  const known = COLUMNS[table]
    .map((name) => findMeasure(table, name, '--sort'))
    .filter(
      (measure) =>
        measure === sortedBy ||
        subjects.length === 0 ||
        subjects.some(({ numbers, changes, ...rest }) => valueIn({ numbers, ...rest }, measure) !== undefined),
    )
    .map((measure): ShownColumn => {
      const arrow = measure !== sortedBy ? '' : order === 'desc' ? '▼' : '▲';
      const title = `${measure.title}${measure.kind === 'counter' && !totals ? '/s' : ''}${arrow}`;
      return {
        measure,
        title,
        cells: Math.max(title.length, measure.kind === 'fixed' && measure.unit === 'id' ? 5 : 7),
      };
    });
  let left =
    columns -
    TREND -
    IDENTITY_CELLS[table] -
    (known.find(({ measure }) => measure === sortedBy)?.cells ?? 0) -
    GAP.length;
  let full = false;
  return known.filter(({ measure, cells }) => {
    if (measure === sortedBy) return true;
    left -= cells + GAP.length;
    full ||= left < 0;
    return !full;
  });
}

function trendsOf(
  readings: readonly Reading[],
  table: Rankable,
  value: (subject: Subject) => Value,
): Map<string, Value[]> {
  const trends = new Map<string, Value[]>();
  readings.slice(-TREND).forEach((reading, i) => {
    for (const subject of subjectsAt(table, reading)) {
      const trend = trends.get(subject.key) ?? Array.from({ length: i }, () => undefined);
      while (trend.length < i) trend.push(undefined);
      trend.push(value(subject));
      trends.set(subject.key, trend);
    }
  });
  return trends;
}

function identityTitles(table: Rankable): string[] {
  return table === 'class' ? [] : table === 'epoch' ? ['state  ', 'label'] : ['label'];
}

/** Comes last in the line: a label is the widest text, and the only one that is cut. */
function identity({ scope, label, state, numbers }: Subject, style: ChalkInstance): string[] {
  if (scope === 'class') return [];
  const text = forTerminal(label ?? ABSENT) || '(unlabeled)';
  if (scope === 'label') return [text];
  const left = state === 'CLOSING' && (numberIn(numbers, 'refcount') ?? 0) > 0;
  const shown = inCells(state ?? ABSENT, 7);
  return [left ? style.red(shown) : state === 'CLOSING' ? style.yellow(shown) : style.green(shown), text];
}

const NEVER_FINE = ['madvise_failures', 'invalid_frees', 'alloc_failures'];

function warn(text: string, subject: Subject, { name, ratio }: Measure, value: Value, style: ChalkInstance): string {
  if (value === undefined || value === null) return style.dim(text);
  if (name === 'refcount' && subject.state === 'CLOSING' && value > 0) return style.red.bold(text);
  if (NEVER_FINE.includes(name) && value > 0) return style.red(text);
  if (name === 'slow_path_rate' && ratio && value > 0.1) return style.yellow(text);
  return value === 0 ? style.dim(text) : text;
}
