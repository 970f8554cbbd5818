import type { Part } from '../../analysis/diff/metric.ts';
import type { Diff, SideSummary, Summary } from '../../analysis/diff/result.ts';
import type { Proof } from '../../analysis/diff/self-test.ts';
import { stringifyExact } from '../../snapshot/exact-json.ts';
import { jsonForTerminal } from '../safe-text.ts';

/** @returns the document that schemas/diff.schema.json describes, with a final newline */
export function diffJson(diff: Diff, exitCode: number): string {
  return print({
    schema_version: 1,
    outcome: diff.outcome,
    exit_code: exitCode,
    mode: diff.mode,
    samples: diff.samples,
    since: diff.since,
    fail_on: diff.failOn,
    alpha: diff.alpha,
    correction: 'holm',
    tests: diff.tests,
    needed: diff.needed,
    before: side(diff.before),
    after: side(diff.after),
    comparisons: diff.comparisons.map((one) => ({
      metric: one.name,
      part: part(one.part),
      unit: one.unit,
      per: one.per && { operation: one.per.name, times: one.per.times },
      worse: one.worse,
      gated: one.gated,
      status: one.status,
      exact: one.exact,
      before: summary(one.before),
      after: summary(one.after),
      difference: one.difference,
      relative: one.relative,
      threshold: one.threshold,
      beyond_max: one.beyondMax,
      p: one.p,
      adjusted_p: one.adjustedP,
      needed: one.needed,
    })),
    not_comparable: diff.notComparable.map((one) => ({
      metric: one.name,
      part: part(one.part),
      gated: one.gated,
      reason: one.reason.code,
      side: one.reason.side,
      beyond_max: one.beyondMax,
    })),
  });
}

/** @returns the self-test's document, as schemas/diff.schema.json describes it under $defs */
export function selfTestJson(proofs: readonly Proof[]): string {
  return print({
    schema_version: 1,
    self_test: proofs.map((one) => ({
      metric: one.name,
      part: part(one.part),
      result: one.result,
      samples: one.samples,
    })),
  });
}

function print(document: object): string {
  return `${jsonForTerminal(stringifyExact(document, 2))}\n`;
}

function side({ sources, snapshots, processes, pids }: SideSummary): object {
  return { sources, snapshots, processes, pids };
}

function summary({ samples, median, low, high, confidence, amount, operations }: Summary): object {
  return { samples, median, low, high, confidence, amount, operations };
}

function part(of: Part): object {
  switch (of.kind) {
    case 'total':
      return { kind: 'total' };
    case 'class':
      return { kind: 'class', object_size: Number(of.objectSize) };
    case 'label':
      return { kind: 'label', label: of.label };
  }
}
