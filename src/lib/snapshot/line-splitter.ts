import { MAX_DOCUMENT_BYTES } from './document.ts';

/** A line of a byte stream, with its newline unless the stream ended without one. `null` bytes: longer than a document may be, dropped. */
export interface Line {
  readonly bytes: Buffer | null;
  /** 1-based. */
  readonly number: number;
  /** Byte offset of its first byte. */
  readonly offset: number;
}

/** Cuts a stream of chunks into lines and holds at most MAX_DOCUMENT_BYTES of an unfinished one. */
export class LineSplitter {
  #held: Buffer[] = [];
  #heldBytes = 0;
  #dropping = false;
  #number = 1;
  #offset = 0;

  *push(chunk: Buffer): Generator<Line> {
    let from = 0;
    for (let newline = chunk.indexOf(10); newline !== -1; newline = chunk.indexOf(10, from)) {
      yield this.#take(chunk.subarray(from, newline + 1));
      from = newline + 1;
    }
    if (from < chunk.length) this.#hold(chunk.subarray(from));
  }

  *end(): Generator<Line> {
    if (this.#heldBytes > 0) yield this.#take(Buffer.alloc(0));
  }

  #hold(rest: Buffer): void {
    this.#heldBytes += rest.length;
    if (this.#heldBytes > MAX_DOCUMENT_BYTES) {
      this.#dropping = true;
      this.#held = [];
    }
    if (this.#dropping) return;
    this.#held.push(rest);
    // A writer of single bytes must not cost a Buffer per byte: pieces merge like a binary counter, so each byte is copied log n times.
    for (let last = this.#held.length - 1; last > 0; last--) {
      const [a, b] = [this.#held[last - 1] as Buffer, this.#held[last] as Buffer];
      if (a.length > b.length) break;
      this.#held.splice(last - 1, 2, Buffer.concat([a, b]));
    }
  }

  #take(last: Buffer): Line {
    const length = this.#heldBytes + last.length;
    const bytes =
      this.#dropping || length > MAX_DOCUMENT_BYTES
        ? null
        : this.#held.length === 0
          ? last
          : Buffer.concat([...this.#held, last], length);
    const line = { bytes, number: this.#number, offset: this.#offset };
    this.#held = [];
    this.#heldBytes = 0;
    this.#dropping = false;
    this.#number++;
    this.#offset += length;
    return line;
  }
}
