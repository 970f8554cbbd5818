import { type Close, correlationOf, fellBy } from '../../../analysis/close.ts';
import { formatBytes, formatNanoseconds, formatShare } from '../../../units.ts';
import { type Context, meanPerSecond, perSecond } from '../context.ts';
import { type Html, html } from '../html.ts';
import { lineChart } from '../line-chart.ts';
import { exactBytes, exactCount, labelOf } from '../phrases.ts';
import { table } from '../table.ts';

export function kernel(context: Context): Html {
  const { report, axis, positions } = context;
  const values = perSecond(context, (get) => get('madviseBytes'));
  const [bytes, calls, failures] = [
    report.rises.get('madviseBytes'),
    report.rises.get('madviseCalls'),
    report.rises.get('madviseFailures'),
  ];
  const mean = meanPerSecond(report, bytes);
  const perSecondText = (value: number) => `${formatBytes(value)}/s`;
  return html`<p>What was offered back to the kernel, and what was seen of it. RSS is the whole process's, and other threads may move it at the same time: these are facts side by side, not cause and effect.</p>
${
  values &&
  lineChart({
    description: `Bytes offered back to the kernel per second; ${mean === undefined ? '–' : perSecondText(mean)} on average.`,
    axis,
    positions,
    series: [{ name: 'offered back', values, area: true }],
    base: 2,
    format: perSecondText,
  })
}
${table(
  'During the recording',
  [{ title: '' }, { title: 'count', align: 'right' }],
  [
    ['bytes offered back', exactBytes(bytes)],
    ['calls', exactCount(calls)],
    ['calls that the kernel refused', exactCount(failures)],
  ],
)}
${
  report.closes.length === 0
    ? html`<p class="soft">No closed epoch is on record with the process's RSS before and after.</p>`
    : table(
        `Closes of epochs${report.closesArePart ? `: the ${report.closes.length} that offered most` : ''}`,
        [
          { title: 'epoch', align: 'right' },
          { title: 'era', align: 'right' },
          { title: 'label' },
          ...['offered back', 'RSS before', 'RSS after', 'RSS fell by', 'took'].map((title) => ({
            title,
            align: 'right' as const,
          })),
        ],
        report.closes.map((close) => [
          String(close.id),
          close.era === undefined ? '–' : String(close.era),
          labelOf(close),
          exactBytes(close.offeredBytes),
          formatBytes(close.rssBefore),
          formatBytes(close.rssAfter),
          exactBytes(fellBy(close)),
          close.tookNs === undefined ? '–' : formatNanoseconds(close.tookNs),
        ]),
      )
}${correlation(report.closes)}`;
}

/** The heuristic, apart from the facts. */
function correlation(closes: readonly Close[]): Html {
  const seen = correlationOf(closes);
  if (!seen) return html``;
  return html`<p class="soft">Correlation, a heuristic: over the ${exactCount(seen.closes)} of these closes that offered enough to show, ${formatBytes(seen.offeredBytes)} were offered and RSS ${seen.fellBytes < 0 ? 'rose' : 'fell'} by ${formatBytes(seen.fellBytes < 0 ? -seen.fellBytes : seen.fellBytes)}: ${formatShare(seen.share)}. Below 100 % other threads took memory meanwhile, or the kernel kept pages; above it, memory was also freed elsewhere.</p>`;
}
