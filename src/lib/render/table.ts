import type { ChalkInstance } from 'chalk';
import { widthOf } from './width.ts';

/** A cell is text that is already safe for a terminal (see safe-text.ts); numbers are formatted before. */
export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

/** How a table is drawn: false for plain aligned lines that grep and awk can use, true for a frame, a number for a frame where it fits into so many cells. */
export type Frame = boolean | number;

/** @returns lines without a final newline */
export async function renderTable(table: Table, frame: Frame, style: ChalkInstance): Promise<string> {
  if (frame === false) return plain(table);
  const lines = await framed(table, style);
  // The border has no colours and no wide characters.
  return frame === true || lines.indexOf('\n') <= frame ? lines : plain(table);
}

async function framed({ columns, rows }: Table, style: ChalkInstance): Promise<string> {
  const { default: CliTable } = await import('cli-table3');
  const table = new CliTable({
    head: columns.map((column) => style.bold(column.title)),
    colAligns: columns.map((column) => column.align ?? 'left'),
    style: { head: [], border: [], compact: true },
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}

function plain({ columns, rows }: Table): string {
  const lines = [columns.map((column) => column.title.replaceAll(' ', '_')), ...rows];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => cellWidth(line[i] ?? ''))));
  return lines
    .map((line) =>
      line
        .map((cell, i) => {
          const padding = ' '.repeat((widths[i] ?? 0) - cellWidth(cell));
          return columns[i]?.align === 'right' ? padding + cell : cell + padding;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** @param cell may hold colours. @returns how many cells of a terminal it takes */
function cellWidth(cell: string): number {
  return widthOf(cell.includes('\x1b') ? cell.replace(/\x1b\[[\d;]*m/g, '') : cell);
}
