import type { Warning } from '../snapshot/warning.ts';

/** @returns one line for stderr about what is odd in a snapshot, or null for nothing. `tslab validate` has the details. */
export function warningLine(warnings: readonly Warning[], rejected: number): string | null {
  const parts: string[] = [];
  if (warnings.length > 0) {
    const codes = [...new Set(warnings.map((warning) => warning.code))];
    parts.push(`${warnings.length} oddit${warnings.length === 1 ? 'y' : 'ies'} in this snapshot (${codes.join(', ')})`);
  }
  if (rejected > 0) parts.push(`${rejected} broken snapshot${rejected === 1 ? '' : 's'} skipped`);
  return parts.length === 0 ? null : `tslab: warning: ${parts.join('; ')}; 'tslab validate' says where`;
}
