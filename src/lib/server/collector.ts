import { TslabError } from '../errors.ts';
import type { Reader } from './readers.ts';
import type { View } from './view.ts';

export interface Pace {
  /** Reads so often by itself; undefined: when somebody asks. */
  readonly intervalMs: number | undefined;
  /** Who asks within this time of a reading gets that one. */
  readonly reuseMs: number;
}

/**
 * Reads when asked, or at an interval, and gives everybody the same view: however many ask at once, one reading is under way.
 * A reading that fails is a view too: it says why.
 */
export class Collector {
  readonly #reader: Reader;
  readonly #pace: Pace;
  readonly #listeners = new Set<(view: View) => void>();
  #view: View | undefined;
  #doneMs = Number.NEGATIVE_INFINITY;
  #running: Promise<View> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #sequence = 0;
  /** Readings, and those that failed. */
  readonly counts = { looks: 0, failures: 0 };

  constructor(reader: Reader, pace: Pace) {
    this.#reader = reader;
    this.#pace = pace;
    if (pace.intervalMs !== undefined) this.#timer = setInterval(() => void this.#read(), pace.intervalMs);
  }

  /** The last view; undefined before the first reading. Reads nothing. */
  get latest(): View | undefined {
    return this.#view;
  }

  /** @returns the state as of now, or at an interval as of the last reading; never rejects */
  current(): Promise<View> {
    const { intervalMs, reuseMs } = this.#pace;
    if (this.#view && (intervalMs !== undefined || performance.now() - this.#doneMs < reuseMs))
      return Promise.resolve(this.#view);
    return this.#read();
  }

  /** @param listener is told of every new view. @returns ends that */
  onView(listener: (view: View) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#reader.close();
  }

  #read(): Promise<View> {
    this.#running ??= this.#readOnce().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #readOnce(): Promise<View> {
    const takenMs = Date.now();
    const started = performance.now();
    this.counts.looks++;
    const found = await this.#reader.look().catch((error: unknown) => {
      // A defect of ours must be seen, not served.
      if (!(error instanceof TslabError)) throw error;
      this.counts.failures++;
      return { watched: [], omitted: 0, unusable: 0, failure: error.message };
    });
    this.#doneMs = performance.now();
    const view = { ...found, sequence: this.#sequence++, takenMs, durationSec: (this.#doneMs - started) / 1000 };
    this.#view = view;
    for (const listener of this.#listeners) listener(view);
    return view;
  }
}
