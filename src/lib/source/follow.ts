import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '../errors.ts';
import { subtract } from '../snapshot/u64.ts';
import type { Rejected, Sample, Source } from './source.ts';

/** Read anew for each sample, so that it may change while a source is being followed. */
export interface Pace {
  /** Milliseconds between samples, above 0; undefined: as they come, and one second where a source must be polled. */
  intervalMs: number | undefined;
  /** Takes all of a stream: the interval is only for what must be polled. */
  readonly unthinned?: boolean;
  /** Also a first reading that fails is tried again: a service may be up before what it reads. */
  readonly patient?: boolean;
}

/** How often a source is asked where nobody says. */
export const POLL_MS = 1000;

/**
 * Keeps samples coming: what ends after one snapshot (a file, a URL, a command that prints one) is read again and again; what gives more by itself
 * is a stream and is read once, thinned to the pace.
 * Once a sample has come, or from the start where the pace is patient, a reading that fails is reported as rejected and tried again.
 * @param again false for what cannot be read twice, such as stdin
 */
export function followed(source: Source, pace: Pace, again: boolean): Source {
  return {
    name: source.name,
    async *read(signal) {
      const thin = new Thinner(pace);
      let hadOne = false;
      for (;;) {
        const started = performance.now();
        let samples = 0;
        let failed = false;
        try {
          for await (const event of source.read(signal)) {
            if (event.kind === 'sample') {
              samples++;
              hadOne = true;
              // The first of a reading is what was asked for; only more of them are a stream.
              if (!thin.takes(event) && samples > 1 && !pace.unthinned) continue;
            }
            yield event;
          }
        } catch (error) {
          if (!again || !(hadOne || pace.patient) || samples > 1 || !(error instanceof InputError)) throw error;
          failed = true;
          yield { kind: 'rejected', error, at: { line: 0, offset: 0 } };
        }
        if (!again || samples > 1 || signal?.aborted) return;
        if (!hadOne && samples === 0 && !failed) return;
        await pause(started + (pace.intervalMs ?? POLL_MS) - performance.now(), signal);
        if (signal?.aborted) return;
      }
    },
  };
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, signal ? { signal } : {}).catch(() => {});
}

/** A producer's timer that is early by less than this share of the interval has kept it. */
const EARLY = 0.9;

/** Of a stream, takes the samples that are at least the interval apart, by the producer's clock. */
class Thinner {
  #last: Sample['snapshot']['timestamp_ns'];
  constructor(readonly pace: Pace) {}

  takes({ snapshot: { timestamp_ns: time, process } }: Sample): boolean {
    // The last state of a process that has ended.
    if (process?.live === false) return true;
    const { intervalMs } = this.pace;
    if (intervalMs !== undefined && time !== undefined && this.#last !== undefined) {
      const gapMs = Number(subtract(time, this.#last)) / 1e6;
      // A clock that went back is for the analysis to tell.
      if (gapMs >= 0 && gapMs < intervalMs * EARLY) return false;
    }
    this.#last = time;
    return true;
  }
}

/**
 * @param ms after this long, reading ends as if the source had ended
 * @returns the same source with an end
 */
export function endingAfter(source: Source, ms: number): Source {
  return {
    name: source.name,
    async *read(signal): AsyncGenerator<Sample | Rejected> {
      const over = AbortSignal.timeout(Math.ceil(ms));
      yield* source.read(signal ? AbortSignal.any([signal, over]) : over);
    },
  };
}
