import { labelTotals } from '../../../analysis/label-totals.ts';
import { compare } from '../../../snapshot/u64.ts';
import { formatBytes, formatCount, formatMetric } from '../../../units.ts';
import type { Context } from '../context.ts';
import { type Html, html } from '../html.ts';
import { lineChart } from '../line-chart.ts';
import { colouredLabels, exactBytes, labelOf, OTHERS } from '../phrases.ts';
import { table } from '../table.ts';

const MAX_ROWS = 64;

export function labels({ report, axis, positions }: Context): Html {
  const totals = labelTotals(report.last).sort((a, b) => compare(b.estimatedRssBytes, a.estimatedRssBytes));
  if (totals.length === 0) return html`<p class="soft">This producer does not say.</p>`;
  const coloured = colouredLabels(report);
  const known = new Set(coloured);
  const bytes = (held: ReadonlyMap<string, number | bigint>, wanted: (name: string) => boolean) =>
    [...held].reduce((sum, [label, value]) => (wanted(labelOf({ label })) ? sum + Number(value) : sum), 0);
  const series = coloured.map((name) => ({
    name,
    area: true,
    values: report.points.map((point) => bytes(point.labels, (one) => one === name)),
  }));
  const shown = series.filter(({ values }) => values.some((value) => value > 0));
  const others = report.points.map((point) => bytes(point.labels, (one) => !known.has(one)));
  if (others.some((value) => value > 0)) shown.push({ name: OTHERS, area: true, values: others });
  const contended = totals.some(({ contention }) => contention !== undefined);
  return html`<p>Resident bytes of the epochs that bear a label (estimate), stacked.</p>
${lineChart({
  description: `Bytes by label over time, stacked. At the end: ${totals
    .slice(0, 7)
    .map(({ label, estimatedRssBytes }) => `${labelOf({ label })} ${formatBytes(estimatedRssBytes)}`)
    .join(', ')}.`,
  axis,
  positions,
  series: shown,
  base: 2,
  format: formatBytes,
})}
${table(
  'Labels in the last snapshot',
  [
    { title: 'label' },
    ...['epochs', 'domains', 'oldest', 'bytes', ...(contended ? ['lock waits'] : [])].map((title) => ({
      title,
      align: 'right' as const,
    })),
  ],
  totals
    .slice(0, MAX_ROWS)
    .map(({ label, epochs, domains, oldestSec, estimatedRssBytes, contention }) => [
      labelOf({ label }),
      String(epochs),
      formatCount(domains),
      formatMetric(oldestSec, 'seconds'),
      exactBytes(estimatedRssBytes),
      ...(contended ? [formatMetric(contention?.lock_contended, 'events')] : []),
    ]),
)}`;
}
