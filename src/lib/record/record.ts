import { InputError } from '../errors.ts';
import type { Rejected, Source } from '../source/source.ts';

export interface RecordLimits {
  /** Snapshots after which to stop; 1 or more. */
  readonly count?: number | undefined;
  /** Milliseconds after which to stop. */
  readonly durationMs?: number | undefined;
}

export interface Recorded {
  readonly snapshots: number;
  /** Bytes of their text, uncompressed. */
  readonly bytes: number;
  readonly rejected: number;
}

/**
 * Puts a source's snapshots, one a line, every digit as it came, where append() leads.
 * @param append takes a line with its newline; the next one is read when it has resolved
 * @param onRejected told of each that could not be used
 * @throws InputError where there was nothing to record, or the source broke; what came before has been appended by then
 */
export async function record(
  source: Source,
  append: (line: string, soFar: Recorded) => Promise<void>,
  { count = Number.POSITIVE_INFINITY, durationMs }: RecordLimits,
  onRejected: (rejected: Rejected) => void,
): Promise<Recorded> {
  const stop = new AbortController();
  const timer = durationMs === undefined ? undefined : setTimeout(() => stop.abort(), durationMs);
  let recorded: Recorded = { snapshots: 0, bytes: 0, rejected: 0 };
  try {
    for await (const event of source.read(stop.signal)) {
      if (event.kind === 'rejected') {
        recorded = { ...recorded, rejected: recorded.rejected + 1 };
        onRejected(event);
        continue;
      }
      const line = `${oneLine(event.text)}\n`;
      recorded = { ...recorded, snapshots: recorded.snapshots + 1, bytes: recorded.bytes + Buffer.byteLength(line) };
      await append(line, recorded);
      if (recorded.snapshots >= count || stop.signal.aborted) break;
    }
  } finally {
    clearTimeout(timer);
  }
  if (recorded.snapshots === 0)
    throw new InputError('no-snapshot', `${source.name} gave no snapshot: nothing was recorded`);
  return recorded;
}

/** In JSON, a line break stands between tokens only, where it means nothing. */
export function oneLine(json: string): string {
  return json.includes('\n') || json.includes('\r') ? json.replace(/[ \t]*[\r\n]+[ \t]*/g, '') : json;
}
