import { relationOf } from '../analysis/delta.ts';
import type { Watched } from '../server/view.ts';
import type { Snapshot } from '../snapshot/model.ts';
import { compare, type U64 } from '../snapshot/u64.ts';

interface Known {
  readonly snapshot: Snapshot;
  readonly createdNs: U64 | undefined;
  readonly startNs: U64;
}

/**
 * Since when counters count: since the allocator was made, or where nobody says when that was, since they were first seen.
 * Each new start tells a collector that they began anew, so one is kept for as long as they did not.
 */
export class StartTimes {
  #known = new Map<string, Known>();

  /**
   * @param watched each with the time of its snapshot; who is not among them is forgotten
   * @returns the start of each, in the same order; nanoseconds
   */
  next(watched: readonly { readonly one: Watched; readonly timeNs: U64 }[]): U64[] {
    const known = new Map<string, Known>();
    const starts = watched.map(({ one, timeNs }) => {
      const startNs = startOf(one, timeNs, this.#known.get(one.id));
      known.set(one.id, { snapshot: one.snapshot, createdNs: one.createdNs, startNs });
      return startNs;
    });
    this.#known = known;
    return starts;
  }
}

function startOf({ snapshot, createdNs }: Watched, timeNs: U64, before: Known | undefined): U64 {
  // A process id comes again in time.
  if (!before || before.createdNs !== createdNs) return createdNs ?? timeNs;
  const isSameRun = relationOf(before.snapshot, snapshot).continuous;
  // A start must not be later than its point, not even where a clock was set back.
  return isSameRun && compare(before.startNs, timeNs) <= 0 ? before.startNs : timeNs;
}
