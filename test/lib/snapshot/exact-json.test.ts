import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonLimitError, parseExact, stringifyExact } from '../../../src/lib/snapshot/exact-json.ts';
import { canonical } from '../../../src/lib/snapshot/u64.ts';

const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const whitespace = fc.constantFrom('', ' ', '\n', '\r\n\t');
/** Strings that look like what the scanner looks for: digits, quotes, escapes, marks. */
const hostileString = fc
  .array(
    fc.constantFrom(
      '"',
      '\\',
      '1770486521361625487',
      ':',
      ',',
      '{',
      '}',
      '\x7f',
      'u007f',
      '\\u007F',
      'e',
      '-',
      ' ',
      'é',
      '\u{1f600}',
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

describe('parseExact', () => {
  test('keeps every digit of any unsigned 64-bit integer, wherever it stands', () => {
    fc.assert(
      fc.property(fc.array(u64), hostileString, whitespace, (numbers, text, space) => {
        const json = `{${space}"s":${JSON.stringify(text)},${space}"n":[${numbers.map((n) => space + n + space).join(',')}],${space}"o":{"x":${numbers[0] ?? 0}}}`;
        expect(parseExact(json)).toEqual({ s: text, n: numbers.map(canonical), o: { x: canonical(numbers[0] ?? 0n) } });
      }),
    );
  });

  test('keeps them as the values of any keys, beside any strings', () => {
    const key = fc.oneof(fc.constantFrom('timestamp_ns', '1', '', 'a b', 'x"', '\\'), hostileString);
    const member = fc.tuple(key, fc.oneof(u64, hostileString), whitespace);
    fc.assert(
      fc.property(fc.uniqueArray(member, { selector: ([name]) => name }), (members) => {
        const text = members.map(([name, value, space]) => {
          const written = typeof value === 'bigint' ? String(value) : JSON.stringify(value);
          return `${space}${JSON.stringify(name)}${space}:${space}${written}${space}`;
        });
        const expected = members.map(([name, value]) => [name, typeof value === 'bigint' ? canonical(value) : value]);
        expect(parseExact(`{${text.join(',')}}`)).toEqual(Object.fromEntries(expected));
      }),
      { numRuns: 1000 },
    );
  });

  test('gives a number up to 2^53 - 1 and a bigint above', () => {
    const text = '[9007199254740991, 9007199254740992, 9007199254740993, 18446744073709551615, -9007199254740993]';
    expect(parseExact(text)).toEqual([
      9007199254740991,
      9007199254740992n,
      9007199254740993n,
      18446744073709551615n,
      -9007199254740993n,
    ]);
  });

  test('reads as JSON.parse does where no integer is long', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const value: unknown = JSON.parse(json);
        fc.pre(!/\d{16}/.test(json));
        expect(parseExact(json)).toEqual(value);
      }),
    );
  });

  test('leaves long digits inside strings and floats alone', () => {
    const text =
      '{"1770486521361625487": "1770486521361625487", "f": 1.7704865213616254871, "e": 1e1000, "g": 17704865213616254870e-3, "h": 1.5e-1234567890123456789}';
    expect(parseExact(text)).toEqual(JSON.parse(text));
  });

  test('is not fooled by strings that hold its own mark, raw or escaped', () => {
    const text =
      '{"a": "\x7f1770486521361625487", "b": "\\u007f1770486521361625487", "c": "\\u007F\x7f99", "n": 1770486521361625487}';
    expect(parseExact(text)).toEqual({
      a: '\x7f1770486521361625487',
      b: '\x7f1770486521361625487',
      c: '\x7f\x7f99',
      n: 1770486521361625487n,
    });
  });

  test.each([
    '{"a": 01234567890123456789}',
    '{"a": 12345678901234567890x}',
    '[1234567890123456789 1234567890123456789]',
    '{"a": "1234567890123456789}',
    '{1234567890123456789: 1}',
    '[--1234567890123456789]',
  ])('refuses %s as JSON.parse does', (text) => {
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
    expect(() => parseExact(text)).toThrow(SyntaxError);
  });

  test('never accepts what JSON.parse refuses, whatever one character changes', () => {
    const good = '{"a":[1770486521361625487,"x\\"1770486521361625487"],"b":-1770486521361625487}';
    fc.assert(
      fc.property(
        fc.nat(good.length - 1),
        fc.constantFrom('"', '\\', '1', ',', '{', '', ' ', '-', '.', 'e', '\x7f', '\n', ':'),
        (at, by) => {
          const text = good.slice(0, at) + by + good.slice(at + 1);
          const plain = attempt(() => JSON.parse(text));
          const exact = attempt(() => parseExact(text));
          expect(exact.ok).toBe(plain.ok);
          if (plain.ok && exact.ok)
            expect(JSON.parse(stringifyExact(exact.value))).toEqual(JSON.parse(JSON.stringify(plain.value)));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('bounds depth and number of values', () => {
    expect(() => parseExact('['.repeat(100) + ']'.repeat(100))).toThrow(JsonLimitError);
    expect(() => parseExact(`[${'0,'.repeat(300_000)}0]`)).toThrow(JsonLimitError);
  });
});

test('stringifyExact and parseExact are inverse', () => {
  const data = fc.letrec((tie) => ({
    value: fc.oneof(
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.integer(),
      u64.map(canonical),
      fc.array(tie('value')),
      fc.dictionary(fc.string(), tie('value')),
    ),
  })).value;
  fc.assert(
    fc.property(data, fc.constantFrom(0, 2), (value, indent) => {
      expect(JSON.stringify(normal(parseExact(stringifyExact(value, indent))))).toBe(JSON.stringify(normal(value)));
    }),
  );
});

/** Distinguishes bigint from number and hides that JSON.parse's objects have no null prototype. */
function normal(value: unknown): unknown {
  if (typeof value === 'bigint') return `bigint ${value}`;
  if (Array.isArray(value)) return value.map(normal);
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).map(([key, held]) => [key, normal(held)]);
  return value;
}

function attempt(run: () => unknown): { ok: true; value: unknown } | { ok: false } {
  try {
    return { ok: true, value: run() };
  } catch {
    return { ok: false };
  }
}
