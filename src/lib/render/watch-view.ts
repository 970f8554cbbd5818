import type { ChalkInstance } from 'chalk';
import { lastCloseOf } from '../analysis/close.ts';
import { seriesNamed } from '../analysis/series.ts';
import type { Reading } from '../analysis/timeline.ts';
import { formatNanoseconds } from '../units.ts';
import { closeText } from './close-text.ts';
import { eventText } from './event-text.ts';
import { forTerminal } from './safe-text.ts';
import { sparkline } from './sparkline.ts';
import { isRate, shortText, titleOf } from './value-text.ts';
import { timeOfDay } from './watch-line.ts';
import { type TableView, watchTable } from './watch-table.ts';
import { cutToWidth, inCells, widthOf } from './width.ts';

export interface WatchView extends TableView {
  readonly rows: number;
  readonly scroll: number;
  readonly typing: boolean;
  readonly help: boolean;
  /** Readings up to the one that is shown, oldest first. */
  readonly readings: readonly Reading[];
  /** How many there are after the one that is shown; undefined while it is always the latest. */
  readonly later: number | undefined;
  readonly kept: number;
  /** Where snapshots come from, and how often: safe text. */
  readonly source: string;
  readonly pace: string;
  /** What the person must know about the source: hostile text. */
  readonly notices: readonly string[];
  readonly status: 'waiting' | 'live' | 'silent' | 'ended';
  /** The latest events, newest last, with the time of day. */
  readonly events: readonly { readonly at: string; readonly text: string }[];
}

export interface WatchFrame {
  /** Exactly as many as the screen has rows, none wider than it. */
  readonly lines: readonly string[];
  /** Rows that the table has, and how many of them fit. */
  readonly tableRows: number;
  readonly visible: number;
}

/** Left: where the memory is. Right: what happens. Each pair shares a line. */
const GAUGES: readonly (readonly [string, string])[] = [
  ['rss_bytes_current', 'total_bitmap_alloc_attempts'],
  ['estimated_slab_rss_bytes', 'total_bitmap_free_attempts'],
  ['live_bytes', 'total_slow_path_hits'],
  ['pinned_waste_bytes', 'slow_path_rate'],
  ['mapped_bytes', 'total_slow_cache_miss'],
  ['closing_epoch_count', 'total_madvise_bytes'],
  ['metadata_bytes', 'lock_contended'],
];
const SERIES = GAUGES.map(([left, right]) => [seriesNamed(left, ''), seriesNamed(right, '')] as const);
const FIELD = 26;

/** @returns the whole screen */
export function watchFrame(view: WatchView, style: ChalkInstance): WatchFrame {
  const { rows, columns } = view;
  if (view.help)
    return {
      lines: fill(
        HELP.map((line) => line.replace(/^(.{1,22}) {2}/, (_, keys: string) => `${style.bold(keys)}  `)),
        view,
      ),
      tableRows: 0,
      visible: 0,
    };
  const table = watchTable(view.readings, view, style);
  // A low screen keeps the table: gauges give way from the bottom.
  const gauges = rows >= 14 ? gaugeLines(view, style).slice(0, Math.max(2, rows - 14)) : [];
  const head = [
    headLine(view, style),
    ...gauges,
    ...(gauges.length > 0 ? [closeLine(view)] : []),
    tabs(view, table, style),
    table.title,
  ];
  const foot = [...eventLines(view, style), keyLine(view, style)];
  const visible = Math.max(0, rows - head.length - foot.length);
  const scroll = Math.min(view.scroll, Math.max(0, table.rows.length - visible));
  const body = table.rows.slice(scroll, scroll + visible);
  const waiting = view.readings.length === 0 ? [style.dim(`  waiting for ${view.source} …`)] : [];
  const shown = body.length > 0 ? body : waiting.length > 0 ? waiting : [style.dim('  nothing to show')];
  const lines = [...head, ...shown.slice(0, visible)];
  while (lines.length + foot.length < rows) lines.push('');
  return {
    lines: [...lines, ...foot].slice(0, rows).map((line) => cutToWidth(line, columns)),
    tableRows: table.rows.length,
    visible,
  };
}

function headLine(view: WatchView, style: ChalkInstance): string {
  const snapshot = view.readings.at(-1)?.snapshot;
  const { command, name } = snapshot?.process ?? {};
  const { allocator, pid, thread_count: threads } = snapshot ?? {};
  const who = command ? [command, name === command ? '' : name] : [allocator?.name, allocator?.version];
  const facts = [
    who
      .map((part) => forTerminal(part ?? ''))
      .join(' ')
      .trim() || 'tslab watch',
    pid === undefined ? '' : `pid ${pid}`,
    threads === undefined ? '' : `${threads} thread${threads === 1 ? '' : 's'}`,
    view.pace,
    view.source === `process ${pid}` ? '' : view.source,
  ].filter((fact) => fact !== '');
  const [badge, paint] = badgeOf(view, style);
  const right = `${snapshot ? `${timeOfDay(snapshot.timestamp_ns)} UTC  ` : ''}`;
  const room = view.columns - widthOf(right) - widthOf(badge) - 1;
  return `${style.bold(inCells(facts.join(' · '), Math.max(0, room)))} ${right}${paint(badge)}`;
}

function badgeOf({ later, status, kept }: WatchView, style: ChalkInstance): [string, (text: string) => string] {
  if (later !== undefined) return [` PAUSED ${kept - later}/${kept} `, style.bgYellow.black];
  if (status === 'live') return ['● live', style.green];
  if (status === 'ended') return [' ENDED ', style.bgRed.white];
  return status === 'silent' ? [' SILENT ', style.bgRed.white] : ['waiting', style.yellow];
}

function gaugeLines({ readings, columns }: WatchView, style: ChalkInstance): string[] {
  const cells = Math.max(6, Math.floor((columns - 3) / 2) - FIELD);
  return SERIES.map((pair) => {
    const halves = pair.map(({ measure, at }) => {
      const rate = isRate(measure, true, false);
      const values = readings.slice(-cells).map(at);
      const text = shortText(values.at(-1), measure, rate);
      return {
        known: values.some((value) => value !== undefined),
        field: `${inCells(titleOf(measure, rate), 14)}${inCells(text, 10, 'right')}  `,
        line: sparkline(values, cells, measure.kind === 'gauge' ? 'lowest' : 'zero'),
      };
    });
    return halves
      .map(({ field, line, known }, i) =>
        known ? `${field}${i === 0 ? style.blue(line) : style.cyan(line)}` : style.dim(`${field}${' '.repeat(cells)}`),
      )
      .join('   ');
  });
}

/** The latest close, in place of a blank line. */
function closeLine({ readings }: WatchView): string {
  const snapshot = readings.at(-1)?.snapshot;
  const close = snapshot && lastCloseOf(snapshot);
  return close ? `last close    ${closeText(close)}` : '';
}

function tabs(
  { table, filter, typing, totals }: WatchView,
  { rows, of }: { rows: readonly string[]; of: number },
  style: ChalkInstance,
): string {
  const names = [
    ['class', '1 Classes'],
    ['epoch', '2 Epochs'],
    ['label', '3 Labels'],
  ] as const;
  const shown = names.map(([name, title]) => (name === table ? style.inverse(` ${title} `) : ` ${title} `)).join('');
  const count = rows.length === of ? `${of}` : `${rows.length} of ${of}`;
  const filtered = typing
    ? style.yellow(`filter: ${forTerminal(filter)}▏`)
    : filter === ''
      ? ''
      : style.yellow(`filter: ${forTerminal(filter)}`);
  return `${shown}  ${count} shown${totals ? ' · totals' : ''}  ${filtered}`;
}

const EVENT_LINES = 2;

function eventLines({ events, notices, readings }: WatchView, style: ChalkInstance): string[] {
  const here = readings.at(-1);
  const own = (here?.events ?? []).map((event) => style.yellow(`! ${eventText(event)}`));
  const passed = events.map(({ at, text }) => style.dim(`${at} ${text}`));
  const lines = own.length > 0 ? own : passed;
  return [...lines.slice(-EVENT_LINES), ...notices.slice(-1).map((notice) => style.red(forTerminal(notice)))];
}

const KEYS = [
  ['?', 'help'],
  ['q', 'quit'],
  ['space', 'pause'],
  ['←→', 'history'],
  ['Tab', 'table'],
  ['s', 'sort'],
  ['r', 'reverse'],
  ['/', 'filter'],
  ['t', 'totals'],
  ['+-', 'interval'],
] as const;

function keyLine({ typing, columns }: WatchView, style: ChalkInstance): string {
  if (typing) return style.dim('Enter keep · Esc clear · Ctrl-U empty');
  let left = columns;
  return KEYS.filter(([key, what]) => {
    left -= widthOf(`${key} ${what}  `);
    return left >= -2;
  })
    .map(([key, what]) => `${style.bold(key)} ${what}`)
    .join('  ');
}

const HELP = [
  'tslab watch',
  '',
  '1 2 3, Tab             classes, epochs, labels',
  's S, > <               sort by the next or previous column; r reverses',
  't                      counters in total, or per second again',
  '/ or f                 show only rows whose label, state or size contains a text; Esc clears',
  'up down, k j           scroll the table',
  'space                  pause and go on; samples keep being recorded meanwhile',
  'left right, h l        one sample back or forward; PgUp PgDn, [ ]: ten',
  'Home End, g G          the oldest sample that is kept; live again',
  '+ -                    longer or shorter interval',
  'Ctrl-Z, Ctrl-L         suspend; draw the screen anew',
  'q, Ctrl-C              quit',
  '',
  'A · in a curve is a sample without a value: after a restart, a reset or a jump of the clock.',
  'CLOSING in red: domains are still inside an epoch that was closed. Somebody forgot to leave.',
  'pinned: free slots in slabs that a live object keeps from being given back.',
  '',
  'any key goes back',
];

function fill(lines: readonly string[], { rows, columns }: WatchView): string[] {
  const shown = lines.slice(0, rows).map((line) => cutToWidth(line, columns));
  while (shown.length < rows) shown.push('');
  return shown;
}

/** @returns the events of the readings as the view lists them */
export function eventLog(readings: readonly Reading[]): { at: string; text: string }[] {
  return readings.flatMap(({ events, snapshot }) =>
    events.map((event) => ({ at: timeOfDay(snapshot.timestamp_ns), text: eventText(event) })),
  );
}

/** @returns such as `every 200 ms`, from the time between the latest two */
export function paceText(reading: Reading | undefined): string {
  const elapsed = reading?.delta?.elapsedNs;
  if (elapsed === undefined) return '';
  // A timer's jitter is no news.
  const tidy = 10 ** Math.max(0, Math.floor(Math.log10(Number(elapsed) || 1)) - 1);
  return `every ${formatNanoseconds(Math.round(Number(elapsed) / tidy) * tidy)}`;
}
