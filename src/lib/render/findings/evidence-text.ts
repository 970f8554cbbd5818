import type { Evidence } from '../../diagnose/finding.ts';
import { formatBytes, formatMetric } from '../../units.ts';

/** @returns one number and where it stands: `/epochs/12/refcount 2`, `/total_madvise_failures +3`. Holds no text of the watched program. */
export function evidenceText({ pointer, value, unit, basis }: Evidence): string {
  const sign = basis === 'window' && Number(value) >= 0 ? '+' : '';
  const exact = `${pointer} ${sign}${value}`;
  const readable = unit === 'bytes/s' ? `${formatBytes(Number(value))}/s` : formatMetric(value, unit);
  const plain = unit === 'bytes' || unit === 'bytes/s' || unit === 'nanoseconds' || unit === 'timestamp';
  if (unit === 'bytes/s') return `${pointer} ${readable}`;
  return plain && readable !== String(value) && Math.abs(Number(value)) >= 1000 ? `${exact} (${readable})` : exact;
}
