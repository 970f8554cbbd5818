import { type Delta, deltaBetween, relationOf } from '../analysis/delta.ts';
import { isSameProcess } from '../analysis/validate.ts';
import { checkLaws, checkMonotonic } from '../snapshot/laws.ts';
import type { EpochStats, Snapshot } from '../snapshot/model.ts';
import { add, compare, multiply, subtract, sum, type U64 } from '../snapshot/u64.ts';
import type { Warning } from '../snapshot/warning.ts';
import type { EpochHistory, MemoryPoint, Observation } from './observation.ts';

/** Laws that other codes tell of. */
const NOT_LAWS: readonly Warning['code'][] = ['torn'];

/** Watches one allocator. Takes its snapshots one by one; memory does not grow with their number. */
export class Observer {
  #first: Snapshot | undefined;
  #last: Snapshot | undefined;
  #samples = 0;
  #restarts = 0;
  #snapshots = 0;
  #torn = 0;
  #sameTime = 1;
  readonly #laws = new Map<Warning['code'], { warning: Warning; snapshots: number }>();
  #epochs = new Map<string, EpochWatch>();
  #memory = new Points();

  add(snapshot: Snapshot): void {
    this.#snapshots++;
    const last = this.#last;
    if (snapshot.torn) this.#torn++;
    // What a torn snapshot breaks is not the producer's doing.
    else {
      const overTime = last && !last.torn && isSameProcess(last, snapshot) ? checkMonotonic(last, snapshot) : [];
      this.#note([...checkLaws(snapshot), ...overTime]);
    }
    const relation = last && relationOf(last, snapshot);
    this.#sameTime = relation?.sameInstant ? this.#sameTime + 1 : 1;
    if (relation && !relation.continuous) {
      this.#restarts++;
      this.#first = undefined;
      this.#samples = 0;
      this.#epochs = new Map();
      this.#memory = new Points();
    }
    this.#first ??= snapshot;
    this.#last = snapshot;
    this.#samples++;
    const now = new Map<string, EpochWatch>();
    for (const epoch of snapshot.epochs ?? []) {
      const name = nameOf(epoch);
      const watch = this.#epochs.get(name) ?? new EpochWatch(epoch, snapshot.timestamp_ns);
      watch.add(epoch, snapshot.timestamp_ns);
      now.set(name, watch);
    }
    this.#epochs = now;
    this.#memory.add(snapshot);
  }

  #note(warnings: readonly Warning[]): void {
    const seen = new Set<Warning['code']>();
    for (const warning of warnings) {
      if (NOT_LAWS.includes(warning.code) || seen.has(warning.code)) continue;
      seen.add(warning.code);
      const known = this.#laws.get(warning.code);
      if (known) known.snapshots++;
      else this.#laws.set(warning.code, { warning, snapshots: 1 });
    }
  }

  /**
   * @param nowNs wall clock in nanoseconds, for a source that should be live; undefined for one that need not be
   * @returns undefined before the first snapshot
   */
  observation(nowNs?: U64): Observation | undefined {
    const [first, last] = [this.#first, this.#last];
    if (!first || !last) return undefined;
    const delta: Delta | undefined = this.#samples > 1 ? deltaBetween(first, last) : undefined;
    const uptimeSec = uptimeOf(last);
    const lifetimeSec = lifetimeOf(last);
    return {
      last,
      ...(delta?.continuous && { delta }),
      ...(delta?.elapsedNs !== undefined && { seconds: Number(delta.elapsedNs) / 1e9 }),
      ...(uptimeSec !== undefined && { uptimeSec }),
      ...(lifetimeSec !== undefined && { lifetimeSec }),
      samples: this.#samples,
      restarts: this.#restarts,
      epochs: (last.epochs ?? []).map((epoch) =>
        (this.#epochs.get(nameOf(epoch)) ?? new EpochWatch(epoch, undefined)).history(),
      ),
      memory: this.#memory.points(),
      source: {
        snapshots: this.#snapshots,
        torn: this.#torn,
        sameTime: this.#sameTime,
        laws: this.#laws,
        ...(nowNs !== undefined &&
          last.timestamp_ns !== undefined && { ageSec: Number(subtract(nowNs, last.timestamp_ns)) / 1e9 }),
      },
    };
  }
}

function nameOf({ epoch_id, epoch_era }: EpochStats): string {
  return `${epoch_id}/${epoch_era ?? ''}`;
}

/** The oldest epoch is as old as the process, or younger. */
function uptimeOf({ epochs = [] }: Snapshot): number | undefined {
  const ages = epochs.flatMap(({ age_sec }) => (age_sec === undefined ? [] : [Number(age_sec)]));
  return ages.length === 0 ? undefined : Math.max(...ages);
}

/** The first epoch is opened with the allocator. */
function lifetimeOf({ epochs = [] }: Snapshot): number | undefined {
  const age = epochs.find(({ epoch_era: era }) => Number(era) === 1)?.age_sec;
  return age === undefined ? undefined : Number(age);
}

class EpochWatch {
  #last: EpochStats;
  #samples = 0;
  #refcountFell = false;
  #liveFell = false;
  #leastRefcount: U64;
  #closing: { readonly epoch: EpochStats; readonly timeNs: U64 | undefined; samples: number } | undefined;
  #lastNs: U64 | undefined;

  constructor(
    readonly first: EpochStats,
    readonly firstNs: U64 | undefined,
  ) {
    this.#last = first;
    this.#lastNs = firstNs;
    this.#leastRefcount = first.refcount ?? 0;
  }

  add(epoch: EpochStats, timeNs: U64 | undefined): void {
    const [was, is] = [this.#last, epoch];
    this.#samples++;
    if (fell(was.refcount, is.refcount)) this.#refcountFell = true;
    if (fell(was.live_objects, is.live_objects)) this.#liveFell = true;
    if (is.refcount !== undefined && compare(is.refcount, this.#leastRefcount) < 0) this.#leastRefcount = is.refcount;
    if (is.state !== 'CLOSING') this.#closing = undefined;
    else if (this.#closing) this.#closing.samples++;
    else this.#closing = { epoch, timeNs, samples: 1 };
    this.#last = epoch;
    this.#lastNs = timeNs;
  }

  history(): EpochHistory {
    const closing = this.#closing;
    return {
      first: this.first,
      samples: this.#samples,
      seconds: secondsBetween(this.firstNs, this.#lastNs),
      refcountFell: this.#refcountFell,
      leastRefcount: this.#leastRefcount,
      liveFell: this.#liveFell,
      ...(closing && {
        closing: {
          first: closing.epoch,
          seconds: secondsBetween(closing.timeNs, this.#lastNs),
          samples: closing.samples,
        },
      }),
    };
  }
}

function fell(was: U64 | undefined, is: U64 | undefined): boolean {
  return was !== undefined && is !== undefined && compare(is, was) < 0;
}

function secondsBetween(from: U64 | undefined, to: U64 | undefined): number {
  return from === undefined || to === undefined ? 0 : Math.max(0, Number(subtract(to, from)) / 1e9);
}

const MAX_POINTS = 256;

/** Points of a long run, thinned: when there are too many, every other one goes, and from then on only every second is taken. */
class Points {
  #points: MemoryPoint[] = [];
  #newest: MemoryPoint | undefined;
  #stride = 1;
  #seen = 0;

  add({ timestamp_ns: timeNs, rss_bytes_current: rss, ...snapshot }: Snapshot): void {
    const { estimated_slab_rss_bytes: slabs, metadata_bytes: metadata = 0, slab_bytes: slab = 0, classes } = snapshot;
    if (rss === undefined || rss === 0 || slabs === undefined) return;
    const givenBack = multiply(sum(classes.map(({ cache_overflow_len: count = 0 }) => count)), slab);
    this.#newest = { timeNs, rss, allocator: add(slabs, metadata), givenBack };
    if (this.#seen++ % this.#stride !== 0) return;
    this.#points.push(this.#newest);
    if (this.#points.length < MAX_POINTS) return;
    this.#points = this.#points.filter((_, i) => i % 2 === 0);
    this.#stride *= 2;
  }

  /** The newest is always the last one. */
  points(): readonly MemoryPoint[] {
    const newest = this.#newest;
    return newest && this.#points.at(-1) !== newest ? [...this.#points, newest] : this.#points;
  }
}
