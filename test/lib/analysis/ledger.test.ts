import { describe, expect, test } from 'vitest';
import { memoryLedger } from '../../../src/lib/analysis/ledger.ts';
import { snapshotAt } from './snapshots.ts';

const slabs = { estimated_slab_rss_bytes: 4096, metadata_bytes: 1024 };

describe('the memory ledger', () => {
  test('adds up', () => {
    expect(memoryLedger(snapshotAt(0, 0, { ...slabs, rss_bytes_current: 10_000 }))).toEqual([
      { name: 'process', level: 0, bytes: 10_000 },
      { name: 'slabs', level: 1, bytes: 4096 },
      { name: 'metadata', level: 1, bytes: 1024 },
      { name: 'rest', level: 1, bytes: 4880 },
    ]);
  });

  test('says what is known of a process that has ended, which has no RSS', () => {
    expect(memoryLedger(snapshotAt(0, 0, slabs))).toEqual([
      { name: 'process', level: 0, bytes: undefined },
      { name: 'slabs', level: 1, bytes: 4096 },
      { name: 'metadata', level: 1, bytes: 1024 },
      { name: 'rest', level: 1, bytes: undefined },
    ]);
  });

  test('is empty where nothing is known of the slabs', () => {
    expect(memoryLedger(snapshotAt(0, 0, { rss_bytes_current: 1, classes: [{ object_size: 64 }] }))).toEqual([]);
  });
});
