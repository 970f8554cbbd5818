import type { EpochBar } from '../lib/server/stream.ts';
import { type Column, el, svg, table } from './dom.ts';
import { ABSENT, bytes, count, seconds } from './numbers.ts';

const COLORS = 8;
const ROW = 18;
const LEFT = 56;
const BOTTOM = 20;

export const nameOf = (label: string) => (label === '' ? '(unlabeled)' : label);

/** Keeps a label's colour while the page is open; the eighth is for all others. */
const colors = new Map<string, number>();

function colorOf(label: string): number {
  const known = colors.get(label);
  if (known !== undefined) return known;
  if (colors.size >= COLORS - 1) return COLORS - 1;
  colors.set(label, colors.size);
  return colors.size - 1;
}

export function forgetColors(): void {
  colors.clear();
}

/** @returns a list of the labels on the chart with their colours */
export function legend(bars: readonly EpochBar[]): HTMLElement {
  const labels = [...new Set(bars.map(({ label }) => label))];
  const own = labels.filter((label) => colorOf(label) < COLORS - 1);
  const item = (color: number, name: string) =>
    el('li', {}, el('span', { class: `key c${color}`, 'aria-hidden': 'true' }), name);
  const rest = labels.length > own.length ? [item(COLORS - 1, 'all others')] : [];
  return el('ul', { class: 'legend' }, ...own.map((label) => item(colorOf(label), nameOf(label))), ...rest);
}

/**
 * @param fromMs left edge; epochs that are older begin there
 * @param width in pixels of the page
 */
export function timeline(bars: readonly EpochBar[], fromMs: number, toMs: number, width: number): SVGElement {
  const slots = [...new Set(bars.map(({ id }) => id))].sort((a, b) => a - b).slice(0, 32);
  const height = slots.length * ROW + BOTTOM;
  const span = Math.max(1, toMs - fromMs);
  const x = (ms: number) => LEFT + (Math.min(Math.max(ms - fromMs, 0), span) / span) * (width - LEFT - 4);
  const marks = (width < 600 ? [0, 0.5, 1] : [0, 0.25, 0.5, 0.75, 1]).map((part) => fromMs + part * span);
  return svg(
    'svg',
    {
      class: 'epochs',
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-label': `${bars.length} epochs in ${slots.length} slots of the ring; the table below has their numbers`,
    },
    ...marks.slice(1).map((ms) => svg('line', { class: 'grid', x1: x(ms), x2: x(ms), y1: 0, y2: height - BOTTOM })),
    ...marks.map((ms, i) =>
      svg(
        'text',
        { x: x(ms), y: height - 5, 'text-anchor': i === 0 ? 'start' : i === marks.length - 1 ? 'end' : 'middle' },
        new Date(ms).toLocaleTimeString(),
      ),
    ),
    ...slots.map((slot, row) => svg('text', { x: LEFT - 6, y: row * ROW + 13, 'text-anchor': 'end' }, `slot ${slot}`)),
    ...bars.flatMap((bar) => {
      const row = slots.indexOf(bar.id);
      if (row === -1 || bar.toMs < fromMs) return [];
      const [from, to] = [x(bar.fromMs), Math.max(x(bar.toMs), x(bar.fromMs) + 2)];
      const closing = bar.closingMs === null ? to : Math.max(from, x(bar.closingMs));
      const piece = (start: number, end: number, extra: string) =>
        svg('rect', {
          class: `c${colorOf(bar.label)}${extra}`,
          x: start,
          y: row * ROW + 2,
          width: Math.max(1.5, end - start),
          height: ROW - 4,
          rx: 2,
        });
      const pieces = [
        ...(closing > from ? [piece(from, closing, '')] : []),
        ...(to > closing ? [piece(closing, to, ' closing')] : []),
      ];
      const said = `epoch ${bar.id}${bar.era === null ? '' : ` era ${bar.era}`} · ${nameOf(bar.label)} · ${bar.state} · at most ${bytes(bar.peak)}`;
      return [svg('g', {}, svg('title', {}, said), ...pieces)];
    }),
  );
}

const COLUMNS: readonly Column<EpochBar>[] = [
  { title: 'epoch', text: ({ id, era }) => (era === null ? String(id) : `${id}/${era}`) },
  { title: 'label', text: ({ label }) => nameOf(label) },
  { title: 'state', text: ({ state }) => state || ABSENT },
  { title: 'age', text: ({ age }) => seconds(age), number: true },
  { title: 'domains', text: ({ refcount }) => count(refcount), number: true },
  { title: 'live objects', text: ({ liveObjects }) => count(liveObjects), number: true },
  { title: 'pinned', text: ({ pinned }) => bytes(pinned), number: true },
  { title: 'resident', text: ({ bytes: held }) => bytes(held), number: true },
];

/** @param nowMs epochs last seen then are there still */
export function epochTable(bars: readonly EpochBar[], nowMs: number): HTMLElement {
  const held = bars.filter(({ toMs }) => toMs >= nowMs).sort((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0));
  return table('Epochs that hold something, the largest first', COLUMNS, held.slice(0, 16));
}
