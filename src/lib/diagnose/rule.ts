import type { Arguments, Code, Confidence, Evidence, Finding, Owner, Severity } from './finding.ts';
import type { Observation } from './observation.ts';
import type { Limits } from './thresholds.ts';

/** One thing to look for. */
export interface Rule<C extends Code = Code> {
  readonly code: C;
  /**
   * state: what is so now; looking twice adds how it came to be so · counts: counters, which from one look are totals since the start of the process
   * and hide when things happened · change: takes two looks.
   */
  readonly judges: 'state' | 'counts' | 'change';
  /** Numbers it cannot do without, as paths of the metric catalogue (pathOf); of each inner list, one is enough. */
  readonly fields: readonly (readonly string[])[];
  /** @returns findings of this code; none where all is well */
  readonly judge: (observation: Observation, limits: Limits<C>) => Finding<C>[];
}

/** @returns a finding; keeps the discriminant and its arguments together for the type checker */
export function finding<C extends Code>(
  code: C,
  severity: Severity,
  confidence: Confidence,
  owner: Owner,
  evidence: readonly Evidence[],
  args: Arguments[C],
): Finding<C> {
  return { code, severity, confidence, owner, evidence, args } as unknown as Finding<C>;
}
