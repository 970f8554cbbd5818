import { describe, expect, test } from 'vitest';
import { leftoversIn } from '../../../src/lib/analysis/leftovers.ts';
import type { Snapshot } from '../../../src/lib/snapshot/model.ts';

const snapshot = (epochs: NonNullable<Snapshot['epochs']>): Snapshot => ({
  classes: [
    { object_size: 64, live_objects: 0, live_bytes: 0 },
    { object_size: 128, live_objects: 2n ** 60n, live_bytes: 2n ** 63n },
    { object_size: 768, live_objects: 1, live_bytes: 768 },
  ],
  epochs,
});
const noonMs = Date.UTC(2026, 10, 23, 12);
const at = (second: number) => noonMs + second * 1000;
const ns = (second: number) => BigInt(Math.round(at(second))) * 1_000_000n;
/** @param opened seconds after noon */
const epoch = (epoch_era: number, label: string, opened: number, live_objects = 10) => ({
  epoch_id: 0,
  epoch_era,
  label,
  open_since_ns: ns(opened),
  live_objects,
  live_bytes: live_objects * 64,
});
/** Of a program that was at work from days before until days after. */
const slices = (epochMs: number) => ({ epochMs, madeMs: at(-1e6), endedMs: at(1e6), utcOffsetMin: 0 });

describe('leftovers', () => {
  test('exact sums, classes that hold something, slices oldest first', () => {
    const left = leftoversIn(
      snapshot([epoch(3, '12:00:03', 3), epoch(2, '12:00:02', 2, 0), epoch(1, '12:00:01', 1)]),
      slices(1000),
    );
    expect(left.objects).toBe(2n ** 60n + 1n);
    expect(left.bytes).toBe(2n ** 63n + 768n);
    expect(left.classes.map(({ name }) => name)).toEqual(['128 B', '768 B']);
    expect(left.slices.map(({ name }) => name)).toEqual(['12:00:01', '12:00:03']);
  });

  test.each([
    ['12:00:01', 1000, 1, 10],
    ['12:00:01Z', 500, 1, 20],
    ['12:00:01.500', 100, 1.5, 100],
    ['12:00:00-12:00:05', 1000, 0, 2],
    ['12:00:00.000-12:00:02.500', 500, 0, 4],
    ['23:59:58-00:00:02Z', 1000, 43_198, 2.5],
    ['11-23 12:00:00-11-23 12:00:10Z', 1000, 0, 1],
    ['11-23 12:00:00-11-24 12:00:10', 1000, 0, null],
    ['request-handler', 1000, 0, undefined],
    ['', 1000, 0, undefined],
  ])('%s in slices of %i ms: from second %d on, %s a second', (label, epochMs, opened, rate) => {
    const [slice] = leftoversIn(snapshot([epoch(1, label, opened)]), slices(epochMs)).slices;
    expect(slice?.objectsPerSecond).toBe(rate);
  });

  test.each([
    ['began in the slice', { madeMs: at(1.8) }, 1.8, 50],
    ['ended in the slice', { endedMs: at(1.25) }, 1, 40],
    ['began and ended in it', { madeMs: at(1.5), endedMs: at(1.6) }, 1.5, 100],
    ['ended in it, and had opened it late for being busy', { endedMs: at(1.25) }, 1.05, 50],
    ['ended in it, and had opened it late for having been idle', { endedMs: at(1.5) }, 1.49, 20],
    ['was over at once', { madeMs: at(1.001), endedMs: at(1.002) }, 1.001, null],
    ['began a tick of the clock before', { madeMs: at(0.996) }, 0.996, 10 / 1.004],
  ])('of a program that %s', (_, times, opened, rate) => {
    const { slices: left } = leftoversIn(snapshot([epoch(1, '12:00:01', opened)]), { ...slices(1000), ...times });
    if (rate === null) expect(left[0]?.objectsPerSecond).toBeNull();
    else expect(left[0]?.objectsPerSecond).toBeCloseTo(rate, 3);
  });

  test('labels are of the time zone that the program was told', () => {
    const slicing = { ...slices(60_000), endedMs: at(15), utcOffsetMin: -210 };
    expect(leftoversIn(snapshot([epoch(1, '08:30:00', 0)]), slicing).slices[0]?.objectsPerSecond).toBeCloseTo(10 / 15);
    expect(leftoversIn(snapshot([epoch(1, '12:00:00Z', 0)]), slicing).slices[0]?.objectsPerSecond).toBeCloseTo(10 / 15);
  });

  test('a producer that does not say when an epoch opened: the rate is not known', () => {
    const { open_since_ns: _, ...older } = epoch(1, '12:00:01', 1);
    expect(leftoversIn(snapshot([older]), slices(1000)).slices[0]?.objectsPerSecond).toBeNull();
  });

  test('without slices there are no rates', () => {
    const { slices: left } = leftoversIn(snapshot([epoch(1, '12:00:01', 1)]), undefined);
    expect(left[0]).not.toHaveProperty('objectsPerSecond');
  });
});
