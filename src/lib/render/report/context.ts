import type { Counter } from '../../analysis/report/measures.ts';
import type { Report } from '../../analysis/report/report.ts';
import type { Diagnosis } from '../../diagnose/diagnose.ts';
import { ratio, subtract, type U64 } from '../../snapshot/u64.ts';
import { type Axis, axisOf } from './axis.ts';

/** What every section of a page draws with. */
export interface Context {
  readonly report: Report;
  /** Of the same snapshots. */
  readonly diagnosis: Diagnosis;
  readonly axis: Axis;
  /** Where each point of the report stands on the axis. */
  readonly positions: readonly number[];
}

export function contextOf(report: Report, diagnosis: Diagnosis): Context {
  const axis = axisOf(report);
  return { report, diagnosis, axis, positions: report.points.map((point) => axis.at(point)) };
}

/**
 * @returns by how much the counters together rose per second up to each point; undefined where there is no earlier point of the same run, and
 *   null where the whole recording cannot say
 */
export function perSecond(
  { report: { points, axis } }: Context,
  of: (counter: (name: Counter) => U64 | undefined) => U64 | undefined,
): (number | undefined)[] | null {
  if (axis !== 'time') return null;
  let some = false;
  const rates = points.map((point, i) => {
    const before = points[i - 1];
    if (!before || before.run !== point.run || before.timeNs === undefined || point.timeNs === undefined)
      return undefined;
    const [was, is] = [of((name) => before.counters[name]), of((name) => point.counters[name])];
    if (was === undefined || is === undefined) return undefined;
    const rise = subtract(is, was);
    const elapsedNs = subtract(point.timeNs, before.timeNs);
    const rate = elapsedNs > 0 ? (ratio(rise, elapsedNs) ?? 0) * 1e9 : undefined;
    some ||= rate !== undefined;
    return rate !== undefined && rate < 0 ? 0 : rate;
  });
  return some ? rates : null;
}

/** @returns the rise over the whole recording per second; undefined where it cannot be said */
export function meanPerSecond({ observedNs }: Report, rise: U64 | undefined): number | undefined {
  const mean = rise === undefined || observedNs === 0 ? null : ratio(rise, observedNs);
  return mean === null ? undefined : mean * 1e9;
}
