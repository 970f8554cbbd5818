import type { EpochStats, Snapshot } from '../../snapshot/model.ts';
import { compare, max, type U64 } from '../../snapshot/u64.ts';

/** When an instant was: snapshot number from 0 and, where the producer says it, wall clock time. */
export interface Instant {
  readonly index: number;
  readonly timeNs: U64 | undefined;
}

/** The life of one epoch as far as the recording saw it hold something. */
export interface EpochSpan {
  readonly id: U64;
  readonly era: U64 | undefined;
  /** Hostile; undefined where the producer has no labels. */
  readonly label: string | undefined;
  readonly from: Instant;
  readonly to: Instant;
  /** First seen CLOSING. */
  readonly closing: Instant | undefined;
  readonly peakBytes: U64;
  /** As last seen. */
  readonly last: EpochStats;
}

const MAX_SPANS = 300;

/** Collects epochs in bounded memory: of too many, those that held most stay. */
export class EpochSpans {
  #spans = new Map<string, EpochSpan>();
  /** Some were left out. */
  isPart = false;

  add(snapshot: Snapshot, run: number, now: Instant): void {
    for (const epoch of snapshot.epochs ?? []) {
      if (!isHeld(epoch) && !(epoch.epoch_id === snapshot.current_epoch && epoch.state !== 'CLOSING')) continue;
      const key = `${run}/${epoch.epoch_id}/${epoch.epoch_era}`;
      const known = this.#spans.get(key);
      this.#spans.set(key, {
        id: epoch.epoch_id,
        era: epoch.epoch_era,
        label: epoch.label,
        from: known?.from ?? opened(epoch, now),
        to: now,
        closing: known?.closing ?? (epoch.state === 'CLOSING' ? now : undefined),
        peakBytes: max(epoch.estimated_rss_bytes ?? 0, known?.peakBytes ?? 0),
        last: epoch,
      });
    }
    if (this.#spans.size > 2 * MAX_SPANS) this.#drop();
  }

  /** In order of opening. */
  spans(): EpochSpan[] {
    this.#drop();
    return [...this.#spans.values()].sort((a, b) => a.from.index - b.from.index || compare(a.id, b.id));
  }

  #drop(): void {
    if (this.#spans.size <= MAX_SPANS) return;
    this.isPart = true;
    const most = [...this.#spans].sort(([, a], [, b]) => compare(b.peakBytes, a.peakBytes));
    this.#spans = new Map(most.slice(0, MAX_SPANS));
  }
}

/** An epoch may have opened long before the recording. */
function opened({ open_since_ns: since }: EpochStats, now: Instant): Instant {
  const earlier = since !== undefined && since !== 0 && now.timeNs !== undefined && compare(since, now.timeNs) < 0;
  return earlier ? { index: now.index, timeNs: since } : now;
}

function isHeld(epoch: EpochStats): boolean {
  const { total_partial_slabs = 0, total_full_slabs = 0, refcount = 0, estimated_rss_bytes = 0 } = epoch;
  return total_partial_slabs > 0 || total_full_slabs > 0 || refcount > 0 || estimated_rss_bytes > 0;
}
