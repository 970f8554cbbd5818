import type { Snapshot } from '../snapshot/model.ts';
import type { U64 } from '../snapshot/u64.ts';
import { bySeverity, type Code, type Finding } from './finding.ts';
import type { Observation } from './observation.ts';
import { Observer } from './observe.ts';
import type { Rule } from './rule.ts';
import { RULES } from './rules/rules.ts';
import { type AllLimits, limitsWith } from './thresholds.ts';

/** What one rule could make of what it was given. */
export type Check =
  /** since-start: from totals only; a window would show what happens now. */
  | { readonly code: Code; readonly judged: 'now' | 'since-start' | 'window' }
  | { readonly code: Code; readonly judged: 'no'; readonly lacks: Lack };

/** window: needs two looks · numbers: the producer does not say these. */
export type Lack = { readonly kind: 'window' } | { readonly kind: 'numbers'; readonly paths: readonly string[] };

export interface Diagnosis {
  /** Most severe first. */
  readonly findings: readonly Finding[];
  /** One for each rule, in the order of the table of rules. */
  readonly checks: readonly Check[];
  readonly observation: Observation;
}

export interface DiagnoseOptions {
  readonly limits?: AllLimits;
  /** Rules that are not asked. */
  readonly without?: ReadonlySet<Code>;
  /** Wall clock in nanoseconds, for a source that should be live. */
  readonly nowNs?: U64;
}

/**
 * Says what is wrong. Pure: reads no clock, keeps nothing.
 * @param snapshots looks at one source, oldest first; one is enough
 * @returns undefined where there is no snapshot
 */
export function diagnose(snapshots: Iterable<Snapshot>, options: DiagnoseOptions = {}): Diagnosis | undefined {
  const observer = new Observer();
  for (const snapshot of snapshots) observer.add(snapshot);
  const observation = observer.observation(options.nowNs);
  return observation && judge(observation, options);
}

/** The same for snapshots that came one by one: see Observer. */
export function judge(
  observation: Observation,
  { limits = limitsWith(), without = new Set() }: DiagnoseOptions = {},
): Diagnosis {
  const asked = RULES.filter(({ code }) => !without.has(code));
  const checks = asked.map((rule) => checkOf(rule, observation));
  const findings = asked
    .filter((_, i) => checks[i]?.judged !== 'no')
    .flatMap((rule) => rule.judge(observation, limits[rule.code] as never) as Finding[])
    .sort(bySeverity);
  return { findings, checks, observation };
}

function checkOf(rule: Rule, observation: Observation): Check {
  const { code, judges, fields } = rule;
  const missing = fields.filter((any) => !any.some((path) => holds(observation.last, path)));
  if (missing.length > 0) return { code, judged: 'no', lacks: { kind: 'numbers', paths: missing.flat() } };
  if (observation.delta) return { code, judged: 'window' };
  if (judges === 'change') return { code, judged: 'no', lacks: { kind: 'window' } };
  return { code, judged: judges === 'counts' ? 'since-start' : 'now' };
}

/** @returns true where the snapshot has a number at the path, in any element where it says `*` */
function holds(snapshot: Snapshot, path: string): boolean {
  let level: unknown[] = [snapshot];
  for (const part of path.split('/').slice(1)) {
    level = level.flatMap((value): unknown[] => {
      if (typeof value !== 'object' || value === null) return [];
      const inside = part === '*' ? Object.values(value) : [(value as Record<string, unknown>)[part]];
      return inside.filter((one) => one !== undefined);
    });
  }
  return level.length > 0;
}
