import type { InputError } from '../errors.ts';
import type { Snapshot } from '../snapshot/model.ts';
import type { Warning } from '../snapshot/warning.ts';

/**
 * Where snapshots come from. Every command takes the same sources and sees the same stream; no command knows which source it has.
 * A new kind of source is one file that returns this, and one line in open.ts.
 */
export interface Source {
  /** For messages: a file's name, `stdin`, a command, a URL. */
  readonly name: string;
  /**
   * Reads to the end, or until the caller stops iterating or aborts; then everything the source started is ended. Memory does not grow with
   * the stream's length, and a slow consumer slows the producer down.
   * @param signal aborting it ends the iteration without an error
   * @returns samples in stream order; what cannot be used comes as `rejected`, and what follows it is still read
   * @throws InputError where the source as a whole fails: no such file, refused connection, command that failed
   */
  read(signal?: AbortSignal): AsyncIterable<Sample | Rejected>;
}

export interface Sample {
  readonly kind: 'sample';
  readonly snapshot: Snapshot;
  /** The snapshot's own JSON text, every digit as it came. Hostile until it went through render/safe-text.ts. */
  readonly text: string;
  readonly at: Position;
  /** What the reader got past. Laws are not checked here: see snapshot/laws.ts. */
  readonly warnings: readonly Warning[];
}

export interface Rejected {
  readonly kind: 'rejected';
  readonly error: InputError;
  readonly at: Position;
}

export interface Position {
  /** 1-based line of the opening brace. */
  readonly line: number;
  /** Byte offset of the opening brace, after decompression. */
  readonly offset: number;
}
