import type { Verdict } from '../analysis/validate.ts';
import { stringifyExact } from '../snapshot/exact-json.ts';
import { phrase } from '../snapshot/phrases.ts';
import { InvalidSnapshot } from '../snapshot/problem.ts';

/** @returns lines on what is wrong with one snapshot, or null where nothing is */
export function renderVerdict(verdict: Verdict, name: string): string | null {
  const where = `${name}:${verdict.at.line}`;
  if (verdict.kind === 'rejected') return `${where}: rejected (${verdict.error.code}): ${verdict.error.message}`;
  if (verdict.warnings.length === 0) return null;
  return verdict.warnings.map((warning) => `${where}: ${warning.code}: ${phrase(warning)}`).join('\n');
}

/** @returns one line of JSON per snapshot, good ones included */
export function verdictJson(verdict: Verdict): string {
  const { at } = verdict;
  if (verdict.kind === 'read')
    return stringifyExact({
      line: at.line,
      offset: at.offset,
      valid: true,
      warnings: verdict.warnings.map((warning) => ({ ...warning, message: phrase(warning) })),
    });
  const { error } = verdict;
  const problems = error instanceof InvalidSnapshot ? error.problems : [];
  return stringifyExact({
    line: at.line,
    offset: at.offset,
    valid: false,
    code: error.code,
    message: error.message,
    problems,
  });
}
