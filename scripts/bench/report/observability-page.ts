import { pairedPrice } from '../bars.ts';
import type { Results } from '../results.ts';
import { counted, middle, perPair } from './compare.ts';
import { figure, percent, table } from './format.ts';
import { header } from './header.ts';

const OBSERVABILITY = 'observability';
const INSTRUCTIONS = 'observability-instructions';

/** docs/metrics-performance.md */
export function observabilityPage(results: Results): string {
  return `# What the counters cost

${header(results, 'npm run bench -- --docs')}

Every counter is on in the default build. Here it runs, epoch API, in turn with

- **no counters**: all of them compiled out (\`make -C native VARIANT=nocounters COUNTERS=0\`). Nothing can be observed of such a build; it is for this comparison alone
- **by label**: lock contention and repeated compare-and-swaps also attributed to labels (\`make -C native LABEL_CONTENTION=1\`)
- **read**: the default build, its counter file read 100 times a second by \`stats_dump --interval 10ms\`

## Time

ns per pair, medians; the price is the median over the rounds of two neighbouring runs, so that what else the machine does falls out.

${timeTable(results)}
## Instructions

Counted by callgrind, loop included. They do not depend on the machine's mood. Reading adds none at all: the process executes nothing on account of a reader, which \`native/tools/tests/no-cost\` proves
by instruction and by system call.

${instructionTable(results)}
## Where the cost is

- A thread's counters are its own: an allocation adds one to one of them, by a plain load and store, with no lock prefix and on a cache line no other thread writes.
- The rest is counted where something slow happens anyway: a lock taken, a slab fetched, pages given back.
- Totals are sums that the reader makes.
`;
}

function timeTable(results: Results): string {
  const rows = Object.keys(results.runs[OBSERVABILITY] ?? {}).map((name) => {
    const ns = (setting: string) => figure(middle(results, [OBSERVABILITY, name, setting], perPair));
    const more = (setting: string) => percent(pairedPrice(results, name, setting, (base, other) => other / base - 1));
    return [
      name,
      ns('default'),
      ns('no-counters'),
      percent(pairedPrice(results, name, 'no-counters', (base, other) => base / other - 1)),
      ns('labels'),
      more('labels'),
      ns('reader'),
      more('reader'),
    ];
  });
  return table(
    [
      'ns per pair',
      'default',
      'no counters',
      'price of counters',
      'by label',
      'price of labels',
      'read',
      'price of being read',
    ],
    rows,
  );
}

function instructionTable(results: Results): string {
  const rows = Object.keys(results.runs[INSTRUCTIONS] ?? {}).map((name) => [
    name,
    ...['default', 'no-counters', 'labels'].map((build) =>
      figure(middle(results, [INSTRUCTIONS, name, build], counted)),
    ),
  ]);
  return table(['instructions per pair', 'default', 'no counters', 'by label'], rows);
}
