import uPlot from 'uplot';
import type { Point } from '../lib/server/stream.ts';
import { SERIES } from '../lib/server/stream.ts';

export interface ChartSpec {
  readonly series: readonly {
    readonly field: (typeof SERIES)[number];
    readonly title: string;
    readonly dash?: number[];
  }[];
  readonly format: (value: number | null | undefined) => string;
  /** Distance of axis marks: powers of two read well for bytes. */
  readonly base: 2 | 10;
}

/** A line chart of some of the series over time, which follows its column's width and the page's colours. */
export class Chart {
  #plot: uPlot | undefined;
  #points: readonly Point[] = [];

  constructor(
    readonly place: HTMLElement,
    readonly spec: ChartSpec,
  ) {
    place.tabIndex = 0;
    place.setAttribute('role', 'group');
    place.addEventListener('keydown', (event) => this.#step(event));
    new ResizeObserver(() => this.#plot?.setSize(this.#size())).observe(place);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#make());
  }

  draw(points: readonly Point[]): void {
    this.#points = points;
    if (this.#plot) this.#plot.setData(this.#data());
    else this.#make();
  }

  #make(): void {
    this.#plot?.destroy();
    const { series, format, base } = this.spec;
    const color = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const axis = {
      stroke: color('--soft'),
      grid: { stroke: color('--rule'), width: 1 },
      ticks: { stroke: color('--rule'), width: 1 },
    };
    const now = (_: uPlot, value: number | null, __: number, index: number | null) =>
      format(index === null ? this.#last(__) : value);
    this.#plot = new uPlot(
      {
        ...this.#size(),
        ms: 1,
        series: [
          { label: 'time', value: (_, value) => (value === null ? 'now' : new Date(value).toLocaleTimeString()) },
          ...series.map(({ title, dash }, i) => ({
            label: title,
            stroke: color(`--s${i}`),
            width: 2,
            points: { show: () => this.#points.length < 2 },
            value: now,
            ...(dash && { dash }),
          })),
        ],
        axes: [
          { ...axis, space: 90, values: (_, marks) => marks.map((mark) => new Date(mark).toLocaleTimeString()) },
          {
            ...axis,
            size: 78,
            values: (_, marks) => marks.map((mark) => format(mark)),
            ...(base === 2 && { incrs: Array.from({ length: 60 }, (_, i) => 2 ** i) }),
          },
        ],
        scales: { y: { range: (_, __, max) => [0, Math.max(max * 1.05, 1)] } },
        cursor: { drag: { x: false, y: false } },
      },
      this.#data(),
      this.place,
    );
  }

  #size(): { width: number; height: number } {
    return { width: Math.max(200, this.place.clientWidth), height: 200 };
  }

  #data(): uPlot.AlignedData {
    const column = (field: (typeof SERIES)[number]) => {
      const at = SERIES.indexOf(field) + 1;
      return this.#points.map((point) => point[at] ?? null);
    };
    return [this.#points.map(([time]) => time), ...this.spec.series.map(({ field }) => column(field))];
  }

  /** @param series as uPlot counts: 0 is the time */
  #last(series: number): number | null {
    const field = this.spec.series[series - 1]?.field;
    return field === undefined ? null : (this.#points.at(-1)?.[SERIES.indexOf(field) + 1] ?? null);
  }

  #step(event: KeyboardEvent): void {
    const plot = this.#plot;
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!plot || by === undefined) return;
    event.preventDefault();
    const last = this.#points.length - 1;
    const at = Math.min(Math.max((plot.cursor.idx ?? last) + by, 0), last);
    const time = this.#points[at]?.[0];
    if (time !== undefined) plot.setCursor({ left: plot.valToPos(time, 'x'), top: 10 });
  }
}
