import { CATALOGUE, type MetricRow } from '../metrics/catalogue.ts';
import { type Holder, numberIn } from '../metrics/read.ts';
import type { EpochStats } from '../snapshot/model.ts';
import { ABSENT, formatMetric } from '../units.ts';
import { forTerminal } from './safe-text.ts';
import type { Column, Table } from './table.ts';

/** A column of text rather than of a metric. */
export interface TextColumn<H> {
  readonly title: string;
  readonly text: (holder: H) => string | undefined;
}

/** What tables of epochs show besides numbers. */
export const STATE: TextColumn<EpochStats> = { title: 'state', text: (epoch) => epoch.state };
export const LABEL_TEXT: TextColumn<EpochStats> = { title: 'label', text: (epoch) => epoch.label };

/**
 * A table of classes or epochs. Columns that no holder has a number for are left out: an older producer lacks them.
 * @param columns catalogue fields of the scope by name, or text columns
 */
export function metricTable<H extends Holder>(
  scope: 'class' | 'epoch',
  holders: readonly H[],
  columns: readonly (string | TextColumn<H>)[],
): Table {
  const shown = columns.filter((column) =>
    holders.some(
      (holder) => (typeof column === 'string' ? numberIn(holder, column) : column.text(holder)) !== undefined,
    ),
  );
  const rows = new Map(CATALOGUE[scope].map((row): [string, MetricRow] => [row.field, row]));
  const rowOf = (field: string): MetricRow => {
    const row = rows.get(field);
    if (!row) throw new Error(`no metric ${field} of scope ${scope}`);
    return row;
  };
  return {
    columns: shown.map(
      (column): Column =>
        typeof column === 'string' ? { title: rowOf(column).title, align: 'right' } : { title: column.title },
    ),
    rows: holders.map((holder) =>
      shown.map((column) => {
        if (typeof column === 'string') return formatMetric(numberIn(holder, column), rowOf(column).unit);
        return forTerminal(column.text(holder) ?? ABSENT) || '(none)';
      }),
    ),
  };
}
