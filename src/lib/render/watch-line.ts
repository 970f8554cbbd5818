import type { Measure } from '../analysis/measure.ts';
import { seriesNamed } from '../analysis/series.ts';
import type { Reading } from '../analysis/timeline.ts';
import type { U64 } from '../snapshot/u64.ts';
import { ABSENT, formatTimestamp } from '../units.ts';
import { isRate, shortText, titleOf } from './value-text.ts';

/** What a line of `tslab watch` shows unless told otherwise. */
export const LINE_METRICS = [
  'rss_bytes_current',
  'estimated_slab_rss_bytes',
  'live_bytes',
  'pinned_waste_bytes',
  'total_bitmap_alloc_attempts',
  'total_bitmap_free_attempts',
  'total_slow_path_hits',
  'slow_path_rate',
  'total_slow_cache_miss',
  'total_madvise_bytes',
  'lock_contended',
  'closing_epoch_count',
];

const TIME_WIDTH = 12;
const LEAST_WIDTH = 8;

/** Prints samples as lines of aligned columns, for people, grep and awk. */
export class LineWriter {
  readonly #series;

  /** @throws UsageError for an unknown metric */
  constructor(metrics: readonly string[]) {
    this.#series = metrics.map((name) => seriesNamed(name, '--metrics'));
  }

  header(): string {
    const titles = this.#series.map(({ measure }) => titleIn(measure).padStart(widthFor(measure)));
    return `${'time_UTC'.padEnd(TIME_WIDTH)} ${titles.join(' ')}  events`;
  }

  line(reading: Reading): string {
    const cells = this.#series.map(({ measure, at }) =>
      shortText(at(reading), measure, isRate(measure, true, false)).padStart(widthFor(measure)),
    );
    const events = reading.events.map(({ code }) => code).join(',');
    return `${timeOfDay(reading.snapshot.timestamp_ns).padEnd(TIME_WIDTH)} ${cells.join(' ')}${events && `  ${events}`}`;
  }
}

function titleIn(measure: Measure): string {
  return titleOf(measure, measure.kind === 'counter').replaceAll(' ', '_');
}

function widthFor(measure: Measure): number {
  return Math.max(LEAST_WIDTH, titleIn(measure).length);
}

/** @returns HH:MM:SS.mmm, in UTC */
export function timeOfDay(timestampNs: U64 | undefined): string {
  if (timestampNs === undefined) return ABSENT;
  return /T(\d\d:\d\d:\d\d\.\d{3})/.exec(formatTimestamp(timestampNs))?.[1] ?? String(timestampNs);
}
