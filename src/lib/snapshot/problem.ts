import { InputError } from '../errors.ts';

/** One place where a document breaks the schema. */
export interface Problem {
  /** JSON pointer to the value, '' for the document itself. */
  readonly pointer: string;
  readonly expected: string;
  readonly found: string;
}

/** The document is JSON but no snapshot that tslab can use. */
export class InvalidSnapshot extends InputError {
  constructor(
    code: 'schema-version' | 'invalid-snapshot',
    message: string,
    readonly problems: readonly Problem[],
    hint?: string,
  ) {
    super(code, message, hint);
  }
}

/** @returns a value in few words, safe to print: never text from the document, which may be hostile */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return `a string of ${value.length} characters`;
  return Array.isArray(value) ? `an array of ${value.length}` : 'an object';
}
