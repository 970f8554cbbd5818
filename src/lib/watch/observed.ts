import type { Observation } from '../diagnose/observation.ts';
import { Observer } from '../diagnose/observe.ts';
import { formatDuration } from '../duration.ts';
import { InputError, SamplesError } from '../errors.ts';
import type { U64 } from '../snapshot/u64.ts';
import { subtract } from '../snapshot/u64.ts';
import type { Warning } from '../snapshot/warning.ts';
import { located } from '../source/collect.ts';
import { liveSource } from '../source/live.ts';
import { isAttached, openSource, type SourceChoice } from '../source/open.ts';
import type { Sample } from '../source/source.ts';

export interface Observed {
  /** The source's name; hostile. */
  readonly name: string;
  readonly observation: Observation;
  readonly rejected: number;
  /** What the reader got past in the last snapshot. */
  readonly warnings: readonly Warning[];
  /** The source broke after at least one sample, or ended before the window was full: to be thrown when what is here has been shown. */
  readonly failure?: InputError | SamplesError;
}

/** Looks within a window: enough to see a trend. */
const LOOKS = 5;
const LEAST_INTERVAL_MS = 20;

/**
 * Watches a source: to its end, or for a window.
 * @param windowMs how long; undefined: one look at what is live, everything of what has an end
 * @throws InputError where nothing could be used
 */
export async function observed(choice: SourceChoice, windowMs: number | undefined): Promise<Observed> {
  const intervalMs = windowMs === undefined ? undefined : Math.max(LEAST_INTERVAL_MS, Math.floor(windowMs / LOOKS));
  const source =
    intervalMs === undefined ? await openSource(choice) : (await liveSource(choice, { intervalMs })).source;
  const observer = new Observer();
  const window = windowMs === undefined ? undefined : new Window(windowMs);
  let rejected = 0;
  let firstRejection: InputError | undefined;
  let warnings: readonly Warning[] = [];
  let failure: InputError | SamplesError | undefined;
  try {
    for await (const event of source.read()) {
      if (event.kind === 'rejected') {
        rejected++;
        firstRejection ??= located(event, source.name);
        continue;
      }
      observer.add(event.snapshot);
      warnings = event.warnings;
      if (window?.isFullWith(event)) break;
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    failure = error;
  }
  const observation = observer.observation(isLive(choice) ? now() : undefined);
  if (!observation) throw failure ?? firstRejection ?? new InputError('no-snapshot', `${source.name} gave no snapshot`);
  if (!failure && window && windowMs !== undefined && !window.isFull)
    failure = new SamplesError('window-not-full', `${source.name} ended within ${formatDuration(windowMs)}`);
  return { name: source.name, observation, rejected, warnings, ...(failure && { failure }) };
}

/** What is asked now should answer with what is now; a file may be as old as it likes. */
function isLive(choice: SourceChoice): boolean {
  const { input, url, exec, postMortem } = choice;
  if (postMortem) return false;
  return isAttached(choice) || url !== undefined || exec !== undefined || /^https?:\/\//i.test(input ?? '');
}

function now(): U64 {
  return BigInt(Date.now()) * 1_000_000n;
}

/** Timers that are early by less than this share of the window have kept it. */
const EARLY = 0.98;

/** Full when the producer's clock says so; where that clock stands still, when ours does. */
class Window {
  isFull = false;
  #firstNs: U64 | undefined;
  #started: number | undefined;
  #samples = 0;
  constructor(readonly ms: number) {}

  isFullWith({ snapshot: { timestamp_ns: time, process } }: Sample): boolean {
    this.#samples++;
    this.#started ??= performance.now();
    this.#firstNs ??= time;
    if (process?.live === false) return false;
    const producerMs =
      time === undefined || this.#firstNs === undefined ? 0 : Number(subtract(time, this.#firstNs)) / 1e6;
    const arrivalMs = this.#samples > 1 ? performance.now() - this.#started : 0;
    this.isFull = Math.max(producerMs, arrivalMs) >= this.ms * EARLY;
    return this.isFull;
  }
}
