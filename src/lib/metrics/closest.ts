/** @returns those names that a person who typed `wanted` may have meant, likeliest first; at most `most` */
export function closest(wanted: string, names: Iterable<string>, most = 5): string[] {
  const typed = wanted.toLowerCase();
  return [...new Set(names)]
    .map((name) => ({ name, distance: distance(typed, name) }))
    .filter(({ distance }) => distance <= Math.max(2, typed.length / 3))
    .sort((a, b) => a.distance - b.distance || a.name.length - b.name.length)
    .slice(0, most)
    .map(({ name }) => name);
}

/** What a name contains or begins with counts as nearly typed: people abbreviate. */
function distance(typed: string, name: string): number {
  if (typed.length > 2 && name.includes(typed)) return 1;
  return Math.min(edits(typed, name), edits(typed, name.slice(0, typed.length)) + 1);
}

/** Levenshtein's distance: insertions, deletions and substitutions that make one of the other. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
