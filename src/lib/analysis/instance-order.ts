import type { Instance } from '../snapshot/instances.ts';
import { compare } from '../snapshot/u64.ts';

/** @returns the live ones by process and instance, then the dead ones, the last to have started first */
export function inOrder(instances: readonly Instance[]): Instance[] {
  return instances.toSorted((a, b) => {
    if (a.live !== b.live) return a.live ? -1 : 1;
    if (!a.live) return compare(b.created_ns, a.created_ns);
    return compare(a.pid, b.pid) || compare(a.instance, b.instance);
  });
}

/** @returns for a list in that order: takes all live ones and so many dead ones */
export function lastDead(most: number): (one: Instance) => boolean {
  let dead = 0;
  return (one) => one.live || ++dead <= most;
}
