import { expect, test } from 'vitest';
import { InputError } from '../../../src/lib/errors.ts';
import { Collector } from '../../../src/lib/server/collector.ts';
import type { Reader } from '../../../src/lib/server/readers.ts';
import type { View } from '../../../src/lib/server/view.ts';

/** A reader whose looks end when the test says so. */
function reader() {
  const looks: { end: () => void; fail: (error: unknown) => void }[] = [];
  const made: Reader = {
    name: 'test',
    look: () =>
      new Promise((resolve, reject) =>
        looks.push({ end: () => resolve({ watched: [], omitted: 0, unusable: 0 }), fail: reject }),
      ),
    close() {},
  };
  return { made, looks };
}

test('however many ask at once, one reading is under way, and all get the same view', async () => {
  const { made, looks } = reader();
  const collector = new Collector(made, { intervalMs: undefined, reuseMs: 0 });
  const all = Array.from({ length: 200 }, () => collector.current());
  expect(looks).toHaveLength(1);
  looks[0]?.end();
  const views = await Promise.all(all);
  expect(new Set(views).size).toBe(1);
  const next = collector.current();
  expect(looks).toHaveLength(2);
  looks[1]?.end();
  expect((await next).sequence).toBe(1);
});

test('who asks soon after gets the same view; at an interval, everybody gets the last one', async () => {
  for (const pace of [
    { intervalMs: undefined, reuseMs: 60_000 },
    { intervalMs: 3_600_000, reuseMs: 0 },
  ]) {
    const { made, looks } = reader();
    const collector = new Collector(made, pace);
    const first = collector.current();
    looks[0]?.end();
    expect(await collector.current()).toBe(await first);
    expect(looks).toHaveLength(1);
    collector.close();
  }
});

test('a reading that fails is a view that says why; the next one may work', async () => {
  const { made, looks } = reader();
  const collector = new Collector(made, { intervalMs: undefined, reuseMs: 0 });
  const heard: View[] = [];
  collector.onView((view) => heard.push(view));
  const first = collector.current();
  looks[0]?.fail(new InputError('x', 'gone'));
  expect(await first).toMatchObject({ failure: 'gone', watched: [] });
  const second = collector.current();
  looks[1]?.end();
  expect((await second).failure).toBe(undefined);
  expect([collector.counts.looks, collector.counts.failures, heard.length]).toEqual([2, 1, 2]);
});

test('a defect is not taken for a source that failed', async () => {
  const { made, looks } = reader();
  const collector = new Collector(made, { intervalMs: undefined, reuseMs: 0 });
  const view = collector.current();
  looks[0]?.fail(new TypeError('bug'));
  await expect(view).rejects.toThrow('bug');
});
