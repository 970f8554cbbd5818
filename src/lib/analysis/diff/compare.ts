import { holm } from '../statistics/holm.ts';
import { mannWhitney, samplesNeeded, smallestP } from '../statistics/mann-whitney.ts';
import { median } from '../statistics/median.ts';
import { minus, ONE, order, plus, type Rational, times, ZERO } from '../statistics/rational.ts';
import type { Status } from './result.ts';
import type { Rule } from './threshold.ts';

/** One metric's two sides, and how to judge them. */
export interface Case {
  readonly before: readonly Rational[];
  readonly after: readonly Rational[];
  /** Timing, the kernel or the clock have a say in it. */
  readonly noisy: boolean;
  readonly rule: Rule;
  /** A limit was passed. */
  readonly beyondMax: boolean;
}

export interface Judged {
  readonly status: Status;
  /** Judged by the numbers themselves rather than by a test. */
  readonly exact: boolean;
  readonly p?: number;
  /** p after Holm's correction for all the tests of the family. */
  readonly adjustedP?: number;
  /** Samples a side at which this could be told from noise; where status is too-few. */
  readonly needed?: number;
}

/**
 * Judges a family of metrics together: the correction depends on how many are tested.
 * @param alpha chance of one false alarm in the whole family, between 0 and 1
 * @returns one verdict per case, in order
 */
export function judgeFamily(cases: readonly Case[], alpha: number): Judged[] {
  const tested = cases.filter((one) => !isExact(one));
  const adjusted = holm(tested.map(({ before, after }) => mannWhitney(before, after).p));
  // The hardest step of Holm's procedure decides what the family can ever say.
  const level = alpha / tested.length;
  return cases.map((one) => {
    const at = tested.indexOf(one);
    if (at === -1) return { status: one.beyondMax ? 'regression' : difference(one), exact: true };
    const { p } = mannWhitney(one.before, one.after);
    const adjustedP = adjusted[at] ?? 1;
    const found = { exact: false, p, adjustedP };
    if (one.beyondMax) return { ...found, status: 'regression' };
    if (smallestP(one.before.length, one.after.length) > level && adjustedP > alpha)
      return { ...found, status: 'too-few', needed: samplesNeeded(isSingle(one) ? alpha / cases.length : level) };
    return { ...found, status: adjustedP <= alpha ? difference(one) : 'noise' };
  });
}

/**
 * One sample a side is enough where nothing but the program decides the number; more are judged the same way where each side always says the same.
 */
function isExact(one: Case): boolean {
  return isSame(one) || (!one.noisy && allEqual(one.before) && allEqual(one.after));
}

/** One sample a side says nothing of what else varies: then what is needed is reckoned for all of the family. */
function isSingle({ before, after }: Case): boolean {
  return before.length === 1 && after.length === 1;
}

function allEqual(values: readonly Rational[]): boolean {
  return values.every((value) => order(value, values[0] ?? ZERO) === 0);
}

function isSame({ before, after }: Case): boolean {
  return allEqual([...before, ...after]);
}

/**
 * @returns how the medians differ. Better is judged as worse is, with the sides swapped: what is a regression from A to B is an improvement
 * from B to A.
 */
function difference({ before, after, rule }: Case): Status {
  const [was, is] = [median(before), median(after)];
  const direction = order(is, was);
  if (direction === 0) return 'same';
  const { worse } = rule;
  if (worse === undefined) return exceeds(was, is, 'up', rule) || exceeds(is, was, 'up', rule) ? 'change' : 'within';
  if (exceeds(was, is, worse, rule)) return 'regression';
  return exceeds(is, was, worse, rule) ? 'improvement' : 'within';
}

/** @returns true where `to` is beyond `from` in the given direction by more than the relative and more than the absolute floor */
export function exceeds(
  from: Rational,
  to: Rational,
  direction: 'up' | 'down',
  { relative, absolute }: { readonly relative: Rational; readonly absolute: Rational },
): boolean {
  const distance = direction === 'up' ? minus(to, from) : minus(from, to);
  if (order(distance, absolute) <= 0 || order(distance, ZERO) <= 0) return false;
  return direction === 'up'
    ? order(to, times(from, plus(ONE, relative))) > 0
    : order(to, times(from, minus(ONE, relative))) < 0;
}
