import type { Axis } from './axis.ts';
import { type Html, html } from './html.ts';
import { type Scale, scaleTo } from './scale.ts';
import { LAYOUTS, type Layout, legend, svg, xAxis } from './svg.ts';

/** One row of numbers over the axis; undefined leaves a gap. */
export interface Series {
  readonly name: string;
  readonly values: readonly (number | undefined)[];
  /** Stacked on the areas before it; else a line. */
  readonly area?: boolean;
}

export interface LineChart {
  /** One sentence for those who do not see the chart. */
  readonly description: string;
  readonly axis: Axis;
  /** Where each value of a series stands on the axis, ascending. */
  readonly positions: readonly number[];
  readonly series: readonly Series[];
  readonly base: 2 | 10;
  format(value: number): string;
}

/** @returns legend and chart, drawn once for wide and once for narrow screens; one sentence where there is no curve to draw */
export function lineChart(chart: LineChart): Html {
  const tops = stackedTops(chart);
  const highest = tops.flat().reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
  if (chart.positions.length < 2) return html`<p class="soft">One snapshot: no curve to draw.</p>`;
  if (highest === 0) return html`<p class="soft">${chart.series.map(({ name }) => name).join(', ')}: 0 throughout.</p>`;
  const scale = scaleTo(highest, chart.base);
  return html`<figure class="chart">${legend(chart.series.map(({ name, area }) => ({ name, area: area === true })))}
${LAYOUTS.map((layout) => drawn(chart, tops, scale, layout))}</figure>`;
}

type Tops = readonly (readonly (number | undefined)[])[];

/** @returns where each series' upper edge is: areas stand on the areas before them */
function stackedTops({ series }: LineChart): Tops {
  const floor: number[] = [];
  return series.map(({ values, area }) => {
    if (!area) return values;
    return values.map((value, i) => {
      if (value === undefined) return undefined;
      floor[i] = (floor[i] ?? 0) + value;
      return floor[i];
    });
  });
}

function drawn(chart: LineChart, tops: Tops, scale: Scale, layout: Layout): Html {
  const { axis, positions, series } = chart;
  const x = (position: number) => layout.left + (position / axis.length) * (layout.width - layout.left - layout.right);
  const y = (value: number) =>
    layout.height - layout.bottom - (value / scale.max) * (layout.height - layout.bottom - layout.top);
  const areas = series.map(({ area }, i) => ({ area, i })).filter(({ area }) => area);
  // Where an area is empty, its edge lies on the one below, which shall be seen.
  const lowestLast = series.map(({ area }, i) => ({ area, i })).toReversed();
  const floors = (place: number) => tops[areas[place - 1]?.i ?? -1];
  return svg(
    layout,
    chart.description,
    html`${scale.ticks.map(
      (tick) =>
        html`<path class="grid" d="M${layout.left} ${fixed(y(tick))}H${layout.width - layout.right}"/><text class="tick" x="${layout.left - 6}" y="${fixed(y(tick) + 4)}" text-anchor="end">${chart.format(tick)}</text>`,
    )}${xAxis(axis, layout, x)}${areas.map(({ i }, place) => areaPath(tops[i] ?? [], floors(place), positions, x, y, i))}${lowestLast.map(
      ({ area, i }) =>
        html`<path class="line s${i % 8}${area ? ' edge' : ''}" d="${linePath(tops[i] ?? [], positions, x, y)}"/>`,
    )}${layout.hover && hoverStrips(chart, layout, x)}`,
  );
}

type Place = (value: number) => number;

function linePath(tops: Tops[number], positions: readonly number[], x: Place, y: Place): string {
  let path = '';
  let drawing = false;
  tops.forEach((value, i) => {
    if (value === undefined) {
      drawing = false;
      return;
    }
    const isolated = !drawing && tops[i + 1] === undefined;
    path += `${drawing ? 'L' : 'M'}${fixed(x(positions[i] ?? 0))} ${fixed(y(value))}${isolated ? 'h.1' : ''}`;
    drawing = true;
  });
  return path;
}

function areaPath(
  tops: Tops[number],
  floors: Tops[number] | undefined,
  positions: readonly number[],
  x: Place,
  y: Place,
  i: number,
): Html {
  const runs: number[][] = [];
  tops.forEach((value, at) => {
    if (value === undefined) return;
    if (at === 0 || tops[at - 1] === undefined) runs.push([]);
    runs.at(-1)?.push(at);
  });
  const point = (at: number, value: number) => `${fixed(x(positions[at] ?? 0))} ${fixed(y(value))}`;
  const path = runs
    .map(
      (run) =>
        `M${run.map((at) => point(at, tops[at] ?? 0)).join('L')}L${run
          .toReversed()
          .map((at) => point(at, floors?.[at] ?? 0))
          .join('L')}Z`,
    )
    .join('');
  return html`<path class="area s${i % 8}" d="${path}"/>`;
}

const MAX_STRIPS = 120;

/** What a pointer resting on the chart is told: the highest values of the points under it. */
function hoverStrips({ axis, positions, series, format }: LineChart, layout: Layout, x: Place): Html {
  const every = Math.max(1, Math.ceil(positions.length / MAX_STRIPS));
  const width = (layout.width - layout.left - layout.right) / Math.ceil(positions.length / every);
  return html`${positions.map((position, i) => {
    if (i % every !== 0) return undefined;
    const values = series.flatMap(({ name, values }) => {
      const here = values.slice(i, i + every).filter((value) => value !== undefined);
      return here.length === 0 ? [] : [`${name}: ${format(Math.max(...here))}`];
    });
    if (values.length === 0) return undefined;
    return html`<rect class="strip" x="${fixed(x(position) - width / 2)}" y="${layout.top}" width="${fixed(width)}" height="${layout.height - layout.top - layout.bottom}"><title>${[axis.label(position), ...values].join(' · ')}</title></rect>`;
  })}`;
}

function fixed(value: number): string {
  return String(Math.round(value * 10) / 10);
}
