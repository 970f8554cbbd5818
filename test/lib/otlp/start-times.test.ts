import { expect, test } from 'vitest';
import { StartTimes } from '../../../src/lib/otlp/start-times.ts';
import { watchedOf } from '../../../src/lib/server/view.ts';
import type { Snapshot } from '../../../src/lib/snapshot/model.ts';
import type { U64 } from '../../../src/lib/snapshot/u64.ts';
import { snapshotAt } from '../analysis/snapshots.ts';

const at = (snapshot: Snapshot, createdNs?: U64) => ({
  one: watchedOf(snapshot, '', createdNs),
  timeNs: snapshot.timestamp_ns ?? 0,
});
const time = (seconds: number) => snapshotAt(seconds, 0).timestamp_ns;

test('counters of an unknown beginning count since they were first seen, until they begin anew', () => {
  const starts = new StartTimes();
  const next = (snapshot: Snapshot) => starts.next([at(snapshot)])[0];
  expect(next(snapshotAt(0, 5))).toBe(time(0));
  expect(next(snapshotAt(1, 6))).toBe(time(0));
  expect(next(snapshotAt(1, 6))).toBe(time(0));
  // Reset.
  expect(next(snapshotAt(2, 1))).toBe(time(2));
  expect(next(snapshotAt(3, 9))).toBe(time(2));
  // Another process, another allocator of it.
  expect(next(snapshotAt(4, 9, { pid: 2 }))).toBe(time(4));
  expect(next(snapshotAt(5, 9, { pid: 2, allocator: { instance: 2 } }))).toBe(time(5));
});

test('a process that says nothing of itself: fallen counters alone tell', () => {
  const starts = new StartTimes();
  const next = (seconds: number, slow: number) => {
    const { pid, ...nameless } = snapshotAt(seconds, slow);
    return starts.next([at(nameless)])[0];
  };
  expect([next(0, 5), next(1, 6), next(2, 1), next(3, 2)]).toEqual([time(0), time(0), time(2), time(2)]);
});

test('a clock that was set back: no start is later than its point', () => {
  const starts = new StartTimes();
  expect(starts.next([at(snapshotAt(10, 5))])).toEqual([time(10)]);
  expect(starts.next([at(snapshotAt(3, 6))])).toEqual([time(3)]);
});

test('an allocator that says when it was made counts since then, also under an id that comes again', () => {
  const starts = new StartTimes();
  expect(starts.next([at(snapshotAt(0, 5), 7n)])).toEqual([7n]);
  expect(starts.next([at(snapshotAt(1, 6), 7n)])).toEqual([7n]);
  expect(starts.next([at(snapshotAt(2, 1), 8n)])).toEqual([8n]);
});

test('each of several processes has its own, and who was away begins anew', () => {
  const starts = new StartTimes();
  const both = (seconds: number) => [at(snapshotAt(seconds, 5)), at(snapshotAt(seconds, 5, { pid: 2 }))];
  expect(starts.next(both(0))).toEqual([time(0), time(0)]);
  expect(starts.next(both(1).slice(0, 1))).toEqual([time(0)]);
  expect(starts.next(both(2))).toEqual([time(0), time(2)]);
});
