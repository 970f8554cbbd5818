import type { TimelineEvent } from '../analysis/timeline.ts';
import { formatCount, formatNanoseconds } from '../units.ts';
import { forTerminal } from './safe-text.ts';

/** @returns what happened, in few words, safe to print */
export function eventText(event: TimelineEvent): string {
  switch (event.code) {
    case 'process-changed':
      return `another process: pid ${event.before} → ${event.after}`;
    case 'instance-changed':
      return 'another allocator of the same process';
    case 'counter-reset':
      return `${formatCount(event.count)} counters went down without a restart (${event.pointers[0]}${event.count > 1 ? ' …' : ''})`;
    case 'no-clock':
      return 'no timestamp_ns: no rates';
    case 'unchanged':
      return 'nothing new since the last look';
    case 'clock-backwards':
      return `the clock went back by ${formatNanoseconds(event.byNs)}`;
    case 'clock-jump':
      return `the clock jumped: it says ${formatNanoseconds(event.wallNs)} for about ${formatNanoseconds(event.steadyNs)}`;
    case 'missed':
      return `${formatCount(event.samples)} sample${event.samples === 1 ? '' : 's'} missed: averages over ${formatNanoseconds(event.gapNs)}`;
  }
}

/** @returns a line for stderr */
export function endNote(source: string): string {
  return forTerminal(`tslab: ${source} has ended; this was its last state`);
}
