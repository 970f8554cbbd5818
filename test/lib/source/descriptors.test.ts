import { closeSync, openSync } from 'node:fs';
import { expect, test } from 'vitest';
import { processSource } from '../../../src/lib/source/process.ts';

test('a program that there are no file descriptors for is a failure with a reason', async () => {
  const open: number[] = [];
  const reading = processSource({ name: 'true', command: 'true' }).read()[Symbol.asyncIterator]();
  try {
    for (;;) open.push(openSync('/dev/null', 'r'));
  } catch {
    // There are none left.
  }
  const failure = reading.next();
  for (const descriptor of open) closeSync(descriptor);
  await expect(failure).rejects.toMatchObject({ code: 'command-failed', message: 'true: no file descriptors left' });
});
