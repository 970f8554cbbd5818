import type { Report } from '../../analysis/report/report.ts';
import type { Diagnosis } from '../../diagnose/diagnose.ts';
import { subtract } from '../../snapshot/u64.ts';
import { formatBytes, formatCount, formatNanoseconds, formatTimestamp } from '../../units.ts';
import { type Context, contextOf } from './context.ts';
import { Html, html } from './html.ts';
import { contention } from './sections/contention.ts';
import { epochs } from './sections/epochs.ts';
import { findings } from './sections/findings.ts';
import { kernel } from './sections/kernel.ts';
import { labels } from './sections/labels.ts';
import { memory } from './sections/memory.ts';
import { slowPath, slowShare } from './sections/slow-path.ts';
import { STYLE } from './style.ts';

export interface PageFacts {
  /** The recording's name; hostile. */
  readonly name: string;
  readonly version: string;
  /** Base64 SHA-256 of STYLE: the only thing that the page's content security policy lets in. */
  readonly styleHash: string;
  /** What else a reader must know: rejected snapshots, a source that broke; hostile. */
  readonly notes: readonly string[];
}

const SECTIONS: readonly {
  readonly id: string;
  readonly title: string;
  readonly render: (context: Context) => Html;
}[] = [
  { id: 'findings', title: 'Findings', render: findings },
  { id: 'memory', title: 'Memory', render: memory },
  { id: 'slow-path', title: 'Slow path', render: slowPath },
  { id: 'epochs', title: 'Epochs', render: epochs },
  { id: 'labels', title: 'Labels', render: labels },
  { id: 'contention', title: 'Contention', render: contention },
  { id: 'kernel', title: 'Kernel cooperation', render: kernel },
];

/**
 * @param diagnosis of the same snapshots
 * @returns one HTML page that needs no network and no script
 */
export function reportPage(report: Report, diagnosis: Diagnosis, facts: PageFacts): string {
  const context = contextOf(report, diagnosis);
  const policy = `default-src 'none'; style-src 'sha256-${facts.styleHash}'; base-uri 'none'; form-action 'none'`;
  const notes = [...ownNotes(report), ...facts.notes];
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${`${facts.name} · temporal-slab report`}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<a class="skip" href="#memory">Skip to the charts</a>
<header><h1>${facts.name}</h1><p class="soft">${subtitle(report)}</p></header>
${notes.length > 0 && html`<div class="notes" role="note"><ul>${notes.map((note) => html`<li>${note}</li>`)}</ul></div>`}
${headline(report)}
<nav aria-label="Sections"><ul>${SECTIONS.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
<main>${SECTIONS.map(({ id, title, render }) => html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>\n${render(context)}</section>\n`)}</main>
<footer><p>Made by tslab ${facts.version}. Numbers are exact; what a producer did not say is shown as –.</p></footer>
</body>
</html>
`.text;
}

function subtitle({ last, first, snapshots }: Report): string {
  const { allocator, pid, timestamp_ns: end } = last;
  const who = [allocator?.name, allocator?.version].filter((part) => part !== undefined).join(' ');
  const start = first.timestamp_ns;
  return [
    who,
    pid === undefined ? '' : `pid ${pid}`,
    `${formatCount(snapshots)} snapshot${snapshots === 1 ? '' : 's'}`,
    start === undefined ? '' : `from ${formatTimestamp(start)}`,
    start === undefined || end === undefined || end <= start ? '' : `over ${formatNanoseconds(subtract(end, start))}`,
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

function ownNotes({ stride, restarts, axis, snapshots, first }: Report): string[] {
  const notes: string[] = [];
  if (stride > 1)
    notes.push(
      `Charts are condensed: one point stands for ${formatCount(stride)} snapshots and shows the highest bytes among them and the mean rate. Tables count every snapshot.`,
    );
  if (restarts > 0)
    notes.push(
      `The process or its counters began anew ${restarts === 1 ? 'once' : `${formatCount(restarts)} times`}; rates leave a gap there.`,
    );
  if (snapshots === 1) notes.push('There is one snapshot only: nothing can be said about rates.');
  else if (axis === 'index')
    notes.push(
      `${first.timestamp_ns === undefined ? 'The producer gives no time' : 'The clock of the producer went back'}: charts count snapshots, and there are no rates.`,
    );
  return notes;
}

function headline(report: Report): Html {
  const slow = slowShare(report);
  const gauge = (name: 'rss' | 'live' | 'pinned') => report.gauges.get(name);
  const facts = (
    [
      ['Process RSS', gauge('rss')],
      ['Live objects', gauge('live')],
      ['Pinned waste', gauge('pinned')],
    ] as const
  ).flatMap(([name, summary]) =>
    summary ? [[name, formatBytes(summary.last), `at most ${formatBytes(summary.highest)}`]] : [],
  );
  if (slow) facts.push(['Slow paths', slow.share, slow.rate]);
  return html`<dl class="facts">${facts.map(([name, value, more]) => html`<div><dt>${name}</dt><dd>${value}<small>${more}</small></dd></div>`)}</dl>`;
}
