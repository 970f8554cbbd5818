import type { InputError } from '../errors.ts';
import type { Warning } from './warning.ts';

/** A JSON object found in a stream of bytes. */
export interface Document {
  readonly kind: 'document';
  /** The object, integers exact; not yet validated. */
  readonly value: unknown;
  /** The object's own text, repaired where a known fault was. */
  readonly text: string;
  /** 1-based line and 0-based byte offset of the opening brace. */
  readonly line: number;
  readonly offset: number;
  /** What the reader got past. */
  readonly warnings: Warning[];
}

/** A place in the stream where an object began and could not be read. Reading goes on after it. */
export interface Broken {
  readonly kind: 'broken';
  readonly error: InputError;
  readonly line: number;
  readonly offset: number;
}

/** Largest document: about 800 real snapshots. What is longer is dropped up to the next line that begins an object. */
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
