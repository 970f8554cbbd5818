import { isUtf8 } from 'node:buffer';
import { InputError } from '../errors.ts';
import { type Broken, type Document, MAX_DOCUMENT_BYTES } from './document.ts';
import { JsonLimitError, parseExact } from './exact-json.ts';
import { ObjectScanner } from './scanner.ts';
import type { Warning } from './warning.ts';

/** An object that has begun and not yet ended. */
interface Pending {
  readonly scanner: ObjectScanner;
  readonly line: number;
  readonly offset: number;
  readonly parts: Part[];
  readonly warnings: Warning[];
  chars: number;
}

/** What one line contributes to an object. */
interface Part {
  readonly text: string;
  readonly line: number;
  readonly offset: number;
  /** Indexes into the text where a comma is missing. */
  readonly missingCommas: readonly number[];
}

const START = /\{(?=\s*(?:["}]|$))/g;
/** Where an object was cut off inside a string, the next object's first brace is still taken for part of that string. */
const CUT_STRING = 256;
const RESTART = /\{(?=\s*"schema_version")/g;

/**
 * Takes a stream line by line and gives the JSON objects in it, in memory bounded by MAX_DOCUMENT_BYTES. One object per line is the fast path;
 * objects over several lines, other text around them and broken objects are all met with. A broken object costs itself only:
 * reading resumes at the next line that begins with a brace, or at the next `{"schema_version"` on the same line.
 */
export class DocumentReader {
  #pending: Pending | null = null;
  /** Lines of a pretty-printed object, as long as all is well: parsed at once at its closing brace, or read again by the scanner. */
  #pretty: { readonly text: string; readonly line: number; readonly offset: number; readonly warnings: Warning[] }[] =
    [];
  #prettyChars = 0;
  /** After a broken object, its remaining lines are dropped up to the next line that begins with a brace. */
  #skipping = false;
  #skippedText = 0;

  /** @param bytes one line, with its newline unless it is the stream's last */
  *line(bytes: Buffer, line: number, offset: number): Generator<Document | Broken> {
    let text = bytes.toString('utf8');
    if (offset === 0 && text.charCodeAt(0) === 0xfeff) text = text.slice(1);
    yield* this.#line(text, line, offset, isUtf8(bytes) ? [] : [{ code: 'invalid-utf8', line }]);
  }

  *#line(text: string, line: number, offset: number, warnings: Warning[]): Generator<Document | Broken> {
    if (this.#pretty.length > 0) {
      const whole = this.#collect(text, line, offset, warnings);
      if (whole === 'more') return;
      const lines = this.#pretty;
      this.#pretty = [];
      if (whole !== null) {
        const [first = { line, offset }] = lines;
        const seen = lines.flatMap((held) => held.warnings);
        yield this.#document(whole.value, whole.text, first.line, first.offset, [...seen, ...warnings]);
        return;
      }
      for (const held of lines) yield* this.#scan(held.text, held.line, held.offset, held.warnings);
    } else if (!this.#pending && text.trimEnd() === '{') {
      this.#skipping = false;
      this.#pretty = [{ text, line, offset, warnings }];
      this.#prettyChars = text.length;
      return;
    }
    yield* this.#scan(text, line, offset, warnings);
  }

  /** @returns the whole object at its closing brace, 'more' within it, or null where the lines need the scanner's judgement */
  #collect(
    text: string,
    line: number,
    offset: number,
    warnings: Warning[],
  ): { value: unknown; text: string } | 'more' | null {
    this.#prettyChars += text.length;
    if (this.#prettyChars > MAX_DOCUMENT_BYTES) return null;
    if (text.startsWith(' ') || text.startsWith('\t')) {
      this.#pretty.push({ text, line, offset, warnings });
      return 'more';
    }
    if (text.trimEnd() !== '}') return null;
    const whole = `${this.#pretty.map((held) => held.text).join('')}}`;
    const value = tryParse(whole);
    return value === undefined ? null : { value, text: whole };
  }

  *#scan(text: string, line: number, offset: number, warnings: Warning[]): Generator<Document | Broken> {
    if (text.startsWith('{')) {
      const whole = this.#pending ? this.#interrupting(text) : tryParse(text);
      if (whole !== undefined) {
        while (this.#pending) yield* this.#cutOff();
        this.#skipping = false;
        yield this.#document(whole, text.trimEnd(), line, offset, warnings);
        return;
      }
      this.#skipping = false;
    }
    yield* this.#pending ? this.#continue(text, line, offset, warnings) : this.#search(text, 0, line, offset, warnings);
  }

  /** Tells the reader that the stream has ended. */
  *end(): Generator<Document | Broken> {
    const lines = this.#pretty;
    this.#pretty = [];
    for (const held of lines) yield* this.#scan(held.text, held.line, held.offset, held.warnings);
    while (this.#pending) yield* this.#cutOff();
  }

  /** Reports bytes that never became a line. */
  static tooLarge(line: number, offset: number): Broken {
    return broken('too-large', `document larger than ${MAX_DOCUMENT_BYTES / 1024 / 1024} MiB`, line, offset);
  }

  /** A whole snapshot on a line of its own, while an object is still open: that object was cut off. Its own classes and epochs never hold `classes`. */
  #interrupting(text: string): unknown {
    const value = text.includes('"classes"') ? tryParse(text) : undefined;
    return value !== undefined && Object.hasOwn(value as object, 'classes') ? value : undefined;
  }

  *#search(
    text: string,
    from: number,
    line: number,
    offset: number,
    warnings: Warning[],
  ): Generator<Document | Broken> {
    let position = from;
    if (this.#skipping) {
      const restart = restartIn(text, from);
      if (restart === undefined) return;
      this.#skipping = false;
      position = restart;
    }
    while (position < text.length) {
      START.lastIndex = position;
      const start = START.exec(text)?.index ?? text.length;
      this.#skippedText += Buffer.byteLength(text.slice(position, start).replace(/[\s[\],]+/g, ''));
      if (start === text.length) return;
      const begins = offset + Buffer.byteLength(text.slice(0, start));
      const pending: Pending = {
        scanner: new ObjectScanner(),
        line,
        offset: begins,
        parts: [],
        warnings: [...warnings],
        chars: 0,
      };
      if (this.#skippedText > 0) pending.warnings.push({ code: 'text-around-json', line, bytes: this.#skippedText });
      this.#skippedText = 0;
      this.#pending = pending;
      const next = yield* this.#feed(pending, text, start, line, offset);
      if (next === null) return;
      position = next;
    }
  }

  *#continue(text: string, line: number, offset: number, warnings: Warning[]): Generator<Document | Broken> {
    const pending = this.#pending as Pending;
    pending.warnings.push(...warnings);
    const next = yield* this.#feed(pending, text, 0, line, offset);
    if (next !== null) yield* this.#search(text, next, line, offset, warnings);
  }

  /** @returns where to go on in this line, or null where the line is used up */
  *#feed(
    pending: Pending,
    text: string,
    from: number,
    line: number,
    offset: number,
  ): Generator<Document | Broken, number | null> {
    const result = pending.scanner.scan(text, from);
    if (result.status === 'broken') {
      const at = `line ${line}, column ${result.at + 1} (byte ${offset + Buffer.byteLength(text.slice(0, result.at))})`;
      const [code, what] = result.cutOff
        ? ['truncated', `cut off inside a string`]
        : ['not-json', `expected ${result.expected}`];
      yield broken(code, `${at}: ${what}`, pending.line, pending.offset);
      yield* this.#again(pending);
      const reopened = this.#pending as Pending | null;
      if (reopened) return yield* this.#feed(reopened, text, 0, line, offset);
      const restart = restartIn(text, Math.max(from + (line === pending.line ? 1 : 0), result.at - CUT_STRING));
      this.#skipping = restart === undefined;
      return restart ?? null;
    }
    const end = result.status === 'done' ? result.end : text.length;
    pending.parts.push({
      text: text.slice(from, end),
      line,
      offset,
      missingCommas: pending.scanner.missingCommas.map((index) => index - from),
    });
    pending.chars += end - from;
    if (result.status === 'more') {
      if (pending.chars <= MAX_DOCUMENT_BYTES) return null;
      yield DocumentReader.tooLarge(pending.line, pending.offset);
      this.#pending = null;
      this.#skipping = true;
      return null;
    }
    this.#pending = null;
    const repaired = pending.parts.filter((part) => part.missingCommas.length > 0);
    const [first] = repaired;
    if (first) {
      const count = repaired.reduce((total, part) => total + part.missingCommas.length, 0);
      pending.warnings.push({ code: 'missing-comma', line: first.line, count });
    }
    const whole = pending.parts.map(withCommas).join('');
    yield this.#document(parseOrError(whole), whole, pending.line, pending.offset, pending.warnings);
    return end;
  }

  /** Reads a broken object's lines again from its first later one that begins with a brace: that may be the next object. */
  *#again({ parts }: Pending): Generator<Document | Broken> {
    this.#pending = null;
    this.#skipping = true;
    const from = parts.findIndex((part, i) => i > 0 && part.text.startsWith('{'));
    if (from > 0) for (const { text, line, offset } of parts.slice(from)) yield* this.#scan(text, line, offset, []);
  }

  *#cutOff(): Generator<Document | Broken> {
    const pending = this.#pending as Pending;
    yield broken('truncated', 'the object that begins here is cut off', pending.line, pending.offset);
    yield* this.#again(pending);
  }

  #document(value: unknown, text: string, line: number, offset: number, warnings: Warning[]): Document | Broken {
    if (value instanceof Error) return broken('not-json', value.message, line, offset);
    if (this.#skippedText > 0) warnings.push({ code: 'text-around-json', line, bytes: this.#skippedText });
    this.#skippedText = 0;
    return { kind: 'document', value, text, line, offset, warnings };
  }
}

function restartIn(text: string, from: number): number | undefined {
  RESTART.lastIndex = from;
  return RESTART.exec(text)?.index;
}

function broken(code: string, what: string, line: number, offset: number): Broken {
  return { kind: 'broken', error: new InputError(code, what), line, offset };
}

/** @returns the value, an Error for a document beyond the limits, or undefined where the text is not one JSON object */
function tryParse(text: string): unknown {
  try {
    return parseExact(text);
  } catch (error) {
    return error instanceof JsonLimitError ? error : undefined;
  }
}

function parseOrError(text: string): unknown {
  try {
    return parseExact(text);
  } catch (error) {
    // The scanner accepts what JSON.parse refuses in a few corners: escapes such as \x, leading zeros.
    return error instanceof JsonLimitError
      ? error
      : new Error('not JSON: a string or number is written in a way that JSON does not allow');
  }
}

function withCommas({ text, missingCommas }: Part): string {
  let out = '';
  let copied = 0;
  for (const index of missingCommas) {
    out += `${text.slice(copied, index)},`;
    copied = index;
  }
  return out + text.slice(copied);
}
