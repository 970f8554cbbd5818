import type { EpochSpan } from '../../analysis/report/epoch-spans.ts';
import { formatBytes } from '../../units.ts';
import type { Axis } from './axis.ts';
import { type Html, html } from './html.ts';
import { LAYOUTS, type Layout, legend, svg, xAxis } from './svg.ts';

const ROW = 20;
const BAR = 14;
const CHAR = 6.4;
const MAX_ROWS = 32;

/** @param labels the names that have a colour of their own, in the legend's order; the last one stands for all others */
export function epochChart(
  spans: readonly EpochSpan[],
  axis: Axis,
  nameOf: (span: EpochSpan) => string,
  labels: readonly string[],
): Html {
  const slots = [...new Set(spans.map(({ id }) => Number(id)))].sort((a, b) => a - b).slice(0, MAX_ROWS);
  const description = `Which epoch held memory or domains when: ${spans.length} epochs in ${slots.length} slots of the ring. The table below has their numbers.`;
  return html`<figure class="chart">${legend(labels.map((name) => ({ name, area: true })))}
<p class="hint">A bar is an epoch, from its opening (or the recording's start) to when it last held something; hatched: CLOSING.</p>
${LAYOUTS.map((base) => {
  const layout = { ...base, left: 56, height: base.top + base.bottom + slots.length * ROW };
  return svg(layout, description, drawn(spans, axis, nameOf, labels, slots, layout));
})}</figure>`;
}

function drawn(
  spans: readonly EpochSpan[],
  axis: Axis,
  nameOf: (span: EpochSpan) => string,
  labels: readonly string[],
  slots: readonly number[],
  layout: Layout,
): Html {
  const x = (position: number) => layout.left + (position / axis.length) * (layout.width - layout.left - layout.right);
  const round = (value: number) => Math.round(value * 10) / 10;
  const rowOf = (span: EpochSpan) => slots.indexOf(Number(span.id));
  const hatch = `hatch-${layout.name}`;
  return html`<defs><pattern id="${hatch}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="hatch" d="M0 0V6"/></pattern></defs>${slots.map(
    (slot, row) =>
      html`<text class="tick" x="${layout.left - 6}" y="${layout.top + row * ROW + 12}" text-anchor="end">slot ${slot}</text>`,
  )}${xAxis(axis, layout, x)}${spans.map((span) => {
    const row = rowOf(span);
    if (row === -1) return undefined;
    const [from, to] = [x(axis.at(span.from)), x(axis.at(span.to))];
    const closing = span.closing && x(axis.at(span.closing));
    const width = Math.max(2, to - from);
    const y = layout.top + row * ROW + 1;
    const name = nameOf(span);
    const known = labels.indexOf(name);
    const color = (known === -1 ? labels.length - 1 : known) % 8;
    const era = span.era === undefined ? '' : ` era ${span.era}`;
    return html`<g><title>${`epoch ${span.id}${era} · ${name} · at most ${formatBytes(span.peakBytes)}`}</title><rect class="bar s${color}" x="${round(from)}" y="${y}" width="${round(width)}" height="${BAR}" rx="2"/>${
      closing !== undefined &&
      html`<rect x="${round(closing)}" y="${y}" width="${round(Math.max(2, to - closing))}" height="${BAR}" rx="2" fill="url(#${hatch})"/>`
    }${width > name.length * CHAR + 8 && html`<text class="inbar" x="${round(from + 4)}" y="${y + 11}">${name}</text>`}</g>`;
  })}`;
}
