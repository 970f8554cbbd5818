/** Ticks at 1, 2 or 5 times a power of the base: 10 for counts, 2 for bytes. */
export interface Scale {
  readonly max: number;
  readonly step: number;
  readonly ticks: readonly number[];
}

/** Below, numbers of a chart are nothing. */
const SMALLEST = 1e-9;

/** @returns a scale from 0 to the first tick at or above the highest value */
export function scaleTo(highest: number, base: 2 | 10, wanted = 4): Scale {
  const step =
    base === 2
      ? 2 ** Math.ceil(Math.log2(Math.max(highest, wanted) / wanted))
      : niceStep(Math.max(highest, SMALLEST) / wanted);
  const count = Math.max(1, Math.ceil(highest / step));
  return { max: step * count, step, ticks: Array.from({ length: count + 1 }, (_, i) => i * step) };
}

/** Seconds that people count time in. */
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];

/** @returns ticks for elapsed seconds, or for numbers of snapshots where `whole` is set; the axis ends where the data ends */
export function ticksAlong(length: number, wanted: number, whole: boolean): Scale {
  const nice = niceStep(length / wanted);
  const step = whole
    ? Math.max(1, nice)
    : length / wanted > 0.5
      ? (TIME_STEPS.find((one) => one >= length / wanted) ?? 86_400 * Math.ceil(length / wanted / 86_400))
      : nice;
  return { max: length, step, ticks: Array.from({ length: Math.floor(length / step + 1e-9) + 1 }, (_, i) => i * step) };
}

function niceStep(least: number): number {
  if (!(least > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(least));
  const lead = least / power;
  return (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10) * power;
}
