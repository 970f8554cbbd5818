import { setTimeout as sleep } from 'node:timers/promises';
import type { Source } from './source.ts';

/**
 * Reads a source again and again: what polling a file, a command that prints one snapshot, or a URL means.
 * Starts are `intervalMs` apart; where one reading takes longer, the next starts at once and none is made up for.
 * @param intervalMs above 0
 */
export function repeated(source: Source, intervalMs: number): Source {
  return {
    name: source.name,
    async *read(signal) {
      while (!signal?.aborted) {
        const started = performance.now();
        yield* source.read(signal);
        const left = intervalMs - (performance.now() - started);
        if (left > 0) await sleep(left, undefined, signal ? { signal } : {}).catch(() => {});
      }
    },
  };
}
