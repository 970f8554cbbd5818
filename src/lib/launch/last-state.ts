import { unlinkSync } from 'node:fs';
import { attachedSource } from '../source/attached.ts';
import { oneSample } from '../source/collect.ts';
import { listInstances } from '../source/instances.ts';
import type { Sample } from '../source/source.ts';

/** What an allocator was when its process ended. */
export interface LastState {
  readonly sample: Sample;
  /** When it was made, since 1970. */
  readonly madeMs: number;
}

/**
 * Takes what a child left when it ended: its counter files are read and removed.
 * @param sinceMs when it was started; a pid may have been another's before
 * @returns the last state of each allocator that it had, in their order; none where it had none, or they could not be read
 */
export async function takeLastState(pid: number, sinceMs: number): Promise<LastState[]> {
  const { instances } = await listInstances(false);
  const own = instances
    .filter((one) => Number(one.pid) === pid && !one.live && Number(one.created_ns) / 1e6 >= sinceMs - 1)
    .sort((a, b) => Number(a.instance) - Number(b.instance));
  const states: LastState[] = [];
  for (const { instance, path, created_ns } of own) {
    const source = attachedSource({ pid: String(pid), instance: String(instance), postMortem: true });
    const { sample } = await oneSample(source, 'last');
    states.push({ sample, madeMs: Number(created_ns) / 1e6 });
    unlinkSync(path);
  }
  return states;
}
