import type { Counter } from '../../../analysis/report/measures.ts';
import { ratio, subtract, type U64 } from '../../../snapshot/u64.ts';
import { formatSi } from '../../../units.ts';
import { type Context, meanPerSecond, perSecond } from '../context.ts';
import { type Html, html } from '../html.ts';
import { lineChart } from '../line-chart.ts';
import { exactCount, rate, share } from '../phrases.ts';
import { table } from '../table.ts';

type Get = (name: Counter) => U64 | undefined;

/** Hits that neither mapped memory nor were refused: another slab was at hand. */
function otherHits(get: Get): U64 | undefined {
  const [hits, miss, closed] = [get('slowPath'), get('cacheMiss'), get('epochClosed')];
  return hits === undefined || miss === undefined || closed === undefined
    ? undefined
    : subtract(subtract(hits, miss), closed);
}

const CAUSES: readonly { readonly name: string; readonly of: (get: Get) => U64 | undefined }[] = [
  { name: 'had to map memory', of: (get) => get('cacheMiss') },
  { name: 'refused: epoch was CLOSING', of: (get) => get('epochClosed') },
  { name: 'needed another slab that was at hand', of: otherHits },
];

export function slowPath(context: Context): Html {
  const { report, axis, positions } = context;
  const series = CAUSES.flatMap(({ name, of }) => {
    const values = perSecond(context, of);
    return values ? [{ name, values, area: true }] : [];
  });
  const rise: Get = (name) => report.rises.get(name);
  const allocations = rise('allocations');
  const row = (name: string, of: U64 | undefined) => [
    name,
    exactCount(of),
    rate(meanPerSecond(report, of)),
    share(of === undefined || allocations === undefined ? undefined : ratio(of, allocations)),
  ];
  return html`<p>Allocations that left the fast path, by cause.</p>
${
  series.length === 0
    ? html`<p class="soft">No rates: at least two snapshots of one process, with a time each, are needed.</p>`
    : lineChart({
        description: `Slow paths per second by cause, stacked. On average: ${CAUSES.map(({ name, of }) => `${name} ${rate(meanPerSecond(report, of(rise)))}`).join(', ')}.`,
        axis,
        positions,
        series,
        base: 10,
        format: (value) => rate(value),
      })
}
${table(
  'During the recording',
  [{ title: '' }, ...['count', 'per second', 'of allocations'].map((title) => ({ title, align: 'right' as const }))],
  [
    ['allocations', exactCount(allocations), rate(meanPerSecond(report, allocations)), ''],
    row('slow paths', rise('slowPath')),
    ...CAUSES.map(({ name, of }) => row(name, of(rise))),
  ],
)}`;
}

/** @returns slow paths per allocation, for the page's head */
export function slowShare({ rises }: Context['report']): { share: string; rate: string } | undefined {
  const [hits, allocations] = [rises.get('slowPath'), rises.get('allocations')];
  if (hits === undefined || allocations === undefined || allocations === 0) return undefined;
  return {
    share: share(ratio(hits, allocations)),
    rate: `${formatSi(Number(hits))} of ${formatSi(Number(allocations))} allocations`,
  };
}
