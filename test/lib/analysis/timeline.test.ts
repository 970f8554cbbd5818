import { expect, test } from 'vitest';
import { Timeline } from '../../../src/lib/analysis/timeline.ts';
import { snapshotAt } from './snapshots.ts';

/** @returns the events' codes of each sample taken at those seconds */
function eventsAt(...seconds: number[]): string[][] {
  const timeline = new Timeline();
  return seconds.map((at, i) => timeline.next(snapshotAt(at, i)).events.map(({ code }) => code));
}

test('a steady pace has no events', () => {
  expect(eventsAt(0, 1, 2, 3.1, 3.9, 5, 6.5).flat()).toEqual([]);
});

test('counts the samples that are missing', () => {
  const timeline = new Timeline();
  for (const at of [0, 1, 2, 3]) timeline.next(snapshotAt(at, at));
  const { events, delta } = timeline.next(snapshotAt(8, 8));
  expect(events).toEqual([{ code: 'missed', samples: 4, gapNs: 5_000_000_000 }]);
  // The rate over the gap is right.
  expect(delta?.elapsedNs).toBe(5_000_000_000);
});

test('the first gaps only teach the pace, and another pace is learnt', () => {
  expect(eventsAt(0, 1, 10).flat()).toEqual([]);
  expect(eventsAt(0, 1, 2, 3, 13, 23, 33, 43, 53, 63, 73, 83).slice(9).flat()).toEqual([]);
  const timeline = new Timeline();
  for (const at of [0, 1, 2, 3]) timeline.next(snapshotAt(at, at));
  timeline.forgetPace();
  expect(timeline.next(snapshotAt(13, 9)).events).toEqual([]);
});

test('what is unchanged is no new start: the next change is measured from the snapshot itself', () => {
  const timeline = new Timeline();
  timeline.next(snapshotAt(0, 0));
  expect(timeline.next(snapshotAt(0, 0)).events).toEqual([{ code: 'unchanged' }]);
  const { delta } = timeline.next(snapshotAt(10, 50));
  expect([delta?.elapsedNs, delta?.top['total_slow_path_hits']]).toEqual([10_000_000_000, 50]);
});
