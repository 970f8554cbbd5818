import type { Snapshot } from '../../snapshot/model.ts';
import { add, compare, subtract, type U64 } from '../../snapshot/u64.ts';
import type { Close } from '../close.ts';
import { Closes } from './closes.ts';
import { type EpochSpan, EpochSpans } from './epoch-spans.ts';
import { Extremes, type GaugeSummary } from './extremes.ts';
import { bytesByLabel, COUNTERS, type Counter, GAUGES, type Gauge, type Measured, measure } from './measures.ts';
import { type Point, Timeline } from './timeline.ts';

/** Everything a report shows, of bounded size whatever the recording's length. */
export interface Report {
  readonly snapshots: number;
  /** Times the process or its counters began anew. */
  readonly restarts: number;
  readonly first: Snapshot;
  readonly last: Snapshot;
  /** index where a producer gives no time, or its clock went back: then nothing can be said per second. */
  readonly axis: 'time' | 'index';
  readonly points: readonly Point[];
  /** Snapshots that went into one point of a chart. */
  readonly stride: number;
  /** Nanoseconds over which rises count; 0 for a single snapshot. */
  readonly observedNs: U64;
  readonly gauges: ReadonlyMap<Gauge, GaugeSummary>;
  readonly rises: ReadonlyMap<Counter, U64>;
  readonly epochs: readonly EpochSpan[];
  /** Only those epochs that held most. */
  readonly epochsArePart: boolean;
  readonly closes: readonly Close[];
  /** Only those closes that offered most. */
  readonly closesArePart: boolean;
}

/** Takes a recording's snapshots one by one. */
export class ReportBuilder {
  readonly #timeline = new Timeline();
  readonly #extremes = new Extremes();
  readonly #epochs = new EpochSpans();
  readonly #closes = new Closes();
  #first: Snapshot | undefined;
  #last: { readonly snapshot: Snapshot; readonly counters: Measured<Counter> } | undefined;
  #snapshots = 0;
  #run = 0;
  #clockRuns = true;
  #observedNs: U64 = 0;

  add(snapshot: Snapshot): void {
    const counters = measure(COUNTERS, snapshot);
    const gauges = measure(GAUGES, snapshot);
    const timeNs = snapshot.timestamp_ns;
    if (timeNs === undefined) this.#clockRuns = false;
    if (this.#last) {
      const before = this.#last.snapshot.timestamp_ns;
      const elapsedNs = before === undefined || timeNs === undefined ? 0 : subtract(timeNs, before);
      if (elapsedNs < 0) this.#clockRuns = false;
      if (!continues(this.#last, { snapshot, counters })) this.#run++;
      else {
        this.#extremes.rise(this.#last.counters, counters);
        if (elapsedNs > 0) this.#observedNs = add(this.#observedNs, elapsedNs);
      }
    }
    const now = { index: this.#snapshots++, timeNs };
    this.#extremes.gauge(gauges);
    this.#timeline.add({ ...now, run: this.#run, gauges, counters, labels: bytesByLabel(snapshot) });
    this.#epochs.add(snapshot, this.#run, now);
    this.#closes.add(snapshot, this.#run);
    this.#first ??= snapshot;
    this.#last = { snapshot, counters };
  }

  /** @returns undefined where there was no snapshot */
  report(): Report | undefined {
    if (!this.#first || !this.#last) return undefined;
    const epochs = this.#epochs.spans();
    const closes = this.#closes.closes();
    return {
      snapshots: this.#snapshots,
      restarts: this.#run,
      first: this.#first,
      last: this.#last.snapshot,
      axis: this.#clockRuns && this.#snapshots > 1 ? 'time' : 'index',
      points: this.#timeline.points(),
      stride: this.#timeline.stride,
      observedNs: this.#clockRuns ? this.#observedNs : 0,
      gauges: this.#extremes.gauges,
      rises: this.#extremes.rises,
      epochs,
      epochsArePart: this.#epochs.isPart,
      closes,
      closesArePart: this.#closes.isPart,
    };
  }
}

type Seen = { readonly snapshot: Snapshot; readonly counters: Measured<Counter> };

function continues(before: Seen, after: Seen): boolean {
  if (before.snapshot.pid !== after.snapshot.pid) return false;
  if (before.snapshot.allocator?.instance !== after.snapshot.allocator?.instance) return false;
  return (Object.entries(after.counters) as [Counter, U64][]).every(([name, value]) => {
    const was = before.counters[name];
    return was === undefined || compare(value, was) >= 0;
  });
}
