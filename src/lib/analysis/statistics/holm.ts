/**
 * Holm (1979), "A simple sequentially rejective multiple test procedure": with it, the chance that a family of tests holds even one false
 * alarm stays below the level, whatever depends on what. A gate that cries wolf gets switched off, so that is what it must hold.
 * @param p the family's p-values
 * @returns the adjusted ones, in the same order: significant at a level where at most as large as it
 */
export function holm(p: readonly number[]): number[] {
  const ascending = p.map((value, index) => ({ value, index })).sort((a, b) => a.value - b.value);
  const adjusted = new Array<number>(p.length);
  let reached = 0;
  for (const [rank, { value, index }] of ascending.entries()) {
    reached = Math.max(reached, Math.min(1, (p.length - rank) * value));
    adjusted[index] = reached;
  }
  return adjusted;
}
