import type { Results } from '../results.ts';
export function summary(_results: Results): string {
  return '';
}
