import { canonical } from './u64.ts';

/**
 * JSON with every digit: integers that a double cannot hold come back as bigint, everything else as JSON.parse gives it.
 *
 * Node 20's JSON.parse does not show a number's source text, and a parser written in JavaScript is many times slower. So one pass
 * over the text finds the integers of 16 digits or more that stand outside strings (2^53 has 16), wraps each in quotes
 * behind a mark, hands the text to JSON.parse, and turns the marked strings into bigints in the result. The mark is one
 * DEL character, or, in a text that itself holds DEL, more of them in a row than the text holds altogether: no string of the text can begin with it.
 */

const QUOTE = 34;
const BACKSLASH = 92;
const MINUS = 45;
const COLON = 58;
const LONG = 16;
/** Longer ones are nobody's counter, and turning a megabyte of digits into a bigint takes seconds: they stay doubles. */
const TOO_LONG = 64;

/** Bounds on hostile documents, far above any real snapshot (about 900 values, 4 levels). */
const MAX_VALUES = 200_000;
export const MAX_DEPTH = 32;

export class JsonLimitError extends Error {}

/**
 * @param text one JSON document
 * @returns the value; integers beyond ±(2^53 − 1) are bigint wherever they stand
 * @throws SyntaxError as JSON.parse does, with positions that may be shifted by the marks; JsonLimitError beyond the bounds above
 */
export function parseExact(text: string): unknown {
  const mark = markFor(text);
  const marked = markLongIntegers(text, mark);
  const value: unknown = JSON.parse(marked ?? text);
  return revive(value, marked === null ? null : mark, text.length);
}

function markFor(text: string): string {
  if (!text.includes('\x7f') && !text.includes('\\u00')) return '\x7f';
  const held = text.match(/\x7f|\\u007f/gi)?.length ?? 0;
  return '\x7f'.repeat(held + 1);
}

/** @returns the text with its long integers marked, or null if it has none */
function markLongIntegers(text: string, mark: string): string | null {
  let out = '';
  let copied = 0;
  // Any LONG digits in a row hold one of the places looked at.
  for (let i = LONG - 1; i < text.length; i += LONG) {
    if (!isDigit(text.charCodeAt(i))) continue;
    let first = i;
    while (isDigit(text.charCodeAt(first - 1))) first--;
    let stop = i + 1;
    while (isDigit(text.charCodeAt(stop))) stop++;
    i = stop - 1;
    if (!isLongInteger(text, first, stop)) continue;
    const start = text.charCodeAt(first - 1) === MINUS ? first - 1 : first;
    if (!followsPlainKey(text, start)) return markAnywhere(text, mark);
    out += `${text.slice(copied, start)}"${mark}${text.slice(start, stop)}"`;
    copied = stop;
  }
  return copied === 0 ? null : out + text.slice(copied);
}

/** @param first index of the first of a run of digits @param stop index after the last one */
function isLongInteger(text: string, first: number, stop: number): boolean {
  const digits = stop - first;
  return digits >= LONG && digits <= TOO_LONG && beginsInteger(text, first) && endsInteger(text, stop);
}

/**
 * True where `w":` stands before a number, w being a word character: then the number stands outside strings, whatever comes before. For that
 * quote is not escaped, so it opens or closes a string; and JSON has no place where a string opens right after a word character.
 */
function followsPlainKey(text: string, start: number): boolean {
  const colon = beforeSpace(text, start);
  if (text.charCodeAt(colon) !== COLON) return false;
  const quote = beforeSpace(text, colon);
  return text.charCodeAt(quote) === QUOTE && isWord(text.charCodeAt(quote - 1));
}

/** @returns the index of the last character before `index` that is no white space */
function beforeSpace(text: string, index: number): number {
  let i = index - 1;
  for (let c = text.charCodeAt(i); c === 32 || c === 10 || c === 13 || c === 9; c = text.charCodeAt(i)) i--;
  return i;
}

function isWord(c: number): boolean {
  return (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c === 95 || isDigit(c);
}

/** markLongIntegers for any text: knows what stands in a string by reading all of them. */
function markAnywhere(text: string, mark: string): string | null {
  let out = '';
  let copied = 0;
  const end = text.length;
  for (let i = 0; i < end; ) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) {
      i = stringEnd(text, i);
      if (i === UNCLOSED) break;
      continue;
    }
    if (c < 48 || c > 57) {
      i++;
      continue;
    }
    let stop = i + 1;
    while (stop < end && isDigit(text.charCodeAt(stop))) stop++;
    if (isLongInteger(text, i, stop)) {
      const start = text.charCodeAt(i - 1) === MINUS ? i - 1 : i;
      out += `${text.slice(copied, start)}"${mark}${text.slice(start, stop)}"`;
      copied = stop;
    }
    i = stop;
  }
  return copied === 0 ? null : out + text.slice(copied);
}

export const UNCLOSED = -1;

/** @returns the index after the string that opens at `open`, or UNCLOSED */
export function stringEnd(text: string, open: number): number {
  let close = text.indexOf('"', open + 1);
  while (close !== -1 && isEscaped(text, close)) close = text.indexOf('"', close + 1);
  return close === -1 ? UNCLOSED : close + 1;
}

function isEscaped(text: string, index: number): boolean {
  let i = index - 1;
  while (text.charCodeAt(i) === BACKSLASH) i--;
  return (index - i) % 2 === 0;
}

function isDigit(c: number): boolean {
  return c >= 48 && c <= 57;
}

/** A point or an exponent makes a float; a colon would make a key, which no number may be: JSON.parse shall judge both as they are. */
function endsInteger(text: string, stop: number): boolean {
  let i = stop;
  let c = text.charCodeAt(i);
  if (c === 46 || c === 101 || c === 69) return false;
  while (c === 32 || c === 10 || c === 13 || c === 9) c = text.charCodeAt(++i);
  return c !== COLON;
}

/** Digits after a point or an exponent belong to a float, and a leading zero is no JSON: both stay as they are. */
function beginsInteger(text: string, first: number): boolean {
  if (text.charCodeAt(first) === 48) return false;
  const before = text.charCodeAt(first - 1);
  if (before === 46 || before === 101 || before === 69 || before === 43) return false;
  if (before !== MINUS) return true;
  const beforeMinus = text.charCodeAt(first - 2);
  return beforeMinus !== 101 && beforeMinus !== 69;
}

function revive(root: unknown, mark: string | null, textLength: number): unknown {
  // A value and what separates it from the next take two characters.
  const count = textLength > 2 * MAX_VALUES;
  let values = 0;
  const visit = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string')
      return mark !== null && value.startsWith(mark) ? canonical(BigInt(value.slice(mark.length))) : value;
    if (typeof value !== 'object' || value === null) return value;
    if (depth === MAX_DEPTH) throw new JsonLimitError(`more than ${MAX_DEPTH} levels in one document`);
    const members: unknown[] = Array.isArray(value) ? value : Object.values(value);
    if (count) {
      values += members.length;
      if (values > MAX_VALUES) throw new JsonLimitError(`more than ${MAX_VALUES} values in one document`);
    }
    let keys: string[] | undefined;
    for (let i = 0; i < members.length; i++) {
      const held = members[i];
      if (typeof held === 'number') continue;
      const revived = visit(held, depth + 1);
      if (revived === held) continue;
      keys ??= Object.keys(value);
      (value as Record<string, unknown>)[keys[i] as string] = revived;
    }
    return value;
  };
  return visit(root, 0);
}

/**
 * @param value plain data: objects, arrays, strings, booleans, null, finite numbers and bigints
 * @returns JSON in which bigints are bare digits; keys whose value is undefined are left out, as JSON.stringify does
 */
export function stringifyExact(value: unknown, indent = 0): string {
  return write(value, indent === 0 ? '' : ' '.repeat(indent), indent === 0 ? '' : '\n');
}

function write(value: unknown, step: string, newline: string): string {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    const inner = newline + step;
    return `[${value.map((item) => inner + write(item ?? null, step, inner)).join(',')}${newline}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const inner = newline === '' ? '' : newline + step;
    const colon = newline === '' ? ':' : ': ';
    const members = Object.entries(value)
      .filter(([, held]) => held !== undefined)
      .map(([key, held]) => `${inner}${JSON.stringify(key)}${colon}${write(held, step, inner)}`);
    return members.length === 0 ? '{}' : `{${members.join(',')}${newline}}`;
  }
  return JSON.stringify(value) ?? 'null';
}
