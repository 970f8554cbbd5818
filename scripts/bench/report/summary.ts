import type { Results } from '../results.ts';
import { barsTable, instructionsTable, ratiosTable, throughputTable } from './tables.ts';

/** What the terminal shows at the end. */
export function summary(results: Results): string {
  const parts = [throughputTable(results), ratiosTable(results), instructionsTable(results), barsTable(results)];
  const warning = results.quick ? 'A quick pass: the figures are rough.\n\n' : '';
  return `${warning}${parts.join('\n')}`;
}
