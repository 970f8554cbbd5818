import type { Results } from './results.ts';

/** What was found for one bar. */
export interface Finding {
  value: number;
  /** The value as people read it, with what it was compared to. */
  said: string;
}

/** What temporal-slab holds itself to. Missed where the value is above the limit. */
export interface Bar {
  area: string;
  what: string;
  /** How the measured program reaches the hot paths; absent where that is all the same. */
  hotPaths?: 'called' | 'inlined';
  limit: number;
  saidLimit: string;
  /** Undefined where it was not measured. */
  find(results: Results): Finding | undefined;
}

export type Verdict = 'met' | 'missed' | 'not measured';

export function verdict(bar: Bar, finding: Finding | undefined): Verdict {
  if (!finding) return 'not measured';
  return finding.value <= bar.limit ? 'met' : 'missed';
}

export function found(value: number, said: string): Finding | undefined {
  return Number.isFinite(value) ? { value, said } : undefined;
}
