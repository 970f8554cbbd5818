import { type Close, fellBy } from '../analysis/close.ts';
import { formatBytes, formatNanoseconds } from '../units.ts';
import { forTerminal } from './safe-text.ts';

/** @returns facts in few words, safe to print: `epoch 4 (background-worker): 2 MiB offered back, RSS 6.1 MiB → 4.1 MiB, fell by 2 MiB; took 310 µs` */
export function closeText(close: Close): string {
  const label = close.label ? ` (${forTerminal(close.label)})` : '';
  const fell = fellBy(close);
  const change = fell === 0 ? 'unchanged' : fell > 0 ? `fell by ${formatBytes(fell)}` : `rose by ${formatBytes(-fell)}`;
  const took = close.tookNs === undefined ? '' : `; took ${formatNanoseconds(close.tookNs)}`;
  return `epoch ${close.id}${label}: ${formatBytes(close.offeredBytes)} offered back, RSS ${formatBytes(close.rssBefore)} → ${formatBytes(close.rssAfter)}, ${change}${took}`;
}
