import type { Measure } from '../analysis/measure.ts';
import type { Value } from '../analysis/subject.ts';
import { ABSENT, formatBytes, formatMetric, formatSi } from '../units.ts';

/** @returns a measure's value as people read it; a rate without its `/s`, which belongs into the title */
export function valueText(value: Value, { unit }: Measure, rate: boolean): string {
  if (value === null || value === undefined) return ABSENT;
  if (!rate) return formatMetric(value, unit);
  const perSecond = Number(value);
  return unit === 'bytes' ? formatBytes(perSecond) : formatSi(perSecond);
}

/** @returns the same, short: counts with SI prefixes, no space before a unit */
export function shortText(value: Value, measure: Measure, rate: boolean): string {
  if (value === null || value === undefined) return ABSENT;
  const isCount = !['bytes', 'ratio', 'percent', 'seconds', 'nanoseconds', 'timestamp', 'id'].includes(measure.unit);
  return (isCount ? formatSi(Number(value)) : valueText(value, measure, rate)).replace(' ', '');
}

/** @returns true where the value is shown per second: counters of two snapshots, and what grows, where growth is asked for */
export function isRate({ kind }: Measure, windowed: boolean, growth: boolean): boolean {
  return windowed && (kind === 'counter' || (growth && kind === 'gauge'));
}

export function titleOf(measure: Measure, rate: boolean): string {
  return rate ? `${measure.title}/s` : measure.title;
}
