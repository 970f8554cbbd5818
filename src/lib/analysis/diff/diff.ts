import { InputError } from '../../errors.ts';
import { median, medianInterval } from '../statistics/median.ts';
import { fraction, minus, order, type Rational, toNumber, ZERO } from '../statistics/rational.ts';
import { type Case, type Judged, judgeFamily } from './compare.ts';
import { type DiffMetric, metricsFor, type PartKind } from './metric.ts';
import { amountsAfter, type NotComparable, type Observation, type Observed, observe } from './observe.ts';
import { type Pairing, type PairingChoice, pair } from './pairing.ts';
import type { Comparison, Diff, FailOn, Incomparable, Outcome, SideSummary, Summary } from './result.ts';
import { lastOf, type Run } from './run.ts';
import { type Rule, ruleFor, type ThresholdChoices } from './threshold.ts';

/** One side: what was read from the files named. */
export interface Side {
  readonly sources: readonly string[];
  readonly runs: readonly Run[];
}

export interface DiffChoice extends PairingChoice {
  readonly failOn: FailOn;
  /** Chance of one false alarm in the whole comparison; the confidence of intervals is what is left of 1. */
  readonly alpha: number;
  readonly by: readonly PartKind[];
  readonly thresholds: ThresholdChoices;
}

/**
 * Sets two sides against each other.
 * @throws InputError where nothing can be compared, or where a metric that a threshold names cannot: a gate must not pass for want of numbers
 */
export function diff(before: Side, after: Side, choice: DiffChoice): Diff {
  for (const [name, side] of [
    ['before', before],
    ['after', after],
  ] as const)
    if (side.runs.length === 0) throw new InputError('empty-side', `the ${name} side holds no snapshot`);
  const pairing = pair(before.runs, after.runs, choice);
  const ends = [...pairing.before, ...pairing.after].map(({ end }) => end);
  const { entries, notComparable } = observeAll(metricsFor(choice.by, ends), pairing, choice);
  const gated = entries.filter((entry) => isGated(entry.rule, choice.failOn));
  if (gated.length === 0 && !notComparable.some((one) => one.beyondMax)) throw nothingInCommon(notComparable);
  const lost = notComparable.find(({ explicit, beyondMax }) => explicit && !beyondMax);
  if (lost && !entries.some(({ rule, metric }) => rule.explicit && metric.name === lost.name))
    throw new InputError(
      'not-comparable',
      `a threshold names ${lost.name}, which ${lost.reason.side === 'both' ? 'both sides lack' : `the ${lost.reason.side} side lacks`}`,
      `compare snapshots that have it, or say --threshold ${lost.name}=off`,
    );
  const verdicts = new Map<Entry, Judged>();
  // What is only information must not make the gate's own tests harder to pass.
  for (const family of [gated, entries.filter((entry) => !gated.includes(entry))])
    for (const [i, judged] of judgeFamily(family, choice.alpha).entries()) verdicts.set(family[i] as Entry, judged);
  const comparisons = entries.map((entry) =>
    comparisonOf(entry, verdicts.get(entry) as Judged, gated.includes(entry), choice.alpha),
  );
  const outcome = outcomeOf(comparisons, notComparable, pairing, choice.failOn);
  return {
    mode: pairing.mode,
    samples: pairing.samples,
    since: pairing.since,
    before: summaryOf(before),
    after: summaryOf(after),
    failOn: choice.failOn,
    alpha: choice.alpha,
    tests: comparisons.filter(({ gated, p }) => gated && p !== undefined).length,
    comparisons,
    notComparable,
    outcome,
    needed:
      outcome === 'not-enough-samples'
        ? Math.max(...comparisons.map(({ needed, gated }) => (gated ? (needed ?? 0) : 0)))
        : null,
  };
}

interface Entry extends Case {
  readonly metric: DiffMetric;
  readonly observed: Observed;
}

function observeAll(metrics: readonly DiffMetric[], pairing: Pairing, choice: DiffChoice) {
  const entries: Entry[] = [];
  const notComparable: Incomparable[] = [];
  for (const metric of metrics) {
    const rule = ruleFor(metric, choice.thresholds);
    if (rule === null) continue;
    const beyondMax = isBeyondMax(metric, pairing, rule);
    const observed = observe(metric, pairing);
    if ('code' in observed) {
      if (!metric.twin)
        notComparable.push({
          name: metric.name,
          part: metric.part,
          gated: isGated(rule, choice.failOn),
          explicit: rule.explicit,
          reason: observed,
          beyondMax,
        });
      continue;
    }
    if (metric.twin && observed.per?.name === metric.operations[0]?.name) continue;
    entries.push({
      metric,
      observed,
      rule,
      beyondMax,
      // Intervals of one process differ whatever the program does.
      noisy: metric.noisy || observed.per?.name === 'second' || pairing.samples === 'interval',
      ...values(observed),
    });
  }
  return { entries, notComparable };
}

function values({ before, after }: Observed): { before: Rational[]; after: Rational[] } {
  return { before: before.map(({ value }) => value), after: after.map(({ value }) => value) };
}

/** A limit on a counter is on the count, whatever it is divided by; on anything else it is on the value. */
function isBeyondMax(metric: DiffMetric, pairing: Pairing, { max }: Rule): boolean {
  if (!max) return false;
  if (metric.operations[0]?.name === '') {
    const observed = observe(metric, pairing);
    return !('code' in observed) && observed.after.some(({ value }) => order(value, max) > 0);
  }
  return amountsAfter(metric, pairing)?.some((amount) => order(fraction(amount), max) > 0) ?? false;
}

function isGated({ worse, max }: Rule, failOn: FailOn): boolean {
  return worse !== undefined || max !== undefined || failOn === 'change';
}

function nothingInCommon(notComparable: readonly { reason: NotComparable }[]): InputError {
  const idle = notComparable.some(({ reason }) => reason.code === 'no-operations');
  return new InputError(
    'nothing-comparable',
    `nothing can be compared: ${idle ? 'there are no operations to divide by' : 'no number with a worse direction is on both sides'}`,
    "see which numbers a snapshot has with 'tslab stats --fields'",
  );
}

function comparisonOf(
  { metric, observed, rule, beyondMax }: Entry,
  judged: Judged,
  gated: boolean,
  alpha: number,
): Comparison {
  const { before, after } = values(observed);
  const [was, is] = [median(before), median(after)];
  const distance = minus(is, was);
  return {
    name: metric.name,
    part: metric.part,
    unit: metric.unit,
    help: metric.help,
    per: observed.per && { name: observed.per.name, times: observed.per.name === 'second' ? 1 : observed.per.times },
    worse: rule.worse ?? null,
    gated,
    explicit: rule.explicit,
    status: judged.status,
    exact: judged.exact,
    before: summarise(observed.before, alpha),
    after: summarise(observed.after, alpha),
    difference: toNumber(distance),
    relative:
      order(was, ZERO) === 0
        ? order(is, ZERO) === 0
          ? 0
          : null
        : toNumber(fraction(distance.numerator * was.denominator * sign(was), distance.denominator * magnitude(was))),
    threshold: {
      relative: toNumber(rule.relative),
      absolute: toNumber(rule.absolute),
      ...(rule.max && { max: toNumber(rule.max) }),
    },
    beyondMax,
    ...(judged.p !== undefined && { p: judged.p }),
    ...(judged.adjustedP !== undefined && { adjustedP: judged.adjustedP }),
    ...(judged.needed !== undefined && { needed: judged.needed }),
  };
}

function sign({ numerator }: Rational): bigint {
  return numerator < 0n ? -1n : 1n;
}

function magnitude(value: Rational): bigint {
  return value.numerator * sign(value);
}

function summarise(observations: readonly Observation[], alpha: number): Summary {
  const all = observations.map(({ value }) => value);
  const [only] = observations;
  const middle = toNumber(median(all));
  if (observations.length === 1 && only)
    return {
      samples: 1,
      median: middle,
      amount: only.amount,
      ...(only.operations !== undefined && { operations: only.operations }),
    };
  const { low, high, confidence } = medianInterval(all, 1 - alpha);
  return { samples: all.length, median: middle, low: toNumber(low), high: toNumber(high), confidence };
}

function summaryOf({ sources, runs }: Side): SideSummary {
  return {
    sources,
    snapshots: runs.reduce((sum, run) => sum + run.seen, 0),
    processes: runs.length,
    pids: runs.flatMap((run) => lastOf(run).pid ?? []),
  };
}

function outcomeOf(
  comparisons: readonly Comparison[],
  notComparable: readonly Incomparable[],
  pairing: Pairing,
  failOn: FailOn,
): Outcome {
  const gated = comparisons.filter((one) => one.gated);
  if (notComparable.some(({ beyondMax }) => beyondMax)) return 'regression';
  if (gated.some(({ status }) => status === 'regression')) return 'regression';
  if (failOn === 'change' && gated.some(({ status }) => status === 'improvement' || status === 'change'))
    return 'change';
  // With one snapshot a side nobody asked for statistics: what only they can tell is shown as not judged, unless a threshold named it.
  const single = pairing.before.length === 1 && pairing.after.length === 1;
  if (gated.some(({ status, explicit }) => status === 'too-few' && (!single || explicit))) return 'not-enough-samples';
  return 'fine';
}
