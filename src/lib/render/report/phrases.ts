import type { EpochSpan } from '../../analysis/report/epoch-spans.ts';
import type { Report } from '../../analysis/report/report.ts';
import type { I64 } from '../../snapshot/u64.ts';
import { ABSENT, formatBytes, formatCount, formatShare, formatSi } from '../../units.ts';

export const UNLABELED = '(unlabeled)';
export const OTHERS = 'all others';

/** @returns every byte, and how people read it */
export function exactBytes(bytes: I64 | undefined): string {
  if (bytes === undefined) return ABSENT;
  return Math.abs(Number(bytes)) < 1000 ? formatBytes(bytes) : `${formatCount(bytes)} (${formatBytes(bytes)})`;
}

export function exactCount(count: I64 | undefined): string {
  return count === undefined ? ABSENT : formatCount(count);
}

export function rate(perSecond: number | undefined): string {
  return perSecond === undefined ? ABSENT : `${formatSi(perSecond)}/s`;
}

export function share(value: number | null | undefined): string {
  return value === null || value === undefined ? ABSENT : formatShare(value);
}

/** @returns the epoch's label for people; hostile text */
export function labelOf({ label }: { readonly label: string | undefined }): string {
  return label === undefined ? ABSENT : label === '' ? UNLABELED : label;
}

/** @returns the labels that get a colour of their own: those that held most, seven at most; the rest share the eighth */
export function colouredLabels({ points, epochs }: Report): string[] {
  const most = new Map<string, number>();
  const see = (name: string, bytes: number) => most.set(name, Math.max(bytes, most.get(name) ?? 0));
  for (const { labels } of points) for (const [label, bytes] of labels) see(labelOf({ label }), Number(bytes));
  for (const span of epochs) see(labelOf(span), Number((span satisfies EpochSpan).peakBytes));
  const ranked = [...most].filter(([name]) => name !== ABSENT).sort(([, a], [, b]) => b - a);
  return ranked.slice(0, 7).map(([name]) => name);
}
