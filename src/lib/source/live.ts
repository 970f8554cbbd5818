import { fstatSync, statSync } from 'node:fs';
import { followed, type Pace, POLL_MS } from './follow.ts';
import { isAttached, openSource, type SourceChoice } from './open.ts';
import type { Source } from './source.ts';

export interface LiveSource {
  readonly source: Source;
  /** Snapshots arrive as they are taken, so our own steady clock can check the producer's. */
  readonly arrivesAsTaken: boolean;
}

/**
 * @param pace how often; see followed
 * @returns the chosen source, kept coming; with none chosen, the bundled harness at work for as long as it is read
 */
export async function liveSource(choice: SourceChoice, pace: Pace): Promise<LiveSource> {
  const { input, stdin, exec, url } = choice;
  if (isAttached(choice)) {
    const source = await openSource(choice, pace.intervalMs ?? POLL_MS);
    return { source: followed(source, pace, false), arrivesAsTaken: true };
  }
  if (input === undefined && !stdin && exec === undefined && url === undefined) {
    const { harnessSource } = await import('./harness.ts');
    const every = `${Math.max(10, Math.round(pace.intervalMs ?? 1000))}ms`;
    const source = harnessSource(['steady', '--duration', 'forever', '--interval', every]);
    return { source: followed(source, pace, false), arrivesAsTaken: true };
  }
  const source = await openSource(choice);
  const isStdin = stdin === true || input === '-';
  return { source: followed(source, pace, !isStdin), arrivesAsTaken: exec !== undefined || url !== undefined };
}

/** @returns true where all that there is can be read now: a regular file, named or redirected to stdin */
export function isStored({ input, stdin }: SourceChoice): boolean {
  try {
    return (stdin || input === '-' ? fstatSync(0) : statSync(input ?? '')).isFile();
  } catch {
    return false;
  }
}
