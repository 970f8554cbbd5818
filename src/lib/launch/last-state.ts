import { unlinkSync } from 'node:fs';
import { attachedSource } from '../source/attached.ts';
import { oneSample } from '../source/collect.ts';
import { listInstances } from '../source/instances.ts';
import type { Sample } from '../source/source.ts';

/**
 * Takes what a child left when it ended: its counter files are read and removed.
 * @param sinceMs when it was started; a pid may have been another's before
 * @returns a sample for each allocator that it had, in their order; none where it had none, or they could not be read
 */
export async function takeLastState(pid: number, sinceMs: number): Promise<Sample[]> {
  const { instances } = await listInstances(false);
  const own = instances
    .filter((one) => Number(one.pid) === pid && !one.live && Number(one.created_ns) / 1e6 >= sinceMs - 1)
    .sort((a, b) => Number(a.instance) - Number(b.instance));
  const samples: Sample[] = [];
  for (const { instance, path } of own) {
    const source = attachedSource({ pid: String(pid), instance: String(instance), postMortem: true });
    samples.push((await oneSample(source, 'last')).sample);
    unlinkSync(path);
  }
  return samples;
}
