/** What a panel shows, without how Grafana says it: grafana.ts does that. */
export interface Panel {
  readonly title: string;
  /** What it tells, and what to make of it. */
  readonly description: string;
  /** lines over time · one big number · horizontal bars, longest first · a row per epoch, coloured by its value over time. */
  readonly kind: 'lines' | 'number' | 'bars' | 'grid';
  readonly unit: Unit;
  readonly queries: readonly Query[];
  /** Where the colour changes: to yellow, to red. */
  readonly yellow?: number;
  readonly red?: number;
  /** Page of docs/runbooks/ to open when it is red. */
  readonly runbook?: string;
  readonly stacked?: boolean;
}

export interface Query {
  readonly expr: string;
  /** Grafana's `{{label}}` template. */
  readonly legend: string;
}

/** Units as Grafana names them. */
export type Unit = 'bytes' | 'Bps' | 'percentunit' | 'ops' | 's' | 'short' | 'none';

export interface Dashboard {
  /** Name of the file and of the page in Grafana: it must not change. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly panels: readonly Panel[];
}

/** The processes that the variables at the top of a dashboard select. A sample that lacks a label fits "All". */
export const P = 'job=~"$job",instance=~"$instance",command=~"$command",pid=~"$pid"';
/** … and the object sizes. */
export const C = `${P},object_size=~"$object_size"`;
/** … and the labels. */
export const L = `${P},label=~"$label"`;

export const PROCESS = '{{command}} {{pid}}';
export const SIZE = '{{object_size}} B';
export const EPOCH = '{{label}} · epoch {{epoch}} · {{command}} {{pid}}';

/** Grafana's own: at least four scrapes, whatever the zoom. */
export const W = '$__rate_interval';
