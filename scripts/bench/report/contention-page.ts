import { PAGES } from '../builds.ts';
import { CONTENDERS } from '../contenders.ts';
import type { Counters, Results, Run } from '../results.ts';
import { middle, perPair } from './compare.ts';
import { figure, mib, table } from './format.ts';
import { header } from './header.ts';
import { sharingModel } from './sharing-model.ts';

const WORKLOADS: Readonly<Record<string, string>> = {
  'churn-1': 'Every thread frees what it allocated.',
  larson: 'Every 10,000 pairs a thread hands its 1,000 objects to a successor, which frees them.',
  xmalloc: 'Half of the threads allocate, the other half free: every free is of another thread’s object.',
};

/** docs/contention-results.md */
export function contentionPage(results: Results): string {
  return `# Contention and scaling

${header(results, 'npm run bench -- --docs')}

From 1 to 64 threads on ${results.machine.cores} cores, epoch API. The rates are temporal-slab's own counters of the same runs, the ones that \`tslab stats\` shows.
${Object.keys(WORKLOADS)
  .map((name) => workloadPart(results, name))
  .join('')}
## Huge pages and larger pages

A build for larger pages also runs where pages are smaller: that is what is measured here. The setting of transparent huge pages is the machine's; the memory of temporal-slab follows it only at \`always\`.

${pagesTable(results)}
${sharingModel()}`;
}

function workloadPart(results: Results, name: string): string {
  const threads = Object.keys(results.runs['scaling'] ?? {}).filter((key) => key.startsWith(`${name}/`));
  const contenders = CONTENDERS.filter(({ id, kind }) => kind === 'peer' || id === 'epoch');
  const rows = threads.map((key) => {
    const rate = (of: (counters: Counters) => number) =>
      figure(middle(results, ['scaling', key, 'epoch'], (run: Run) => run.counters && of(run.counters)));
    return [
      key.split('/')[1] ?? '',
      ...contenders.map(({ id }) => figure(middle(results, ['scaling', key, id], perPair))),
      rate((c) => (100 * c.lock_contended) / Math.max(1, c.lock_fast + c.lock_contended)),
      rate((c) => (1000 * (c.lock_fast + c.lock_contended)) / c.allocs),
      rate((c) => (c.alloc_cas_retries + c.free_cas_retries) / (c.allocs + c.frees)),
      rate((c) => (100 * c.pending_cas_failures) / Math.max(1, c.pending_cas_attempts)),
      rate((c) => (100 * c.remote_frees) / Math.max(1, c.frees)),
    ];
  });
  const head = [
    'threads',
    ...contenders.map(({ title }) => `${title}, ns`),
    'locks contended, %',
    'locks per 1,000 allocations',
    'CAS retries per operation',
    'hand-over CAS failed, %',
    'freed by others, %',
  ];
  return `
## ${name}

${WORKLOADS[name]} ns per pair is time over the pairs of all threads.

![${name} by threads](charts/scaling-${name}.svg)

${table(head, rows)}`;
}

function pagesTable(results: Results): string {
  const settings = [
    ...PAGES.map(({ id, title }) => ({ section: 'pages', id, title })),
    { section: 'huge-pages', id: 'always', title: 'huge pages: always' },
    { section: 'huge-pages', id: 'never', title: 'huge pages: never' },
  ];
  const rows = Object.keys(results.runs['pages'] ?? {}).map((name) => [
    name === 'phases-by-epoch' ? `${name}: RSS peak, MiB` : `${name}: ns per pair`,
    ...settings.map(({ section, id }) =>
      name === 'phases-by-epoch'
        ? mib(middle(results, [section, name, id], (run) => run['rss_peak_bytes']))
        : figure(middle(results, [section, name, id], perPair)),
    ),
  ]);
  return table(['', ...settings.map(({ title }) => title)], rows);
}
