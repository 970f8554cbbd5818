import type { Axis } from './axis.ts';
import { type Html, html } from './html.ts';

/** Sizes in the chart's own units; text keeps its size on every screen because the narrow drawing is another one, not a smaller one. */
export interface Layout {
  readonly name: 'wide' | 'narrow';
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly ticks: number;
  readonly hover: boolean;
}

export const LAYOUTS: readonly Layout[] = [
  { name: 'wide', width: 920, height: 280, left: 72, right: 16, top: 12, bottom: 32, ticks: 8, hover: true },
  { name: 'narrow', width: 380, height: 260, left: 62, right: 12, top: 12, bottom: 32, ticks: 4, hover: false },
];

export function svg(layout: Layout, description: string, content: Html): Html {
  return html`<svg class="${layout.name}" viewBox="0 0 ${layout.width} ${layout.height}" role="img" aria-label="${description}">${content}</svg>\n`;
}

export function xAxis(axis: Axis, layout: Layout, x: (position: number) => number): Html {
  const bottom = layout.height - layout.bottom;
  return html`<path class="axis" d="M${layout.left} ${bottom}H${layout.width - layout.right}"/>${axis
    .ticks(layout.ticks)
    .ticks.map((tick) => {
      const at = Math.round(x(tick) * 10) / 10;
      const anchor = at < layout.left + 10 ? 'start' : at > layout.width - layout.right - 20 ? 'end' : 'middle';
      return html`<path class="axis" d="M${at} ${bottom}v4"/><text class="tick" x="${at}" y="${bottom + 18}" text-anchor="${anchor}">${axis.label(tick)}</text>`;
    })}`;
}

/** Names stand beside their colour, so that colour alone tells nothing. @param entries names are hostile text */
export function legend(entries: readonly { readonly name: string; readonly area?: boolean }[]): Html {
  return html`<ul class="legend">${entries.map(
    ({ name, area }, i) =>
      html`<li><svg class="key" viewBox="0 0 24 12" aria-hidden="true">${
        area
          ? html`<rect class="area s${i % 8}" width="24" height="12"/>`
          : html`<path class="line s${i % 8}" d="M0 6H24"/>`
      }</svg>${name}</li>`,
  )}</ul>`;
}
