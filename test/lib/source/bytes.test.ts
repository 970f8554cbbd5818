import { createReadStream } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../src/lib/errors.ts';
import { samplesIn } from '../../../src/lib/source/bytes.ts';
import { fileSource } from '../../../src/lib/source/file.ts';
import type { Rejected, Sample } from '../../../src/lib/source/source.ts';
import { fixturePath, fixtureText } from '../../fixtures.ts';

/** The line on which the last document of a file of pretty ones begins. */
const lastBegin = (name: string) => fixtureText(name).split('\n').lastIndexOf('{') + 1;

/** How each file reads: a good snapshot as its line, a rejected one as its error's code. */
test.each<[string, (number | string)[], string[]]>([
  ['generation-1.json', [1], []],
  ['stream.ndjson', [1, 2, 3], []],
  ['stream.ndjson.gz', [1, 2, 3], []],
  ['stream-second-truncated.ndjson', [1, 'truncated', 3], []],
  ['stream-second-truncated-no-newline.ndjson', [1, 'not-json', 2], []],
  ['pretty-then-truncated-then-pretty.json', [1, 'truncated', lastBegin('pretty-then-truncated-then-pretty.json')], []],
  ['truncated.json', ['truncated'], []],
  ['text-around.txt', [3], ['text-around-json']],
  ['log-prefix.txt', [1, 2, 3], ['text-around-json', 'text-around-json', 'text-around-json']],
  ['bom-crlf.json', [1], []],
  ['missing-comma.json', [1], ['missing-comma']],
  ['missing-comma-one-line.json', [1], ['missing-comma']],
  ['label-not-utf8.json', [1], ['invalid-utf8']],
  ['hostile-labels.json', [1], []],
  ['other-json.json', ['invalid-snapshot'], []],
  ['schema-version-2.json', ['schema-version'], []],
  ['wrong-type.json', ['invalid-snapshot'], []],
  ['above-u64.json', ['invalid-snapshot'], []],
  ['negative.json', ['invalid-snapshot'], []],
  ['u64-max.json', [1], []],
])('%s reads as %j', async (name, expected, warnings) => {
  const events = await all(fileSource(fixturePath(name)).read());
  expect(events.map((event) => (event.kind === 'sample' ? event.at.line : event.error.code))).toEqual(expected);
  expect(
    events.flatMap((event) => (event.kind === 'sample' ? event.warnings.map((warning) => warning.code) : [])),
  ).toEqual(warnings);
});

test.each([
  ['empty.json', 'empty'],
  ['no-json.txt', 'no-snapshot'],
  ['stream-cut-gzip.ndjson.gz', 'unreadable'],
  ['does-not-exist.json', 'unreadable'],
  ['.', 'unreadable'],
])('%s as a whole is refused as %s', async (name, code) => {
  await expect(all(fileSource(fixturePath(name)).read())).rejects.toMatchObject({ code, constructor: InputError });
});

describe('a stream', () => {
  test.each([
    'stream.ndjson',
    'text-around.txt',
    'missing-comma.json',
    'stream-second-truncated-no-newline.ndjson',
    'stream.ndjson.gz',
  ])('%s reads the same however its bytes are cut', async (name) => {
    const whole = await all(fileSource(fixturePath(name)).read());
    for (const highWaterMark of [1, 7, 4096]) {
      const cut = await all(samplesIn(createReadStream(fixturePath(name), { highWaterMark }), name));
      expect(cut).toEqual(whole);
    }
  });

  test('stops reading its bytes when its consumer stops', async () => {
    let pulled = 0;
    let closed = false;
    async function* endless() {
      try {
        for (;;) {
          pulled++;
          yield Buffer.from(fixtureText('stream.ndjson'));
        }
      } finally {
        closed = true;
      }
    }
    let seen = 0;
    for await (const _ of samplesIn(endless(), 'endless')) if (++seen === 10) break;
    expect(pulled).toBeLessThan(10);
    expect(closed).toBe(true);
  });

  test('gives every good snapshot after any kind of damage to the one before', async () => {
    const [one = '', two = ''] = fixtureText('stream.ndjson').split('\n');
    await fc.assert(
      fc.asyncProperty(
        fc.nat(one.length - 1),
        fc.constantFrom('', '"', '{', '}', '[', '\\', ',', '\n', '\0'),
        fc.boolean(),
        async (at, by, cut) => {
          const damaged = one.slice(0, at) + by + (cut ? '' : one.slice(at + 1));
          const events = await all(samplesIn(chunks(`${damaged}\n${two}\n`), 'damaged'));
          const last = events.at(-1);
          expect(last?.kind === 'sample' && last.text).toBe(two);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('drops a line beyond the limit and goes on', async () => {
    async function* long() {
      yield Buffer.from('{"schema_version":1,"junk":"');
      const filler = Buffer.alloc(1 << 20, 0x61);
      for (let i = 0; i < 20; i++) yield filler;
      yield Buffer.from(`"}\n${fixtureText('stream.ndjson')}`);
    }
    const events = await all(samplesIn(long(), 'long'));
    expect(events.map((event) => (event.kind === 'sample' ? event.at.line : event.error.code))).toEqual([
      'too-large',
      2,
      3,
      4,
    ]);
  });
});

async function all(events: AsyncIterable<Sample | Rejected>): Promise<(Sample | Rejected)[]> {
  const seen = [];
  for await (const event of events) seen.push(event);
  return seen;
}

async function* chunks(text: string) {
  yield Buffer.from(text);
}
