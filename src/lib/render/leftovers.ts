import type { ChalkInstance } from 'chalk';
import type { Left, Leftovers } from '../analysis/leftovers.ts';
import { ABSENT, formatBytes, formatCount, formatSi } from '../units.ts';
import { forTerminal } from './safe-text.ts';
import { type Column, type Frame, renderTable } from './table.ts';

/**
 * @param who the program and how it ended, for a person: hostile text
 * @returns what a program never freed: a line, the slices of time oldest first, the classes. Without a final newline
 */
export async function renderLeftovers(
  who: string,
  { objects, bytes, slices, classes }: Leftovers,
  frame: Frame,
  style: ChalkInstance,
): Promise<string> {
  if (objects === 0) return `${forTerminal(who)} It freed every object of up to 768 bytes.`;
  const line = `${forTerminal(who)} It still held ${style.bold(formatBytes(bytes))} in ${formatCount(objects)} objects of up to 768 bytes.`;
  const tables = [
    ...(slices.some(({ objectsPerSecond }) => objectsPerSecond !== undefined)
      ? [await table('allocated at', slices, frame, style)]
      : []),
    await table('size', classes, frame, style),
  ];
  return [line, ...tables].join('\n\n');
}

async function table(title: string, left: readonly Left[], frame: Frame, style: ChalkInstance): Promise<string> {
  const rated = left.some(({ objectsPerSecond }) => objectsPerSecond !== undefined);
  const columns: Column[] = [
    { title },
    { title: 'objects', align: 'right' },
    { title: 'bytes', align: 'right' },
    ...(rated ? [{ title: 'objects/s', align: 'right' as const }] : []),
  ];
  const rows = left.map(({ name, objects, bytes, objectsPerSecond }) => [
    forTerminal(name),
    formatCount(objects),
    formatBytes(bytes),
    ...(rated ? [typeof objectsPerSecond === 'number' ? formatSi(objectsPerSecond) : ABSENT] : []),
  ]);
  return renderTable({ columns, rows }, frame, style);
}
