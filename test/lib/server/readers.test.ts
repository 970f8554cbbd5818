import { expect, test } from 'vitest';
import { InputError } from '../../../src/lib/errors.ts';
import { streamReader } from '../../../src/lib/server/readers.ts';
import type { Rejected, Sample } from '../../../src/lib/source/source.ts';
import { fixtureSnapshot } from '../../fixtures.ts';

const sample: Sample = {
  kind: 'sample',
  snapshot: fixtureSnapshot('generation-7.json'),
  text: '{}',
  at: { line: 1, offset: 0 },
  warnings: [],
};
const rejected = (line: number): Rejected => ({
  kind: 'rejected',
  error: new InputError('x', 'no good'),
  at: { line, offset: 0 },
});

/** A reader of a source that does what it is told, and has done it when the promise resolves. */
function told() {
  const waiting: (() => void)[] = [];
  const events: (Sample | Rejected | Error | null)[] = [];
  const source = {
    name: 'test',
    async *read() {
      for (;;) {
        const event = events.shift();
        if (event === undefined) await new Promise<void>((resolve) => waiting.push(resolve));
        else if (event === null) return;
        else if (event instanceof Error) throw event;
        else yield event;
      }
    },
  };
  const reader = streamReader({ source, arrivesAsTaken: true });
  const tell = async (...more: typeof events) => {
    events.push(...more);
    waiting.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { reader, tell };
}

test('a failed reading fails every look until the next snapshot', async () => {
  const { reader, tell } = told();
  await tell(sample);
  expect(await reader.look()).toMatchObject({ unusable: 0, watched: [{ snapshot: sample.snapshot }] });
  await tell(rejected(0));
  await expect(reader.look()).rejects.toThrow('no good');
  await expect(reader.look()).rejects.toThrow('no good');
  await tell(sample);
  expect(await reader.look()).toMatchObject({ unusable: 0 });
});

test('a snapshot that cannot be used fails as well, and is counted', async () => {
  const { reader, tell } = told();
  await tell(rejected(1), sample, rejected(3));
  await expect(reader.look()).rejects.toThrow('test, line 3 (byte 0): no good');
  await tell(sample);
  expect(await reader.look()).toMatchObject({ unusable: 2 });
});

test.each([
  ['an end', null, 'test has ended'],
  ['a failure', new InputError('y', 'exit code 3'), 'exit code 3'],
] as const)('%s is told although there was a snapshot', async (_, end, message) => {
  const { reader, tell } = told();
  await tell(sample, end);
  await expect(reader.look()).rejects.toThrow(message);
});
