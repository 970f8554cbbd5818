import type { Gauge } from '../../../analysis/report/measures.ts';
import { formatBytes } from '../../../units.ts';
import type { Context } from '../context.ts';
import { type Html, html } from '../html.ts';
import { lineChart } from '../line-chart.ts';
import { exactBytes } from '../phrases.ts';
import { table } from '../table.ts';

const NAMES: Record<Gauge, string> = {
  rss: 'process RSS',
  slabs: 'slabs (estimate)',
  live: 'live objects',
  pinned: 'pinned waste',
};
const AREAS: readonly Gauge[] = ['live', 'pinned'];
const LINES: readonly Gauge[] = ['rss', 'slabs'];

export function memory({ report, axis, positions }: Context): Html {
  const has = (gauge: Gauge) => report.gauges.has(gauge);
  const series = [...AREAS, ...LINES].filter(has).map((gauge) => ({
    name: NAMES[gauge],
    area: AREAS.includes(gauge),
    values: report.points.map(({ gauges }) => (gauges[gauge] === undefined ? undefined : Number(gauges[gauge]))),
  }));
  const rows = [...LINES, ...AREAS].flatMap((gauge) => {
    const summary = report.gauges.get(gauge);
    return summary
      ? [[NAMES[gauge], ...[summary.first, summary.last, summary.lowest, summary.highest].map(exactBytes)]]
      : [];
  });
  const last = (gauge: Gauge) => formatBytes(report.gauges.get(gauge)?.last ?? 0);
  return html`<p>Live objects and, on top of them, pinned waste (free slots in slabs that a live object holds), against what the process has resident.</p>
${lineChart({
  description: `Bytes over time. At the end: ${[...LINES, ...AREAS]
    .filter(has)
    .map((gauge) => `${NAMES[gauge]} ${last(gauge)}`)
    .join(', ')}. The table below has exact numbers.`,
  axis,
  positions,
  series,
  base: 2,
  format: formatBytes,
})}
${table('Bytes', [{ title: '' }, ...['first', 'last', 'lowest', 'highest'].map((title) => ({ title, align: 'right' as const }))], rows)}`;
}
