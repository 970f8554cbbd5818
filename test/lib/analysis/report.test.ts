import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ReportBuilder } from '../../../src/lib/analysis/report/report.ts';
import { MAX_POINTS, Timeline } from '../../../src/lib/analysis/report/timeline.ts';
import type { EpochStats, Snapshot } from '../../../src/lib/snapshot/model.ts';
import { fixtureSnapshot } from '../../fixtures.ts';

const START = 1770486521361625487n;

/** The nth second of one process. */
function second(n: number, changes: Partial<Snapshot> = {}): Snapshot {
  const snapshot = structuredClone(fixtureSnapshot('generation-7.json'));
  snapshot.timestamp_ns = START + BigInt(n) * 1_000_000_000n;
  snapshot.total_slow_path_hits = 1000 + 10 * n;
  return Object.assign(snapshot, changes);
}

function reportOf(snapshots: Iterable<Snapshot>) {
  const builder = new ReportBuilder();
  for (const snapshot of snapshots) builder.add(snapshot);
  const report = builder.report();
  if (!report) throw new Error('no snapshot');
  return report;
}

describe('timeline', () => {
  const point = (index: number, rss: number) => ({
    index,
    timeNs: index,
    run: 0,
    gauges: { rss },
    counters: { frees: index },
    labels: new Map(),
  });

  test('of any length has few points, in order, ends with the last, and keeps the highest', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 0, max: 4999 }), (length, at) => {
        const timeline = new Timeline();
        for (let i = 0; i < length; i++) timeline.add(point(i, i === at ? 99 : 1));
        const points = timeline.points();
        expect(points.length).toBeLessThanOrEqual(MAX_POINTS);
        expect(points.length).toBeGreaterThanOrEqual(Math.min(length, MAX_POINTS / 2));
        expect(points.at(-1)).toMatchObject({ index: length - 1, counters: { frees: length - 1 } });
        expect(points.map((one) => one.index)).toEqual(points.map((one) => one.index).toSorted((a, b) => a - b));
        expect(Math.max(...points.map((one) => Number(one.gauges.rss)))).toBe(at < length ? 99 : 1);
      }),
      { numRuns: 30 },
    );
  });

  test('a program that invents labels does not make points grow', () => {
    const timeline = new Timeline();
    for (let i = 0; i < 40_000; i++) timeline.add({ ...point(i, 1), labels: new Map([[`request-${i}`, i]]) });
    expect(Math.max(...timeline.points().map(({ labels }) => labels.size))).toBeLessThanOrEqual(64);
  });
});

describe('a report', () => {
  test('counts rises exactly, above 2^53 as well', () => {
    const huge = (n: number) => second(n, { total_madvise_bytes: 18446744073709551000n + BigInt(n) });
    const report = reportOf([huge(0), huge(1), huge(4)]);
    expect(report.rises.get('madviseBytes')).toBe(4);
    expect(report.rises.get('slowPath')).toBe(40);
    expect(report.observedNs).toBe(4_000_000_000);
    expect(report).toMatchObject({ restarts: 0, axis: 'time', snapshots: 3, stride: 1 });
  });

  test('a restart is told and no rise is counted across it', () => {
    const restarted = (n: number) => second(n, { pid: 7, total_slow_path_hits: 5 * n });
    const report = reportOf([second(0), second(1), restarted(2), restarted(3)]);
    expect(report.restarts).toBe(1);
    expect(report.rises.get('slowPath')).toBe(15);
    expect(report.observedNs).toBe(2_000_000_000);
    expect(report.points.map(({ run }) => run)).toEqual([0, 0, 1, 1]);
  });

  test('a counter that went down is a restart, too', () => {
    expect(reportOf([second(5), second(6, { total_slow_path_hits: 1 })]).restarts).toBe(1);
  });

  test('without a time, or with a clock that goes back, snapshots are counted and nothing is per second', () => {
    const timeless = second(0);
    delete timeless.timestamp_ns;
    expect(reportOf([timeless, timeless])).toMatchObject({ axis: 'index', observedNs: 0 });
    expect(reportOf([second(3), second(1)])).toMatchObject({ axis: 'index', observedNs: 0 });
  });

  test('first, last, lowest and highest are exact', () => {
    const report = reportOf([5, 9, 1, 4].map((rss, n) => second(n, { rss_bytes_current: rss })));
    expect(report.gauges.get('rss')).toEqual({ first: 5, last: 4, lowest: 1, highest: 9 });
  });

  test('what a producer does not say is not there', () => {
    const report = reportOf([fixtureSnapshot('generation-1.json')]);
    expect([...report.gauges.keys()]).toEqual(['rss', 'slabs']);
    expect(report.epochs).toEqual([]);
  });
});

describe('epochs of a report', () => {
  const epoch = (change: Partial<EpochStats>): EpochStats => ({
    epoch_id: 3,
    epoch_era: 9,
    state: 'ACTIVE',
    label: 'x',
    estimated_rss_bytes: 4096,
    total_full_slabs: 1,
    ...change,
  });
  const holding = (n: number, ...epochs: EpochStats[]) => second(n, { epochs, current_epoch: 0 });

  test('last from their opening to when they last held something', () => {
    const report = reportOf([
      holding(0),
      holding(1, epoch({ open_since_ns: START + 500_000_000n })),
      holding(2, epoch({ state: 'CLOSING', estimated_rss_bytes: 8192 })),
      holding(3, epoch({ state: 'CLOSING', estimated_rss_bytes: 0, total_full_slabs: 0 })),
    ]);
    expect(report.epochs).toMatchObject([
      {
        id: 3,
        era: 9,
        from: { timeNs: START + 500_000_000n },
        closing: { index: 2 },
        to: { index: 2 },
        peakBytes: 8192,
      },
    ]);
  });

  test('another incarnation is another epoch, and so is one of another process', () => {
    const report = reportOf([
      holding(0, epoch({})),
      holding(1, epoch({ epoch_era: 10 })),
      { ...holding(2, epoch({})), pid: 1 },
    ]);
    expect(report.epochs.map(({ era }) => era)).toEqual([9, 10, 9]);
  });

  test('are bounded: those that held most stay', () => {
    const report = reportOf(
      Array.from({ length: 2000 }, (_, n) => holding(n, epoch({ epoch_era: n, estimated_rss_bytes: n }))),
    );
    expect(report.epochs.length).toBeLessThanOrEqual(300);
    expect(report.epochsArePart).toBe(true);
    expect(report.epochs.map(({ era }) => era)).toContain(1999);
  });

  test('closes are bounded: those that offered most stay', () => {
    const closed = (n: number) =>
      holding(n, epoch({ epoch_era: n, rss_before_close: 10, rss_after_close: 8, madvise_bytes: n }));
    const report = reportOf(Array.from({ length: 2000 }, (_, n) => closed(n)));
    expect(report.closes.length).toBe(50);
    expect(report.closes[0]).toMatchObject({ offeredBytes: 1999, rssBefore: 10, rssAfter: 8 });
    expect(report.closesArePart).toBe(true);
  });
});
