import { createReadStream, readFileSync, statSync } from 'node:fs';
import { samplesIn, samplesInWhole } from './bytes.ts';
import type { Source } from './source.ts';

/** Files up to this size are read at once: most are one snapshot, and starting a stream takes longer than reading them. */
const SMALL_BYTES = 1 << 20;

/** @param path a snapshot, a recording of one snapshot per line, or either compressed with gzip */
export function fileSource(path: string): Source {
  return {
    name: path,
    read: (signal) => {
      const bytes = smallFile(path);
      if (bytes) return samplesInWhole(bytes, path);
      return samplesIn(abortable(createReadStream(path, { highWaterMark: 256 * 1024 }), signal), path);
    },
  };
}

/** @returns the whole file, or null where it is large, may never end, or cannot be read: the stream then says why */
function smallFile(path: string): Buffer | null {
  try {
    const file = statSync(path);
    return file.isFile() && file.size <= SMALL_BYTES ? readFileSync(path) : null;
  } catch {
    return null;
  }
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
