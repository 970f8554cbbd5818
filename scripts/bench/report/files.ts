import type { Results } from '../results.ts';
export function benchFiles(_results: Results): Record<string, string> {
  return {};
}
