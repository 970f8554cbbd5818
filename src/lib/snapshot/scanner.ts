import { MAX_DEPTH, stringEnd, UNCLOSED } from './exact-json.ts';

/**
 * Finds where a JSON object ends in text that arrives line by line, and where it stops being JSON: the slow path of reading, for documents
 * over several lines, text around documents, and broken ones. A token never spans lines in JSON, so a chunk is a whole line.
 */
export type ScanResult =
  | { status: 'more' }
  /** `end` is the index just after the document's last brace. */
  | { status: 'done'; end: number }
  /** `cutOff`: the line ended inside a string, so the writer was interrupted. */
  | { status: 'broken'; at: number; expected: string; cutOff: boolean };

type Expect = 'value' | 'first-key' | 'key' | 'colon' | 'comma' | 'first-item';

const EXPECTED: Record<Expect, string> = {
  value: 'a value',
  'first-key': 'a key or }',
  key: 'a key',
  colon: 'a colon',
  comma: 'a comma or the end of the object or array',
  'first-item': 'a value or ]',
};

const LITERAL = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

export class ObjectScanner {
  readonly #open: ('{' | '[')[] = [];
  #expect: Expect = 'value';
  #lastWasString = false;
  #cutOff = false;
  /** Indexes into the line last scanned, where a comma is missing between two entries of an object of strings: a known fault, read as if it were there. */
  missingCommas: number[] = [];

  /** @param from index of the opening brace in the first line, 0 in later ones */
  scan(line: string, from: number): ScanResult {
    this.missingCommas = [];
    let i = from;
    while (i < line.length) {
      const c = line[i] as string;
      if (c === ' ' || c === '\n' || c === '\r' || c === '\t') {
        i++;
        continue;
      }
      const next = this.#take(c, line, i);
      if (next === -1) return { status: 'broken', at: i, expected: EXPECTED[this.#expect], cutOff: this.#cutOff };
      i = next;
      if (this.#open.length === 0) return { status: 'done', end: i };
    }
    return { status: 'more' };
  }

  /** @returns the index after the token that begins at i, or −1 where it does not fit */
  #take(c: string, line: string, i: number): number {
    const wantsValue = this.#expect === 'value' || this.#expect === 'first-item';
    if (c === '"') return this.#string(line, i, wantsValue);
    this.#lastWasString = false;
    if (c === '{' || c === '[') {
      if (!wantsValue || this.#open.length === MAX_DEPTH) return -1;
      this.#open.push(c);
      this.#expect = c === '{' ? 'first-key' : 'first-item';
      return i + 1;
    }
    if (c === '}' || c === ']') {
      const empty = c === '}' ? 'first-key' : 'first-item';
      if (this.#open.at(-1) !== (c === '}' ? '{' : '[') || (this.#expect !== 'comma' && this.#expect !== empty))
        return -1;
      this.#open.pop();
      this.#expect = 'comma';
      return i + 1;
    }
    if (c === ',') {
      if (this.#expect !== 'comma') return -1;
      this.#expect = this.#open.at(-1) === '{' ? 'key' : 'value';
      return i + 1;
    }
    if (c === ':') {
      if (this.#expect !== 'colon') return -1;
      this.#expect = 'value';
      return i + 1;
    }
    LITERAL.lastIndex = i;
    if (!wantsValue || !LITERAL.test(line)) return -1;
    this.#expect = 'comma';
    return LITERAL.lastIndex;
  }

  #string(line: string, i: number, wantsValue: boolean): number {
    const end = stringEnd(line, i);
    if (end === UNCLOSED) {
      this.#cutOff = true;
      return -1;
    }
    if (wantsValue) {
      this.#expect = 'comma';
      this.#lastWasString = true;
      return end;
    }
    if (this.#expect === 'comma' && this.#lastWasString && this.#open.at(-1) === '{') {
      this.missingCommas.push(i);
      this.#expect = 'key';
    }
    if (this.#expect !== 'key' && this.#expect !== 'first-key') return -1;
    this.#lastWasString = false;
    this.#expect = 'colon';
    return end;
  }
}
