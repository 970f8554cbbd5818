import './style.css';
import type {
  ClassRow,
  FindingRow,
  HistoryMessage,
  Point,
  ProcessRow,
  ProcessState,
  UpdateMessage,
} from '../lib/server/stream.ts';
import { SERIES } from '../lib/server/stream.ts';
import { Chart } from './charts.ts';
import { connect } from './connection.ts';
import { byId, type Column, el, table } from './dom.ts';
import { epochTable, forgetColors, legend, timeline } from './epochs.ts';
import { bytes, count, rate } from './numbers.ts';

/** As long as the server remembers. */
const KEPT_POINTS = 600;
/** So many intervals without news, and what is shown is old. */
const STALE_AFTER = 3;

const memory = new Chart(byId('memory'), {
  series: [
    { field: 'rss', title: 'RSS' },
    { field: 'slabs', title: 'slabs', dash: [9, 4] },
    { field: 'live', title: 'live', dash: [3, 4] },
    { field: 'pinned', title: 'pinned', dash: [12, 4, 3, 4] },
  ],
  format: bytes,
  base: 2,
});
const slow = new Chart(byId('slow'), {
  series: [
    { field: 'mapped', title: 'had to map memory' },
    { field: 'refused', title: 'refused: CLOSING', dash: [9, 4] },
    { field: 'other', title: 'another slab at hand', dash: [3, 4] },
  ],
  format: rate,
  base: 10,
});

let points: Point[] = [];
let update: UpdateMessage | undefined;
let arrivedMs = Number.NEGATIVE_INFINITY;
let broken = false;
let paused = false;
let disconnect = () => {};
let watched = '';

const select = byId<HTMLSelectElement>('process');
const pause = byId<HTMLButtonElement>('pause');

function watch(process: string): void {
  disconnect();
  watched = process;
  forgetColors();
  points = [];
  disconnect = connect(process, { onHistory, onUpdate, onTrouble });
}

function onHistory(message: HistoryMessage): void {
  points = [...message.points];
}

function onUpdate(message: UpdateMessage): void {
  arrivedMs = performance.now();
  broken = false;
  update = message;
  const point = message.process?.point;
  if (point && point[0] !== points.at(-1)?.[0]) points = [...points.slice(1 - KEPT_POINTS), point];
  if (!paused) draw();
  status();
}

function onTrouble(): void {
  broken = true;
  status();
}

function status(): void {
  const line = byId('status');
  const ageSec = (performance.now() - arrivedMs) / 1000;
  const every = (update?.everyMs ?? 1000) / 1000;
  const stale = broken || ageSec > Math.max(STALE_AFTER * every, 3);
  const age = Number.isFinite(ageSec) ? `last news ${Math.round(ageSec)} s ago` : 'no news yet';
  const unread = update?.failure !== undefined;
  const old = stale ? `not live: ${age}, connecting again …` : unread ? 'not live: the last state that was read' : '';
  line.textContent = old || (paused ? 'paused' : 'live');
  line.className = `status ${old ? 'stale' : paused ? '' : 'live'}`;
  byId('main').classList.toggle('was', old !== '');
}

function draw(): void {
  if (!update) return;
  processes(update);
  notes(update);
  const { process } = update;
  if (!process) return;
  facts(process);
  findings(process.findings);
  memory.draw(points);
  slow.draw(points);
  epochs(process);
  byId('classes').replaceChildren(table('', CLASS_COLUMNS, process.classes));
}

const titleOf = ({ pid, command, name, instance, id }: ProcessRow) =>
  [command || id, pid && `pid ${pid}`, name, instance && instance !== '1' && `allocator ${instance}`]
    .filter(Boolean)
    .join(' · ');

function processes({ processes, process }: UpdateMessage): void {
  const wanted = asked();
  const options = processes.map((one) => ({ value: one.id, text: titleOf(one) }));
  if (wanted !== '' && !processes.some(({ id }) => id === wanted))
    options.unshift({ value: wanted, text: `${wanted} (ended)` });
  const key = JSON.stringify(options);
  // A list that is open must not be taken away.
  if (select.dataset['key'] !== key) {
    select.dataset['key'] = key;
    select.replaceChildren(...options.map(({ value, text }) => el('option', { value }, text)));
  }
  const shown = wanted || process?.id || '';
  if (select.value !== shown) select.value = shown;
  byId('all').replaceChildren(table('', PROCESS_COLUMNS, processes, ({ id }) => id === shown));
  const own = processes.find(({ id }) => id === shown);
  document.title = own ? `${titleOf(own)} · temporal-slab` : 'temporal-slab';
}

function notes({ failure, omitted, unusable, process, processes }: UpdateMessage): void {
  const lines = [
    failure && `Cannot read: ${failure}`,
    !failure && processes.length === 0 && 'No process uses temporal-slab at the moment.',
    !failure && !process && processes.length > 0 && 'This process has ended; what is shown is its last state.',
    omitted > 0 && `${omitted} more allocators are not shown: see --max-processes.`,
    unusable > 0 && `${unusable} counter files cannot be used: tslab ps says why.`,
    process?.torn && 'The last snapshot is torn: some of its numbers do not belong together.',
  ].filter((line): line is string => typeof line === 'string');
  const place = byId('notes');
  const text = lines.join(' ');
  if (place.textContent !== text) place.textContent = text;
  place.hidden = text === '';
}

function facts({ point }: ProcessState): void {
  const value = (field: (typeof SERIES)[number]) => point[SERIES.indexOf(field) + 1];
  const [mapped, refused, other] = [value('mapped'), value('refused'), value('other')];
  const slowPaths = mapped == null || refused == null || other == null ? null : mapped + refused + other;
  const rows: [string, string][] = [
    ['RSS', bytes(value('rss'))],
    ['live', bytes(value('live'))],
    ['pinned', bytes(value('pinned'))],
    ['slabs', bytes(value('slabs'))],
    ['allocations', rate(value('allocations'))],
    ['slow paths', rate(slowPaths)],
  ];
  byId('facts').replaceChildren(...rows.map(([name, text]) => el('div', {}, el('dt', {}, name), el('dd', {}, text))));
}

function findings(rows: readonly FindingRow[]): void {
  const place = byId('findings');
  const key = JSON.stringify(rows);
  if (place.dataset['key'] === key) return;
  place.dataset['key'] = key;
  place.replaceChildren(
    rows.length === 0
      ? el('p', { class: 'soft' }, 'Nothing found.')
      : el(
          'ul',
          { class: 'findings' },
          ...rows.map(({ severity, title, advice, code }) =>
            el(
              'li',
              { class: severity },
              el('p', {}, el('span', { class: 'severity' }, severity), title),
              el('p', { class: 'hint' }, advice, ` (${code})`),
            ),
          ),
        ),
  );
}

function epochs({ epochs: bars, point }: ProcessState): void {
  const place = byId('epochs');
  const now = point[0];
  const from = Math.min(points[0]?.[0] ?? now, now - 10_000);
  byId('epochs-legend').replaceChildren(legend(bars));
  place.replaceChildren(timeline(bars, from, now, Math.max(320, place.clientWidth)));
  byId('epoch-table').replaceChildren(epochTable(bars, now));
}

const CLASS_COLUMNS: readonly Column<ClassRow>[] = [
  { title: 'size', text: ({ size }) => `${size} B`, number: true },
  { title: 'live objects', text: ({ liveObjects }) => count(liveObjects), number: true },
  { title: 'live', text: ({ live }) => bytes(live), number: true },
  { title: 'pinned', text: ({ pinned }) => bytes(pinned), number: true },
  { title: 'committed', text: ({ committed }) => bytes(committed), number: true },
  { title: 'allocations', text: ({ allocations }) => rate(allocations), number: true },
  { title: 'slow paths', text: ({ slowPaths }) => rate(slowPaths), number: true },
  { title: 'locks waited for', text: ({ contended }) => rate(contended), number: true },
];

const PROCESS_COLUMNS: readonly Column<ProcessRow>[] = [
  {
    title: 'process',
    text: (row) => {
      const button = el('button', { type: 'button', class: 'linklike' }, titleOf(row));
      button.addEventListener('click', () => choose(row.id));
      return button;
    },
  },
  { title: 'RSS', text: ({ rss }) => bytes(rss), number: true },
  { title: 'live', text: ({ live }) => bytes(live), number: true },
  { title: 'pinned', text: ({ pinned }) => bytes(pinned), number: true },
  { title: 'problems', text: ({ findings }) => count(findings), number: true },
];

/** @returns the id of the process that the address names, `#process=ID`, or as before; '' for whichever is first. Other fragments are places on the page. */
function asked(): string {
  return new URLSearchParams(location.hash.slice(1)).get('process') ?? watched;
}

function choose(id: string): void {
  location.hash = String(new URLSearchParams({ process: id }));
}

function setPaused(to: boolean): void {
  paused = to;
  pause.setAttribute('aria-pressed', String(to));
  pause.textContent = to ? 'Resume' : 'Pause';
  if (!to) draw();
  status();
}

function step(by: number): void {
  const ids = [...select.options].map(({ value }) => value);
  const next = ids[(ids.indexOf(select.value) + by + ids.length) % ids.length];
  if (next !== undefined) choose(next);
}

const KEYS: Readonly<Record<string, () => void>> = {
  p: () => setPaused(!paused),
  '[': () => step(-1),
  ']': () => step(1),
};

pause.addEventListener('click', () => setPaused(!paused));
select.addEventListener('change', () => choose(select.value));
window.addEventListener('hashchange', () => {
  if (asked() !== watched) watch(asked());
});
document.addEventListener('keydown', (event) => {
  const typing = event.target instanceof HTMLSelectElement;
  if (!typing && !event.ctrlKey && !event.metaKey && !event.altKey) KEYS[event.key]?.();
});
setInterval(status, 500);
watch(asked());
