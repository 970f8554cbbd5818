import type { Instant } from '../../analysis/report/epoch-spans.ts';
import type { Report } from '../../analysis/report/report.ts';
import { subtract, type U64 } from '../../snapshot/u64.ts';
import { formatSeconds } from '../../units.ts';
import { type Scale, ticksAlong } from './scale.ts';

/** The horizontal axis that all charts of a report share: seconds since its first snapshot, or the number of the snapshot. */
export interface Axis {
  readonly unit: 'time' | 'index';
  readonly length: number;
  /** @returns 0 to length; what was before the recording is at 0 */
  at(instant: Instant): number;
  ticks(wanted: number): Scale;
  label(position: number): string;
}

export function axisOf(report: Report): Axis {
  const { first, last, snapshots, axis: unit } = report;
  const seconds = (timeNs: U64 | undefined) => Number(subtract(timeNs ?? 0, first.timestamp_ns ?? 0)) / 1e9;
  const length = unit === 'time' ? Math.max(seconds(last.timestamp_ns), 1e-9) : Math.max(snapshots - 1, 1);
  return {
    unit,
    length,
    at: ({ index, timeNs }) => Math.min(length, Math.max(0, unit === 'time' ? seconds(timeNs) : index)),
    ticks: (wanted) => ticksAlong(length, wanted, unit === 'index'),
    label: unit === 'time' ? elapsed : (position) => `#${Math.round(position) + 1}`,
  };
}

function elapsed(seconds: number): string {
  if (seconds === 0) return '0s';
  if (seconds < 1e-3) return `${Number((seconds * 1e6).toPrecision(3))}µs`;
  if (seconds < 1) return `${Number((seconds * 1000).toPrecision(3))}ms`;
  return seconds < 10 && !Number.isInteger(seconds) ? `${Number(seconds.toFixed(2))}s` : formatSeconds(seconds + 1e-6);
}
