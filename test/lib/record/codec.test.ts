import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gzipCodec } from '../../../src/lib/record/codec.ts';
import { oneLine } from '../../../src/lib/record/record.ts';
import { hostileText } from '../../hostile-text.ts';

test('after every line, what was written and the trailer are a whole gzip file of the lines so far', () => {
  const lines = fc.array(fc.oneof(hostileText({ maxLength: 300 }), fc.constant('x'.repeat(70_000))), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(lines, (texts) => {
      const codec = gzipCodec();
      let written = codec.header;
      let plain = Buffer.alloc(0);
      for (const text of texts) {
        const line = Buffer.from(`${text}\n`);
        written = Buffer.concat([written, codec.encode(line)]);
        plain = Buffer.concat([plain, line]);
        expect(gunzipSync(Buffer.concat([written, codec.trailer()])).equals(plain)).toBe(true);
      }
    }),
    { numRuns: 50 },
  );
});

test('a line that repeats an earlier one costs next to nothing', () => {
  const codec = gzipCodec();
  const line = Buffer.from(Array.from({ length: 2000 }, (_, i) => String(i * 7919)).join(' '));
  const first = codec.encode(line).length;
  expect(codec.encode(line).length).toBeLessThan(first / 20);
});

test('JSON over several lines becomes one, its strings untouched', () => {
  const value = { a: [1, { b: '  two \n lines \u2028 ' }], c: ' \t ' };
  for (const ends of ['\n', '\r\n']) {
    const line = oneLine(JSON.stringify(value, null, 2).replaceAll('\n', ends));
    expect(line).not.toMatch(/[\r\n]/);
    expect(JSON.parse(line)).toEqual(value);
  }
});
