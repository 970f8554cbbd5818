import { activeClasses } from '../../../analysis/active.ts';
import type { Counter } from '../../../analysis/report/measures.ts';
import { add, ratio, type U64 } from '../../../snapshot/u64.ts';
import { type Context, meanPerSecond, perSecond } from '../context.ts';
import { type Html, html } from '../html.ts';
import { lineChart } from '../line-chart.ts';
import { exactCount, rate, share } from '../phrases.ts';
import { table } from '../table.ts';

const EVENTS: readonly { readonly name: string; readonly counter: Counter }[] = [
  { name: 'locks waited for', counter: 'lockContended' },
  { name: 'retries while taking a slot', counter: 'allocRetries' },
  { name: 'retries while giving a slot back', counter: 'freeRetries' },
];

export function contention(context: Context): Html {
  const { report, axis, positions } = context;
  if (
    EVENTS.every(
      ({ counter }) =>
        report.rises.get(counter) === undefined &&
        report.points.every(({ counters }) => counters[counter] === undefined),
    )
  )
    return html`<p class="soft">This producer does not say.</p>`;
  const series = EVENTS.flatMap(({ name, counter }) => {
    const values = perSecond(context, (get) => get(counter));
    return values ? [{ name, values }] : [];
  });
  const rise = (counter: Counter) => report.rises.get(counter);
  const over = (part: U64 | undefined, whole: U64 | undefined) =>
    share(part === undefined || whole === undefined ? undefined : ratio(part, whole));
  const [fast, waited] = [rise('lockFast'), rise('lockContended')];
  const acquisitions = fast === undefined || waited === undefined ? undefined : add(fast, waited);
  return html`<p>How often threads got into each other's way.</p>
${
  series.length > 0 &&
  lineChart({
    description: `Contention per second. On average: ${EVENTS.map(({ name, counter }) => `${name} ${rate(meanPerSecond(report, rise(counter)))}`).join(', ')}.`,
    axis,
    positions,
    series,
    base: 10,
    format: (value) => rate(value),
  })
}
${table(
  'During the recording',
  [
    { title: '' },
    ...['count', 'per second', 'share'].map((title) => ({ title, align: 'right' as const })),
    { title: 'of' },
  ],
  [
    [
      'locks waited for',
      exactCount(waited),
      rate(meanPerSecond(report, waited)),
      over(waited, acquisitions),
      'lock acquisitions',
    ],
    [
      'retries while taking a slot',
      exactCount(rise('allocRetries')),
      rate(meanPerSecond(report, rise('allocRetries'))),
      over(rise('allocRetries'), rise('allocations')),
      'allocations',
    ],
    [
      'retries while giving a slot back',
      exactCount(rise('freeRetries')),
      rate(meanPerSecond(report, rise('freeRetries'))),
      over(rise('freeRetries'), rise('frees')),
      'frees',
    ],
  ],
)}
${table(
  'Classes, as of the last snapshot',
  [
    { title: 'object size', align: 'right' },
    ...['allocations', 'slow paths', 'locks taken at once', 'locks waited for', 'waited'].map((title) => ({
      title,
      align: 'right' as const,
    })),
  ],
  activeClasses(report.last).map((cls) => {
    const { lock_fast_acquire: atOnce, lock_contended: contended } = cls;
    return [
      `${cls.object_size} B`,
      exactCount(cls.bitmap_alloc_attempts),
      exactCount(cls.slow_path_hits),
      exactCount(atOnce),
      exactCount(contended),
      over(contended, atOnce === undefined || contended === undefined ? undefined : add(atOnce, contended)),
    ];
  }),
)}`;
}
