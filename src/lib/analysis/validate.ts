import type { InputError } from '../errors.ts';
import { checkLaws, checkMonotonic } from '../snapshot/laws.ts';
import type { Snapshot } from '../snapshot/model.ts';
import type { Warning } from '../snapshot/warning.ts';
import type { Position, Rejected, Sample } from '../source/source.ts';

export type Verdict =
  | { readonly kind: 'read'; readonly at: Position; readonly warnings: readonly Warning[] }
  | { readonly kind: 'rejected'; readonly at: Position; readonly error: InputError };

/** @returns a verdict on each event, in order; holds one earlier snapshot for the laws over time */
export async function* judge(events: AsyncIterable<Sample | Rejected>): AsyncGenerator<Verdict> {
  let before: Snapshot | undefined;
  for await (const event of events) {
    if (event.kind === 'rejected') {
      yield event;
      continue;
    }
    const { snapshot, at } = event;
    const overTime = before && isSameProcess(before, snapshot) ? checkMonotonic(before, snapshot) : [];
    yield { kind: 'read', at, warnings: [...event.warnings, ...checkLaws(snapshot), ...overTime] };
    before = snapshot;
  }
}

/** @returns true where both come from one allocator of one process; false also where a producer does not say */
export function isSameProcess(a: Snapshot, b: Snapshot): boolean {
  return a.pid !== undefined && a.pid === b.pid && a.allocator?.instance === b.allocator?.instance;
}
