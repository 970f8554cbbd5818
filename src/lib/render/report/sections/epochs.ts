import type { EpochSpan } from '../../../analysis/report/epoch-spans.ts';
import { compare } from '../../../snapshot/u64.ts';
import { formatMetric } from '../../../units.ts';
import type { Context } from '../context.ts';
import { epochChart } from '../epoch-chart.ts';
import { type Html, html } from '../html.ts';
import { colouredLabels, exactBytes, labelOf, OTHERS } from '../phrases.ts';
import { table } from '../table.ts';

const MAX_ROWS = 30;

export function epochs({ report, axis }: Context): Html {
  if (!report.last.epochs) return html`<p class="soft">This producer does not say.</p>`;
  if (report.epochs.length === 0) return html`<p class="soft">No epoch held anything.</p>`;
  const coloured = colouredLabels(report);
  const names = new Set(coloured);
  const rest = report.epochs.some((span) => !names.has(labelOf(span)));
  const most = report.epochs.toSorted((a, b) => compare(b.peakBytes, a.peakBytes)).slice(0, MAX_ROWS);
  return html`${report.snapshots > 1 && epochChart(report.epochs, axis, labelOf, rest ? [...coloured, OTHERS] : coloured)}
${report.epochsArePart && html`<p class="hint">More epochs than fit: only the ${report.epochs.length} that held most are drawn.</p>`}
${table(
  `Epochs that held most${report.epochs.length > MAX_ROWS ? ` (${MAX_ROWS} of ${report.epochsArePart ? 'more than ' : ''}${report.epochs.length})` : ''}`,
  [
    { title: 'epoch', align: 'right' },
    { title: 'era', align: 'right' },
    { title: 'label' },
    { title: 'state' },
    ...['age', 'domains', 'live objects', 'pinned waste', 'last bytes', 'most bytes'].map((title) => ({
      title,
      align: 'right' as const,
    })),
  ],
  most.map(row),
)}`;
}

function row(span: EpochSpan): string[] {
  const { last } = span;
  return [
    String(span.id),
    formatMetric(span.era, 'id'),
    labelOf(span),
    last.state ?? '–',
    formatMetric(last.age_sec, 'seconds'),
    formatMetric(last.refcount, 'events'),
    formatMetric(last.live_objects, 'objects'),
    formatMetric(last.pinned_waste_bytes, 'bytes'),
    exactBytes(last.estimated_rss_bytes),
    exactBytes(span.peakBytes),
  ];
}
