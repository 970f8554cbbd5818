import { describe, expect, test } from 'vitest';
import { type Close, closeOf, correlationOf, fellBy, lastCloseOf } from '../../../src/lib/analysis/close.ts';
import { closeText } from '../../../src/lib/render/close-text.ts';
import { epochAged, snapshotAt } from './snapshots.ts';

const MIB = 1024 * 1024;
const close = (offered: number, before: number, after: number): Close => ({
  id: 3,
  era: 7,
  label: 'nightly',
  rssBefore: before,
  rssAfter: after,
  offeredBytes: offered,
});

describe('closes on record', () => {
  test.each([
    ['never closed', { rss_before_close: 0, rss_after_close: 0, madvise_bytes: 0 }],
    ['of an older producer', {}],
  ])('%s: nothing to say', (_, numbers) => {
    expect(closeOf(epochAged(1, numbers))).toBeUndefined();
  });

  test('the last one has its epoch’s label while the slot is the same incarnation', () => {
    const last = { timestamp_ns: 1, epoch_id: 0, epoch_era: 5, rss_before: 10, rss_after: 4, madvise_bytes: 8 };
    const labelled = (epoch_era: number) => [epochAged(1, { epoch_era, label: 'a' })];
    expect(lastCloseOf(snapshotAt(0, 0, { last_epoch_close: last }, labelled(5)))?.label).toBe('a');
    expect(lastCloseOf(snapshotAt(0, 0, { last_epoch_close: last }, labelled(6)))?.label).toBeUndefined();
    expect(lastCloseOf(snapshotAt(0, 0))).toBeUndefined();
  });

  test.each([
    [close(2 * MIB, 6 * MIB, 4 * MIB), 'RSS 6 MiB → 4 MiB, fell by 2 MiB'],
    [close(2 * MIB, 6 * MIB, 6 * MIB), 'RSS 6 MiB → 6 MiB, unchanged'],
    [close(2 * MIB, 4 * MIB, 6 * MIB), 'RSS 4 MiB → 6 MiB, rose by 2 MiB'],
    [{ ...close(0, 1, 1), label: '\u001b[31mx' }, 'epoch 3 (\\x1b[31mx)'],
  ])('are told as facts %#', (one, text) => {
    expect(closeText(one)).toContain(text);
    expect(closeText(one)).not.toMatch(/score|%/);
  });
});

describe('the correlation', () => {
  test('adds up only closes large enough to show in RSS', () => {
    const small = close(64 * 1024, 10 * MIB, 10 * MIB);
    const large = close(4 * MIB, 10 * MIB, 7 * MIB);
    expect(correlationOf([small, large])).toEqual({
      closes: 1,
      offeredBytes: 4 * MIB,
      fellBytes: 3 * MIB,
      share: 0.75,
    });
    expect(correlationOf([small])).toBeUndefined();
    expect(correlationOf([])).toBeUndefined();
  });

  test('is negative where RSS rose, and exact above 2^53', () => {
    expect(correlationOf([close(4 * MIB, 4 * MIB, 6 * MIB)])?.share).toBe(-0.5);
    const huge = { ...close(MIB, 0, 0), rssBefore: 2n ** 63n + 1n, rssAfter: 2n ** 63n };
    expect(fellBy(huge)).toBe(1);
  });
});
