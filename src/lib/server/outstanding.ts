import type { ServerResponse } from 'node:http';

/** Counts the bytes of answers that clients have not read yet. Answers that share their bytes hold them once. */
export class Outstanding {
  readonly #most: number;
  readonly #answers = new Map<Buffer, number>();
  #held = 0;

  /** @param most bytes; one answer may be larger, alone */
  constructor(most: number) {
    this.#most = most;
  }

  /** Bytes that are held now. */
  get held(): number {
    return this.#held;
  }

  /**
   * Holds the bytes until the answer is sent or its client has gone.
   * @returns false where that would be too much
   */
  hold(bytes: Buffer, answer: ServerResponse): boolean {
    const sharing = this.#answers.get(bytes) ?? 0;
    if (sharing === 0 && this.#held > 0 && this.#held + bytes.length > this.#most) return false;
    // Whose client has gone closes no more.
    if (answer.closed) return true;
    if (sharing === 0) this.#held += bytes.length;
    this.#answers.set(bytes, sharing + 1);
    answer.once('close', () => this.#release(bytes));
    return true;
  }

  #release(bytes: Buffer): void {
    const sharing = (this.#answers.get(bytes) ?? 0) - 1;
    if (sharing > 0) {
      this.#answers.set(bytes, sharing);
      return;
    }
    this.#answers.delete(bytes);
    this.#held -= bytes.length;
  }
}

/** What one client that does not read takes besides. */
const PIECE_BYTES = 64 * 1024;

/** @returns the bytes piece by piece as they are read: a Response copies what it is given whole */
export function pieces(bytes: Buffer): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream(
    {
      pull(controller) {
        if (at < bytes.length) controller.enqueue(bytes.subarray(at, at + PIECE_BYTES));
        at += PIECE_BYTES;
        if (at >= bytes.length) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}
