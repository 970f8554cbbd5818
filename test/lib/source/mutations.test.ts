import { describe, expect, test } from 'vitest';
import { checkLaws } from '../../../src/lib/snapshot/laws.ts';
import { phrase } from '../../../src/lib/snapshot/phrases.ts';
import { samplesInWhole } from '../../../src/lib/source/bytes.ts';
import { fixtureText } from '../../fixtures.ts';

/** Every way in which a source may refuse what it is given. */
const DOCUMENTED = ['empty', 'no-snapshot', 'truncated', 'not-json', 'too-large', 'invalid-snapshot', 'schema-version'];

/** 100,000 mutations in all; MUTATIONS=1000000 and SEED=2 for more and others. */
const MUTATIONS = Number(process.env['MUTATIONS'] ?? 100_000);
const SEED = Number(process.env['SEED'] ?? 1);

/** The fixture with two classes, two epochs and the first labels: as many kinds of values, fewer of each. */
function small(name: string, indent?: number): string {
  const { classes, epochs, ...rest } = JSON.parse(fixtureText(name)) as { classes: unknown[]; epochs?: unknown[] };
  const kept = { ...rest, classes: classes.slice(0, 2), ...(epochs && { epochs: epochs.slice(0, 2) }) };
  return `${JSON.stringify(kept, null, indent)}\n`;
}

const SOURCES = [
  small('generation-1.json'),
  small('generation-2.json', 2),
  small('hostile-labels.json'),
  small('generation-7.json').repeat(2),
].map((text) => Buffer.from(text));

/** Mulberry32, by Tommy Ettinger (public domain): 32 bits of state, good enough to choose places and bytes. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) % below;
  };
}

type Mutation = (bytes: Buffer, random: (below: number) => number) => Buffer;

// biome-ignore format: a list
const TOKENS = ["null", "true", "-1", "\"\"", "[]", "{}", "1e999", "18446744073709551616", "0.5", "\"\\ud800\"", "{\"classes\":[]}", "\n", "\"", "\\", "\x7f", "\0"];

const at = (bytes: Buffer, from: number, to: number, put: string | Buffer) =>
  Buffer.concat([bytes.subarray(0, from), Buffer.from(put), bytes.subarray(to)]);

const MUTATE: Record<string, Mutation> = {
  truncated: (bytes, random) => bytes.subarray(0, random(bytes.length)),
  'a byte changed': (bytes, random) => {
    const place = random(bytes.length);
    return at(bytes, place, place + 1, Buffer.of(random(256)));
  },
  'a piece cut out': (bytes, random) => {
    const from = random(bytes.length);
    return at(bytes, from, Math.min(bytes.length, from + random(300)), '');
  },
  'a piece doubled': (bytes, random) => {
    const from = random(bytes.length);
    return at(bytes, from, from, bytes.subarray(from, from + random(300)));
  },
  'a token put in': (bytes, random) => {
    const place = random(bytes.length);
    return at(bytes, place, place, TOKENS[random(TOKENS.length)] as string);
  },
  'a value of another type': (bytes, random) => {
    const text = bytes.toString('latin1');
    const values = [...text.slice(random(text.length)).matchAll(/:\s*("[^"]*"|[\d.]+)/g)];
    const value = values[random(Math.max(1, Math.min(40, values.length)))];
    if (!value?.[1]) return bytes;
    const from = text.length - (value.input.length - value.index) + value[0].length - value[1].length;
    return at(bytes, from, from + value[1].length, TOKENS[random(TOKENS.length)] as string);
  },
};

describe.each(Object.entries(MUTATE))('%s', (_, mutate) => {
  test('is read, or refused with a documented error', { timeout: 300_000 }, async () => {
    const next = random(SEED);
    const seen = new Map<string, number>();
    const count = Math.ceil(MUTATIONS / Object.keys(MUTATE).length);
    for (let i = 0; i < count; i++) {
      let bytes = SOURCES[next(SOURCES.length)] as Buffer;
      for (let times = 1 + next(3); times > 0 && bytes.length > 0; times--) bytes = mutate(bytes, next);
      for (const code of await outcomes(bytes)) seen.set(code, (seen.get(code) ?? 0) + 1);
    }
    expect([...seen.keys()].filter((code) => code !== 'read' && !DOCUMENTED.includes(code))).toEqual([]);
    // A fuzzer that only ever meets one outcome tests nothing.
    expect(seen.size).toBeGreaterThan(1);
  });
});

/** Reads the bytes and phrases whatever is odd; anything but an InputError fails the test with the bytes that caused it. */
async function outcomes(bytes: Buffer): Promise<string[]> {
  const seen: string[] = [];
  try {
    for await (const event of samplesInWhole(bytes, 'mutant')) {
      if (event.kind === 'sample')
        for (const warning of [...event.warnings, ...checkLaws(event.snapshot)]) phrase(warning);
      seen.push(event.kind === 'sample' ? 'read' : event.error.code);
    }
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (typeof code !== 'string') throw new Error(`mutant: ${bytes.toString('base64')}`, { cause: error });
    seen.push(code);
  }
  return seen;
}
