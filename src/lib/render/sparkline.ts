const STEPS = '▁▂▃▄▅▆▇█';
const UNKNOWN = '·';

/**
 * @param values oldest first; undefined or null where nothing is known
 * @param cells how many of the latest are shown; shorter series are padded in front
 * @returns one character per value, from the lowest shown to the highest; a series that does not change is drawn low if it is 0 and in the middle if not
 */
export function sparkline(values: readonly (number | bigint | null | undefined)[], cells: number): string {
  const shown = values
    .slice(-cells)
    .map((value) => (value === null || value === undefined ? undefined : Number(value)));
  const known = shown.filter((value) => value !== undefined);
  const low = Math.min(...known);
  const span = Math.max(...known) - low;
  const steps = shown.map((value) => {
    if (value === undefined) return UNKNOWN;
    if (span === 0 || !Number.isFinite(span)) return STEPS[value === 0 ? 0 : 3];
    return STEPS[Math.min(STEPS.length - 1, Math.floor(((value - low) / span) * STEPS.length))];
  });
  return steps.join('').padStart(cells);
}
