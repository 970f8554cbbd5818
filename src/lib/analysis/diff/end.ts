import { FindingsFound, SamplesError, type TslabError } from '../../errors.ts';
import type { Diff } from './result.ts';

/** @returns what the command ends with after it has shown the comparison; null for success */
export function endOf({ outcome, failOn, comparisons, notComparable, needed }: Diff): TslabError | null {
  if (failOn === 'never' || outcome === 'fine') return null;
  if (outcome === 'not-enough-samples')
    return new SamplesError(
      'too-few-samples',
      `too few samples to tell a difference from noise: need at least ${needed} a side`,
      'run each side more often, or judge fewer metrics: --threshold METRIC=off',
    );
  const findings = comparisons.filter(
    ({ gated, status }) =>
      gated && (status === 'regression' || (failOn === 'change' && (status === 'change' || status === 'improvement'))),
  );
  return new FindingsFound(findings.length + notComparable.filter(({ beyondMax }) => beyondMax).length);
}
