import { afterEach, beforeEach, expect, test } from 'vitest';
import { askedToEnd, endOnSignal, SIGNALS } from '../../src/lib/signals.ts';

const before = new Map<string, NodeJS.SignalsListener[]>();
beforeEach(() => {
  for (const signal of Object.keys(SIGNALS)) before.set(signal, process.listeners(signal as NodeJS.Signals));
});
afterEach(() => {
  for (const [signal, listeners] of before) {
    process.removeAllListeners(signal);
    for (const listener of listeners) process.on(signal, listener);
  }
});

test('a signal that comes just before somebody waits for it is heard', async () => {
  endOnSignal();
  process.kill(process.pid, 'SIGHUP');
  await askedToEnd();
  expect(process.listenerCount('SIGHUP')).toBe(1);
});
