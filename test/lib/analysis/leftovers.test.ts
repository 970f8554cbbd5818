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
const epoch = (epoch_era: number, label: string, live_objects = 10) => ({
  epoch_id: 0,
  epoch_era,
  label,
  live_objects,
  live_bytes: live_objects * 64,
});

describe('leftovers', () => {
  test('exact sums, classes that hold something, slices oldest first', () => {
    const left = leftoversIn(snapshot([epoch(3, '12:00:03'), epoch(2, '12:00:02', 0), epoch(1, '12:00:01')]), 1000);
    expect(left.objects).toBe(2n ** 60n + 1n);
    expect(left.bytes).toBe(2n ** 63n + 768n);
    expect(left.classes.map(({ name }) => name)).toEqual(['128 B', '768 B']);
    expect(left.slices.map(({ name }) => name)).toEqual(['12:00:01', '12:00:03']);
  });

  test.each([
    ['12:00:01', 1000, 10],
    ['12:00:01Z', 500, 20],
    ['12:00:01.500', 100, 100],
    ['12:00:00-12:00:05', 1000, 2],
    ['12:00:00.000-12:00:02.500', 500, 4],
    ['23:59:58-00:00:02Z', 1000, 2.5],
    ['11-23 12:00:00-11-23 12:00:10Z', 1000, 1],
    ['11-23 12:00:00-11-24 12:00:10', 1000, undefined],
    ['request-handler', 1000, undefined],
    ['', 1000, undefined],
  ])('%s in slices of %i ms: %s a second', (label, epochMs, rate) => {
    expect(leftoversIn(snapshot([epoch(1, label)]), epochMs).slices[0]?.objectsPerSecond).toBe(rate);
  });

  test('without slices there are no rates', () => {
    expect(leftoversIn(snapshot([epoch(1, '12:00:01')]), undefined).slices[0]).not.toHaveProperty('objectsPerSecond');
  });
});
