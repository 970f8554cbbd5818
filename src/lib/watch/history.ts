import type { Reading } from '../analysis/timeline.ts';

/** What is kept to scroll back through: of a producer with 8 classes and 16 epochs, about 60 KB a sample with its changes. */
export const KEPT = 600;

/** The latest readings, at most `kept` of them: memory does not grow with time. */
export class History {
  readonly #kept: number;
  #readings: Reading[] = [];

  constructor(kept = KEPT) {
    this.#kept = kept;
  }

  push(reading: Reading): void {
    this.#readings.push(reading);
    // Cutting off a block now and then costs less than shifting every time.
    if (this.#readings.length > this.#kept + this.#kept / 4) this.#readings = this.#readings.slice(-this.#kept);
  }

  get length(): number {
    return this.#readings.length;
  }

  get latest(): Reading | undefined {
    return this.#readings.at(-1);
  }

  get oldest(): Reading | undefined {
    return this.#readings[0];
  }

  /** @returns the reading of that sequence number, or the nearest that is still kept */
  at(sequence: number): Reading | undefined {
    const first = this.oldest?.sequence ?? 0;
    return this.#readings[Math.min(Math.max(sequence - first, 0), this.#readings.length - 1)];
  }

  /** @returns at most `most` readings up to and with that sequence number, oldest first */
  until(sequence: number, most: number): readonly Reading[] {
    const end = Math.max(sequence - (this.oldest?.sequence ?? 0), 0) + 1;
    return this.#readings.slice(Math.max(0, end - most), end);
  }
}
