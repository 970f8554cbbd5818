import type { ChalkInstance } from 'chalk';

/** A cell is text that is already safe for a terminal (see safe-text.ts); numbers are formatted before. */
export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * @param terminal true for a framed table, false for plain aligned lines that grep and awk can use
 * @returns lines without a final newline
 */
export async function renderTable(table: Table, terminal: boolean, style: ChalkInstance): Promise<string> {
  return terminal ? framed(table, style) : plain(table);
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
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => (line[i] ?? '').length)));
  return lines
    .map((line) =>
      line
        .map((cell, i) => (columns[i]?.align === 'right' ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
