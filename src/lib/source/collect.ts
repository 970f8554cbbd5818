import { InputError } from '../errors.ts';
import type { Rejected, Sample, Source } from './source.ts';

export interface Collected {
  readonly sample: Sample;
  /** Samples seen, the one returned included. */
  readonly seen: number;
  /** What could not be used on the way. */
  readonly rejected: readonly Rejected[];
  /** The source broke after at least one sample: what was good is here, and the caller throws this when it has shown it. */
  readonly failure?: InputError;
}

/** Kept of the rejected ones; the rest is only counted by its reader's own messages. */
const KEEP_REJECTED = 100;

/**
 * @param which first stops reading as soon as it has one; last reads to the end
 * @throws InputError the first rejection, where nothing could be used
 */
export async function oneSample(source: Source, which: 'first' | 'last', signal?: AbortSignal): Promise<Collected> {
  let sample: Sample | undefined;
  let seen = 0;
  const rejected: Rejected[] = [];
  let failure: InputError | undefined;
  try {
    for await (const event of source.read(signal)) {
      if (event.kind === 'rejected') {
        if (rejected.length < KEEP_REJECTED) rejected.push(event);
        continue;
      }
      sample = event;
      seen++;
      if (which === 'first') break;
    }
  } catch (error) {
    if (!sample || !(error instanceof InputError)) throw error;
    failure = error;
  }
  if (sample) return { sample, seen, rejected, ...(failure && { failure }) };
  const [first] = rejected;
  if (first) throw located(first, source.name);
  throw new InputError('no-snapshot', `${source.name} gave no snapshot`);
}

/** @returns the rejection's error with the source and the place in front of its message */
export function located({ error, at }: Rejected, name: string): InputError {
  const message = `${name}, line ${at.line} (byte ${at.offset}): ${error.message}`;
  return new InputError(error.code, message, error.hint, { cause: error });
}
