import { existsSync, readFileSync } from 'node:fs';
import { BENCH_FILES } from '../bench/report/files.ts';
import type { Results } from '../bench/results.ts';

/** Where `npm run bench -- --docs` leaves what it measured. */
const RESULTS = 'docs/performance.json';

/** The pages and charts that are made of the last measurement; none before the first. */
export function benchPages(): Record<string, () => string> {
  if (!existsSync(RESULTS)) return {};
  const results = JSON.parse(readFileSync(RESULTS, 'utf8')) as Results;
  return Object.fromEntries(Object.entries(BENCH_FILES).map(([path, make]) => [path, () => make(results)]));
}
