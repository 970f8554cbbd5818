import { sumOfFields } from '../metrics/read.ts';
import type { ClassStats, Snapshot } from '../snapshot/model.ts';
import { add, type I64, subtract, sum, type U64 } from '../snapshot/u64.ts';

/** One line of the memory ledger. Lines of one level add up to the line above them, exactly. */
export interface LedgerLine {
  readonly name: 'process' | 'slabs' | 'live' | 'pinned' | 'empty' | 'metadata' | 'rest';
  readonly level: 0 | 1 | 2;
  /** Negative where the estimates above it exceed what they are part of; undefined where the producer does not say, as of a process that has ended. */
  readonly bytes: I64 | undefined;
}

/**
 * Where the process's resident memory is, as far as the snapshot says: process = slabs + metadata + rest, slabs = live + pinned + empty.
 * `rest` and `empty` are what remains, so the ledger always adds up; the slabs' share is the producer's estimate.
 * @returns [] where the producer does not say what its slabs hold
 */
export function memoryLedger(snapshot: Snapshot): LedgerLine[] {
  const { rss_bytes_current: process, metadata_bytes: metadata, classes } = snapshot;
  const slabs = snapshot.estimated_slab_rss_bytes ?? total(classes, 'estimated_rss_bytes');
  if (slabs === undefined) return [];
  const lines: LedgerLine[] = [
    { name: 'process', level: 0, bytes: process },
    { name: 'slabs', level: 1, bytes: slabs },
  ];
  const live = total(classes, 'live_bytes');
  const pinned = total(classes, 'pinned_waste_bytes');
  if (live !== undefined && pinned !== undefined) {
    lines.push({ name: 'live', level: 2, bytes: live }, { name: 'pinned', level: 2, bytes: pinned });
    lines.push({ name: 'empty', level: 2, bytes: subtract(slabs, add(live, pinned)) });
  }
  if (metadata !== undefined) lines.push({ name: 'metadata', level: 1, bytes: metadata });
  const rest = process === undefined ? undefined : subtract(process, add(slabs, metadata ?? 0));
  lines.push({ name: 'rest', level: 1, bytes: rest });
  return lines;
}

/** @returns the field's sum over all classes, or undefined where one lacks it */
export function total(classes: readonly ClassStats[], field: string): U64 | undefined {
  const values = classes.map((cls) => sumOfFields(cls, [field]));
  return values.every((value) => value !== undefined) ? sum(values) : undefined;
}
