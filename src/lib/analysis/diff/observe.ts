import type { Snapshot } from '../../snapshot/model.ts';
import type { U64 } from '../../snapshot/u64.ts';
import { effectiveSize } from '../statistics/autocorrelation.ts';
import { median } from '../statistics/median.ts';
import { fraction, type Rational, toNumber } from '../statistics/rational.ts';
import type { DiffMetric } from './metric.ts';
import type { Operation } from './operation.ts';
import { batchesOf, type Pairing, type Window } from './pairing.ts';

/** One number of one sample, with what it was made of. */
export interface Observation {
  readonly value: Rational;
  /** The count or the gauge itself, exact: what happened in the window, or what stood at its end. */
  readonly amount: bigint;
  /** What it was divided by. */
  readonly operations?: bigint;
}

export interface Observed {
  readonly before: readonly Observation[];
  readonly after: readonly Observation[];
  /** What counts are divided by; null for gauges and ratios. */
  readonly per: Operation | null;
}

/** Why a metric cannot be compared; phrases stand in render/diff. */
export type NotComparable =
  | { readonly code: 'absent'; readonly side: 'before' | 'after' | 'both' }
  | { readonly code: 'no-operations'; readonly side: 'before' | 'after' | 'both' };

/** More batches of a recording than this add no power that a gate needs, and cost independence. */
const MAX_BATCHES = 32;

const PER_SECOND: Operation = { name: 'second', read: (snapshot) => snapshot.timestamp_ns, times: 1_000_000_000 };

/** @returns what the sides say on a metric, or why they cannot be compared on it */
export function observe(metric: DiffMetric, pairing: Pairing): Observed | NotComparable {
  const sides = { before: amounts(metric, pairing.before), after: amounts(metric, pairing.after) };
  const absent = sideWhere(sides, (values) => values.some((value) => value === undefined));
  if (absent) return { code: 'absent', side: absent };
  const isRatio = metric.operations.length === 1 && metric.operations[0]?.name === '';
  if (!metric.cumulative && !isRatio) return windowed(metric, pairing, null);
  for (const operation of isRatio ? metric.operations : [...metric.operations, PER_SECOND]) {
    const usable = wholes(pairing).every((window) => isAbove0(divisor(metric, operation, window)));
    if (usable) return windowed(metric, pairing, operation);
  }
  const [operation = PER_SECOND] = metric.operations;
  const divisors = {
    before: pairing.before.map((window) => divisor(metric, operation, window)),
    after: pairing.after.map((window) => divisor(metric, operation, window)),
  };
  const unsaid = sideWhere(divisors, (values) => values.some((value) => value === undefined));
  if (unsaid) return { code: 'absent', side: unsaid };
  return { code: 'no-operations', side: sideWhere(divisors, (values) => !values.every(isAbove0)) ?? 'both' };
}

/** @returns what must have operations to divide by: every run, or each recording as a whole, whose idle intervals are merged away */
function wholes({ samples, before, after }: Pairing): Window[] {
  return samples === 'run' ? [...before, ...after] : [...batchesOf(before, 1), ...batchesOf(after, 1)];
}

/** @returns the count or gauge of each window, for limits that ask for no divisor; undefined where one is absent */
export function amountsAfter(metric: DiffMetric, pairing: Pairing): bigint[] | undefined {
  const values = amounts(metric, pairing.after);
  return values.every((value) => value !== undefined) ? values : undefined;
}

function amounts(metric: DiffMetric, windows: readonly Window[]): (bigint | undefined)[] {
  return windows.map((window) =>
    metric.cumulative ? growth(metric.amount, window) : exact(metric.amount(window.end)),
  );
}

function windowed(metric: DiffMetric, pairing: Pairing, operation: Operation | null): Observed {
  const side = (windows: readonly Window[]) =>
    (pairing.samples === 'interval' ? independent(metric, windows, operation) : windows).map((window) =>
      observation(metric, window, operation),
    );
  return {
    before: side(pairing.before),
    after: side(pairing.after),
    per: operation === null || operation.name === '' ? null : operation,
  };
}

/**
 * Batch means (Law and Kelton, Simulation Modeling and Analysis, § 9.5): neighbouring intervals of one process resemble each other, and a test that
 * took them for independent would find differences in noise. Contiguous intervals are merged to as many as there are independent values in them.
 */
function independent(metric: DiffMetric, windows: readonly Window[], operation: Operation | null): Window[] {
  const isIdle = (window: Window) => operation !== null && !isAbove0(divisor(metric, operation, window));
  let batches = [...windows];
  while (batches.length > 1 && batches.some(isIdle)) batches = batchesOf(windows, batches.length >> 1);
  for (;;) {
    const count = effectiveSize(batches.map((window) => toNumber(observation(metric, window, operation).value)));
    if (count >= batches.length) return batchesOf(batches, MAX_BATCHES);
    batches = batchesOf(windows, count);
  }
}

function observation(metric: DiffMetric, window: Window, operation: Operation | null): Observation {
  if (metric.cumulative) {
    const amount = growth(metric.amount, window) ?? 0n;
    const operations = (operation && divisor(metric, operation, window)) ?? 1n;
    return { amount, operations, value: fraction(amount * BigInt(operation?.times ?? 1), operations) };
  }
  const values = window.gauges.flatMap((snapshot) => {
    const amount = exact(metric.amount(snapshot));
    const over = operation === null ? 1n : exact(operation.read(snapshot));
    return amount === undefined || !isAbove0(over) ? [] : [fraction(amount * BigInt(operation?.times ?? 1), over)];
  });
  return { amount: exact(metric.amount(window.end)) ?? 0n, value: median(values) };
}

function divisor(metric: DiffMetric, operation: Operation, window: Window): bigint | undefined {
  if (!metric.cumulative) return exact(operation.read(window.end));
  // The clock did not start with the process.
  if (operation === PER_SECOND && !window.start) return undefined;
  return growth(operation.read, window);
}

/** @returns how much a counter grew; undefined where it is absent at an end */
function growth(read: (snapshot: Snapshot) => U64 | undefined, { start, end }: Window): bigint | undefined {
  const to = exact(read(end));
  if (!start) return to;
  const from = exact(read(start));
  return from === undefined || to === undefined ? undefined : to - from;
}

function exact(value: U64 | undefined): bigint | undefined {
  return value === undefined ? undefined : BigInt(value);
}

function isAbove0(value: bigint | undefined): value is bigint {
  return value !== undefined && value > 0n;
}

function sideWhere<T>(
  { before, after }: { before: T; after: T },
  holds: (values: T) => boolean,
): 'before' | 'after' | 'both' | undefined {
  const [first, second] = [holds(before), holds(after)];
  return first && second ? 'both' : first ? 'before' : second ? 'after' : undefined;
}
