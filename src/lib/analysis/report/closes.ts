import type { EpochStats, Snapshot } from '../../snapshot/model.ts';
import { compare, type U64 } from '../../snapshot/u64.ts';

/** What was seen around one epoch_close. Facts side by side: other threads may move RSS at the same time. */
export interface Close {
  readonly id: U64;
  readonly era: U64 | undefined;
  readonly label: string | undefined;
  readonly rssBefore: U64;
  readonly rssAfter: U64;
  readonly offeredBytes: U64;
}

const MAX_CLOSES = 50;

/** Collects the closes of a recording in bounded memory: of too many, those that offered most stay. */
export class Closes {
  #closes = new Map<string, Close>();
  /** Some were left out. */
  isPart = false;

  add({ epochs = [] }: Snapshot, run: number): void {
    for (const epoch of epochs) {
      const close = closeOf(epoch);
      if (close) this.#closes.set(`${run}/${close.id}/${close.era}`, close);
    }
    if (this.#closes.size > 8 * MAX_CLOSES) this.#drop();
  }

  /** Most offered first. */
  closes(): Close[] {
    this.#drop();
    return [...this.#closes.values()].sort(byOffer);
  }

  #drop(): void {
    if (this.#closes.size <= MAX_CLOSES) return;
    this.isPart = true;
    this.#closes = new Map([...this.#closes].sort(([, a], [, b]) => byOffer(a, b)).slice(0, MAX_CLOSES));
  }
}

function byOffer(a: Close, b: Close): number {
  return compare(b.offeredBytes, a.offeredBytes);
}

/** RSS is 0 where the epoch was never closed or the process's RSS could not be read. */
function closeOf(epoch: EpochStats): Close | undefined {
  const { rss_before_close: rssBefore, rss_after_close: rssAfter, madvise_bytes: offeredBytes } = epoch;
  if (!rssBefore || rssAfter === undefined || offeredBytes === undefined) return undefined;
  return { id: epoch.epoch_id, era: epoch.epoch_era, label: epoch.label, rssBefore, rssAfter, offeredBytes };
}
