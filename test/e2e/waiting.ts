import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'vitest';

/** For expect.poll: what must come comes, on however busy a machine; less than a test may take. */
export const PATIENT = { timeout: 50_000, interval: 50 } as const;

/** Waits for what must come, and fails where it does not. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  await expect.poll(holds, { ...PATIENT, interval: 20 }).toBe(true);
}

/** Ends it, unless it has ended by itself. @returns exit code and signal, as soon as all it printed was read */
export async function ended(
  child: ChildProcess,
  signal: NodeJS.Signals = 'SIGKILL',
): Promise<[number | null, NodeJS.Signals | null]> {
  if (child.exitCode === null && child.signalCode === null) {
    const closed = once(child, 'close');
    child.kill(signal);
    await closed;
  }
  return [child.exitCode, child.signalCode];
}
