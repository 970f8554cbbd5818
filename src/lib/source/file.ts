import { createReadStream } from 'node:fs';
import { samplesIn } from './bytes.ts';
import type { Source } from './source.ts';

/** @param path a snapshot, a recording of one snapshot per line, or either compressed with gzip */
export function fileSource(path: string): Source {
  return {
    name: path,
    read: (signal) => samplesIn(abortable(createReadStream(path, { highWaterMark: 256 * 1024 }), signal), path),
  };
}

/** What `-` and --stdin mean. */
export function stdinSource(): Source {
  return { name: 'stdin', read: (signal) => samplesIn(abortable(process.stdin, signal), 'stdin') };
}

/** @returns the stream's chunks; an abort ends them quietly, and ending early destroys the stream */
export async function* abortable(
  stream: NodeJS.ReadableStream & { destroy(): unknown },
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  const stop = () => stream.destroy();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    if (!signal?.aborted) for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    if (!signal?.aborted) throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
    stream.destroy();
  }
}
