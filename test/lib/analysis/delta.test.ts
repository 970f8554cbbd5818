import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deltaBetween } from '../../../src/lib/analysis/delta.ts';
import { ratesOf, ratioOf } from '../../../src/lib/analysis/rate.ts';
import { add, canonical, subtract, U64_MAX } from '../../../src/lib/snapshot/u64.ts';
import { fixtureSnapshot } from '../../fixtures.ts';
import { epochAged, snapshotAt } from './snapshots.ts';

const u64 = fc.bigInt(0n, U64_MAX).map(canonical);
const codes = (...of: Parameters<typeof deltaBetween>) => deltaBetween(...of).breaks.map(({ code }) => code);

describe('changes', () => {
  test('before + change is after, to the last of 64 bits', () => {
    fc.assert(
      fc.property(u64, u64, (a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        const delta = deltaBetween(snapshotAt(0, low), snapshotAt(1, high));
        expect(delta.breaks).toEqual([]);
        expect(add(low, delta.top['total_slow_path_hits'] ?? -1)).toBe(high);
        expect(delta.classes[0]?.changes['slow_path_hits']).toBe(subtract(high, low));
      }),
    );
  });

  test('gauges fall without a break', () => {
    const delta = deltaBetween(snapshotAt(0, 1), snapshotAt(1, 1, { net_slabs: 2 }));
    expect(delta.breaks).toEqual([]);
    expect(delta.top['net_slabs']).toBe(-3);
  });

  test('what one side lacks is absent, not 0', () => {
    const { total_slow_path_hits: _, ...without } = snapshotAt(0, 1);
    expect(deltaBetween(without, snapshotAt(1, 7)).top).not.toHaveProperty('total_slow_path_hits');
  });

  test('an epoch is the same only with its era', () => {
    const [before, after] = [
      epochAged(5, { estimated_rss_bytes: 10 }),
      epochAged(1, { epoch_era: 17, estimated_rss_bytes: 90 }),
    ];
    expect(deltaBetween(snapshotAt(0, 1, {}, [before]), snapshotAt(1, 1, {}, [after])).epochs[0]?.changes).toEqual({});
  });

  test.each([1, 2, 3, 4, 5, 6, 7])('generation %i has changes, and rates from the second on', (generation) => {
    const before = fixtureSnapshot(`generation-${generation}.json`);
    const after = {
      ...before,
      ...(before.timestamp_ns !== undefined && { timestamp_ns: add(before.timestamp_ns, 1e9) }),
    };
    const delta = deltaBetween(before, after);
    expect(delta.continuous).toBe(true);
    expect(delta.top['total_slow_path_hits']).toBe(0);
    expect(ratesOf(delta.top, delta.elapsedNs)['total_slow_path_hits']).toBe(generation === 1 ? undefined : 0);
  });
});

describe('no change where there is none to tell', () => {
  test.each([
    ['another pid', snapshotAt(1, 900, { pid: 2 }), 'process-changed'],
    ['another instance', snapshotAt(1, 900, { allocator: { instance: 2 } }), 'instance-changed'],
    ['a counter that fell', snapshotAt(1, 99), 'counter-reset'],
  ])('%s', (_, after, code) => {
    const delta = deltaBetween(snapshotAt(0, 100), after);
    expect(delta.breaks.map((one) => one.code)).toEqual([code]);
    expect([delta.continuous, delta.top, delta.classes[0]?.changes]).toEqual([false, {}, {}]);
  });

  test('one counter that fell takes all with it', () => {
    const after = snapshotAt(1, 200);
    const delta = deltaBetween(snapshotAt(0, 100), { ...after, total_slow_path_hits: 99 });
    expect(delta.breaks).toEqual([{ code: 'counter-reset', pointers: ['/total_slow_path_hits'], count: 1 }]);
    expect(delta.classes[0]?.changes).toEqual({});
  });
});

describe('the clock', () => {
  test.each([
    ['goes back', snapshotAt(-1, 2), 'clock-backwards'],
    ['stands still', snapshotAt(0, 2), 'unchanged'],
    ['is not there', { ...snapshotAt(0, 2), timestamp_ns: undefined } as never, 'no-clock'],
  ])('%s: changes, no time', (_, after, code) => {
    const delta = deltaBetween(snapshotAt(0, 1), after);
    expect(delta.breaks.map((one) => one.code)).toEqual([code]);
    expect(delta.elapsedNs).toBeUndefined();
    expect(delta.top['total_slow_path_hits']).toBe(1);
  });

  test.each([
    ['an hour ahead in a second', 3601, 11, ['clock-jump']],
    ['an hour ahead before the epoch is a second older', 3600, 10, ['clock-jump']],
    ['back, but not before the last sample', 1, 71, ['clock-jump']],
    ['a long sleep that both clocks saw', 3600, 3610, []],
    ['whole seconds, rounded down on either side', 1.1, 12, []],
    ['a busy producer', 1.9, 10, []],
  ])('against the age of epochs: %s', (_, seconds, age, expected) => {
    expect(codes(snapshotAt(0, 1, {}, [epochAged(10)]), snapshotAt(seconds, 2, {}, [epochAged(age)]))).toEqual(
      expected,
    );
  });

  test('epochs that were never opened, are new or drain say nothing about it', () => {
    const silent = (age: number) => [
      epochAged(0),
      epochAged(age, { epoch_id: 1, state: 'CLOSING' }),
      epochAged(3, { epoch_id: 2, epoch_era: age }),
    ];
    expect(codes(snapshotAt(0, 1, {}, silent(10)), snapshotAt(100, 2, {}, silent(11)))).toEqual([]);
  });

  test.each([
    [1, 1e9, []],
    [1, 3.9e9, []],
    [1, 60e9, ['clock-jump']],
    [60, 2e9, ['clock-jump']],
    [60, 1e6, []], // a replay, or a burst after a stall
    [60, undefined, []],
  ])('against arrivals: %d s by its clock, %d ns by ours', (seconds, steadyNs, expected) => {
    expect(codes(snapshotAt(0, 1), snapshotAt(seconds, 2), steadyNs)).toEqual(expected);
  });

  test('no rate is ever made of a broken clock or a restart', () => {
    const any = fc.record({
      seconds: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      slow: u64,
      pid: fc.integer({ min: 1, max: 2 }),
    });
    fc.assert(
      fc.property(any, any, (a, b) => {
        const delta = deltaBetween(
          snapshotAt(a.seconds, a.slow, { pid: a.pid }),
          snapshotAt(b.seconds, b.slow, { pid: b.pid }),
        );
        const rate = ratesOf(delta.top, delta.elapsedNs)['total_slow_path_hits'];
        const sound = a.pid === b.pid && b.slow >= a.slow && Math.round(b.seconds * 1e9) > Math.round(a.seconds * 1e9);
        expect(rate !== undefined).toBe(sound);
        expect(rate ?? 0).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(rate ?? 0)).toBe(true);
      }),
    );
  });
});

test('a ratio is of what happened in between', () => {
  const changes = { slow: 1, allocs: 4 };
  expect(ratioOf(changes, { of: ['slow'], over: ['allocs'] })).toBe(0.25);
  expect(ratioOf({ slow: 0, allocs: 0 }, { of: ['slow'], over: ['allocs'] })).toBeNull();
  expect(ratioOf({ slow: 0 }, { of: ['slow'], over: ['allocs'] })).toBeUndefined();
});
