import type { EpochStats, Snapshot } from '../snapshot/model.ts';
import { add, type I64, ratio, subtract, type U64 } from '../snapshot/u64.ts';

/** What was seen around one epoch_close. Facts side by side: other threads may move RSS at the same time. */
export interface Close {
  readonly id: U64;
  readonly era: U64 | undefined;
  /** Hostile text. */
  readonly label: string | undefined;
  readonly rssBefore: U64;
  readonly rssAfter: U64;
  readonly offeredBytes: U64;
  /** Time that passed in it, where the producer says it. */
  readonly tookNs?: U64;
}

/** @returns undefined for an epoch that was never closed, and where RSS could not be read: it is 0 then */
export function closeOf(epoch: EpochStats): Close | undefined {
  const { rss_before_close: rssBefore, rss_after_close: rssAfter, madvise_bytes: offeredBytes } = epoch;
  if (!rssBefore || rssAfter === undefined || offeredBytes === undefined) return undefined;
  return {
    id: epoch.epoch_id,
    era: epoch.epoch_era,
    label: epoch.label,
    rssBefore,
    rssAfter,
    offeredBytes,
    ...(epoch.close_ns !== undefined && { tookNs: epoch.close_ns }),
  };
}

/** @returns the latest close of any epoch; of older producers its label only as long as the slot has not been opened anew */
export function lastCloseOf({ last_epoch_close: last, epochs = [] }: Snapshot): Close | undefined {
  if (!last?.rss_before || last.rss_after === undefined || last.madvise_bytes === undefined) return undefined;
  if (last.epoch_id === undefined) return undefined;
  const label =
    last.label ??
    epochs.find(({ epoch_id, epoch_era }) => epoch_id === last.epoch_id && epoch_era === last.epoch_era)?.label;
  return {
    id: last.epoch_id,
    era: last.epoch_era,
    label,
    rssBefore: last.rss_before,
    rssAfter: last.rss_after,
    offeredBytes: last.madvise_bytes,
    ...(last.duration_ns !== undefined && { tookNs: last.duration_ns }),
  };
}

/** @returns negative where RSS rose */
export function fellBy({ rssBefore, rssAfter }: Close): I64 {
  return subtract(rssBefore, rssAfter);
}

/** A heuristic over several closes, to be shown apart from the facts and never as a judgement on the kernel. */
export interface Correlation {
  readonly closes: number;
  readonly offeredBytes: U64;
  readonly fellBytes: I64;
  /** By how much RSS fell for each byte offered. */
  readonly share: number;
}

/** Linux counts RSS in batches of 32 pages and more for each processor (percpu_counter_batch), so a close that offers less may not show at all. */
const LEAST_OFFER = 256 * 1024;

/** @returns undefined where no close offered enough to be seen */
export function correlationOf(closes: readonly Close[]): Correlation | undefined {
  const seen = closes.filter(({ offeredBytes }) => offeredBytes >= LEAST_OFFER);
  const offeredBytes = seen.reduce<U64>((total, close) => add(total, close.offeredBytes), 0);
  const fellBytes = seen.reduce<I64>((total, close) => add(total, fellBy(close)), 0);
  const share = ratio(fellBytes, offeredBytes);
  return share === null ? undefined : { closes: seen.length, offeredBytes, fellBytes, share };
}
