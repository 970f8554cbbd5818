import { FAMILIES } from './families.ts';

/**
 * PromQL in pieces. A family that is not in the catalogue is an error when the files are generated, not at 3 a.m.
 *
 * Aggregations drop what they name (`without`) instead of naming what stays: whatever tells processes apart — job, instance,
 * pid, command, a pod — survives into the alert.
 */

/** @returns the name, which the catalogue knows @throws for any other */
export function family(name: string): string {
  if (!FAMILIES.has(name)) throw new Error(`no such family: ${name}`);
  return name;
}

/** Sums over object sizes: one value per process (and label, where there is one). */
export const overClasses = (expression: string): string => `sum without (class, object_size) (${expression})`;

/** One value per process of what is said per epoch. */
export const overEpochs = (expression: string): string => `sum without (epoch, state, label) (${expression})`;

/**
 * One value per process of what each of its allocators says of the whole process, RSS above all; with `sum`, of what each says of itself.
 * With /sd, allocators are told apart by `process`, too.
 */
export const perProcess = (expression: string, aggregate: 'max' | 'sum' = 'max'): string =>
  `${aggregate} without (allocator_instance, name, process) (${expression})`;

/** An epoch stays the same series while it goes from ACTIVE to CLOSING. */
export const anyState = (expression: string): string => `max without (state) (${expression})`;

/** @param selector `{…}` or nothing */
export const rate = (name: string, window: string, selector = ''): string =>
  `rate(${family(name)}${selector}[${window}])`;

/**
 * A ratio that has no value, instead of a wrong one, where its denominator is not above `least`:
 * neither NaN nor the made-up number that clamp_min gives.
 */
export const ratio = (of: string, over: string, least = 0): string => `${of}\n  / (${over} > ${least})`;

/**
 * True while the counter went up within the window, also where the first scrape of a process already found it above 0:
 * increase() sees only what happens between two samples. A gap of up to an hour in the scrapes is no new process.
 */
export const wentUp = (name: string, window: string): string =>
  `increase(${family(name)}[${window}]) > 0\nor (${name} > 0 unless max_over_time(${name}[1h] offset ${window}))`;
