const STEPS = '▁▂▃▄▅▆▇█';
const UNKNOWN = '·';

/**
 * @param values oldest first; undefined or null where nothing is known
 * @param cells how many of the latest are shown; shorter series are padded in front
 * @param from 'zero' for rates, whose noise would else look like swings; 'lowest' for amounts, whose growth would else not be seen
 * @returns one character per value, up to the highest; a series that does not change is drawn low if it is 0 and in the middle if not
 */
export function sparkline(
  values: readonly (number | bigint | null | undefined)[],
  cells: number,
  from: 'zero' | 'lowest',
): string {
  const shown = values
    .slice(-cells)
    .map((value) => (value === null || value === undefined ? undefined : Number(value)));
  const known = shown.filter((value) => value !== undefined);
  const low = Math.min(...known, ...(from === 'zero' ? [0] : []));
  const span = Math.max(...known) - low;
  const steps = shown.map((value) => {
    if (value === undefined) return UNKNOWN;
    if (span === 0 || Math.max(...known) === Math.min(...known) || !Number.isFinite(span))
      return STEPS[value === 0 ? 0 : 3];
    return STEPS[Math.min(STEPS.length - 1, Math.floor(((value - low) / span) * STEPS.length))];
  });
  return steps.join('').padStart(cells);
}
