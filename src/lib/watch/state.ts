import type { Rankable } from '../analysis/measure.ts';
import { COLUMNS } from '../render/watch-table.ts';

/** What the person has chosen to see. Changed by keys only, and only by pressed(). */
export interface ViewState {
  readonly table: Rankable;
  /** Metric names. */
  readonly sort: Readonly<Record<Rankable, string>>;
  readonly order: 'desc' | 'asc';
  /** Text that a row must contain; '' shows all. */
  readonly filter: string;
  /** The filter is being typed. */
  readonly typing: boolean;
  /** Sequence number of the sample that is shown; undefined: always the latest. */
  readonly cursor: number | undefined;
  /** First row of the table that is shown. */
  readonly scroll: number;
  /** Counters in total rather than per second. */
  readonly totals: boolean;
  readonly help: boolean;
  readonly intervalMs: number | undefined;
  readonly quit: boolean;
}

export const INITIAL: ViewState = {
  table: 'class',
  sort: { class: 'bitmap_alloc_attempts', epoch: 'estimated_rss_bytes', label: 'estimated_rss_bytes' },
  order: 'desc',
  filter: '',
  typing: false,
  cursor: undefined,
  scroll: 0,
  totals: false,
  help: false,
  intervalMs: undefined,
  quit: false,
};

/** What a key's meaning depends on besides the state. */
export interface Context {
  /** Sequence numbers that can be shown. */
  readonly oldest: number;
  readonly latest: number;
  /** Rows that the table has, and how many of them fit. */
  readonly rows: number;
  readonly visible: number;
}

const TABLES: readonly Rankable[] = ['class', 'epoch', 'label'];
const INTERVALS_MS = [100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000];
const LONGEST_FILTER = 64;

/** @returns the state after a key; the same one where the key means nothing */
export function pressed(state: ViewState, key: string, context: Context): ViewState {
  if (state.typing) return typed(state, key);
  if (state.help) return key === 'q' ? { ...state, quit: true } : { ...state, help: false };
  const action = Object.hasOwn(ACTIONS, key) ? ACTIONS[key] : undefined;
  return action ? action(state, context) : state;
}

type Action = (state: ViewState, context: Context) => ViewState;

const quit: Action = (state) => ({ ...state, quit: true });
const show =
  (table: Rankable): Action =>
  (state) => ({ ...state, table, scroll: 0 });
const help: Action = (state) => ({ ...state, help: true });
const filter: Action = (state) => ({ ...state, typing: true });
const longer: Action = (state) => ({
  ...state,
  intervalMs: INTERVALS_MS.find((ms) => ms > (state.intervalMs ?? 0)) ?? state.intervalMs,
});
const shorter: Action = (state) => ({
  ...state,
  intervalMs: INTERVALS_MS.findLast((ms) => ms < (state.intervalMs ?? 0)) ?? state.intervalMs,
});
const live: Action = (state) => ({ ...state, cursor: undefined });
const back =
  (samples: number): Action =>
  (state, { oldest, latest }) => {
    const cursor = Math.max(oldest, (state.cursor ?? latest) - samples);
    // Forward past the latest is live again.
    return { ...state, cursor: cursor >= latest && samples < 0 ? undefined : cursor };
  };
const scroll =
  (rows: number): Action =>
  (state, context) => ({
    ...state,
    scroll: Math.min(Math.max(0, state.scroll + rows), Math.max(0, context.rows - context.visible)),
  });
const column =
  (step: number): Action =>
  (state) => {
    const names = COLUMNS[state.table];
    const next = names[(names.indexOf(state.sort[state.table]) + step + names.length) % names.length];
    return next === undefined ? state : { ...state, scroll: 0, sort: { ...state.sort, [state.table]: next } };
  };

const ACTIONS: Readonly<Record<string, Action>> = {
  q: quit,
  '1': show('class'),
  '2': show('epoch'),
  '3': show('label'),
  tab: (state) => show(TABLES[(TABLES.indexOf(state.table) + 1) % TABLES.length] ?? 'class')(state, NOWHERE),
  s: column(1),
  S: column(-1),
  '>': column(1),
  '<': column(-1),
  r: (state) => ({ ...state, order: state.order === 'desc' ? 'asc' : 'desc' }),
  t: (state) => ({ ...state, totals: !state.totals }),
  '/': filter,
  f: filter,
  ' ': (state, { latest }) => ({ ...state, cursor: state.cursor === undefined ? latest : undefined }),
  left: back(1),
  right: back(-1),
  h: back(1),
  l: back(-1),
  pageup: back(10),
  pagedown: back(-10),
  '[': back(10),
  ']': back(-10),
  home: (state, { oldest }) => ({ ...state, cursor: oldest }),
  g: (state, { oldest }) => ({ ...state, cursor: oldest }),
  end: live,
  G: live,
  escape: (state) => ({ ...state, cursor: undefined, filter: '', scroll: 0 }),
  up: scroll(-1),
  down: scroll(1),
  k: scroll(-1),
  j: scroll(1),
  '+': longer,
  '=': longer,
  '-': shorter,
  '?': help,
  f1: help,
};

const NOWHERE: Context = { oldest: 0, latest: 0, rows: 0, visible: 0 };

function typed(state: ViewState, key: string): ViewState {
  if (key === 'return' || key === 'enter') return { ...state, typing: false };
  if (key === 'escape') return { ...state, typing: false, filter: '' };
  if (key === 'backspace') return { ...state, filter: [...state.filter].slice(0, -1).join('') };
  if (key === 'ctrl-u') return { ...state, filter: '' };
  // Names of keys are words of ASCII; what was typed is one character.
  if ([...key].length !== 1 || state.filter.length >= LONGEST_FILTER) return state;
  return { ...state, filter: state.filter + key, scroll: 0 };
}
