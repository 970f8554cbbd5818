import { formatDuration } from '../duration.ts';
import { SamplesError } from '../errors.ts';
import { attachedSource, type Target } from './attached.ts';
import { located } from './collect.ts';
import type { Sample, Source } from './source.ts';

/**
 * Reads a process twice.
 * @param windowMs time between the two
 * @returns a source for each of the two states
 * @throws SamplesError where the process ends before the second
 */
export async function bothEnds(target: Target, windowMs: number): Promise<[Source, Source]> {
  const source = attachedSource(target, windowMs);
  const samples: Sample[] = [];
  for await (const event of source.read()) {
    if (event.kind === 'rejected') throw located(event, source.name);
    if (event.snapshot.process?.live === false) break;
    samples.push(event);
    if (samples.length === 2) break;
  }
  const [before, after] = samples;
  if (before && after) {
    const window = formatDuration(windowMs);
    return [held(`${source.name}`, before), held(`${source.name}, ${window} later`, after)];
  }
  throw new SamplesError('window-not-full', `${source.name} ended within ${formatDuration(windowMs)}`);
}

function held(name: string, sample: Sample): Source {
  return {
    name,
    async *read() {
      yield sample;
    },
  };
}
