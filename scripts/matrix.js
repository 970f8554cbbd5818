// npm run matrix [-- --quick] [--docs] [--only WORD]: plants faults in a healthy service and looks whether tslab doctor finds them, and whether it
// is silent where nothing is wrong. Prints PASS or FAIL for each case, then the table. Exit code 3 where anything is not as it should be.
//   --quick       each fault once, and some healthy runs; below 90 s
//   --docs        also writes docs/fault-matrix.md
//   --only WORD   only what has the word in its name
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { healthy, planted } from './matrix/cases.js';
import { FAULTS, PAIRS } from './matrix/faults.js';
import { HEALTHY } from './matrix/healthy.js';
import { page } from './matrix/page.js';
import { faultTable, healthyTable, summary } from './matrix/table.js';
import { buildAll } from './matrix/targets.js';
import { root } from './setup.js';

/** Cases that run at the same time: they mostly wait. */
const LANES = 2;

const { quick, docs, only } = parseArgs({
  options: { quick: { type: 'boolean' }, docs: { type: 'boolean' }, only: { type: 'string', default: '' } },
}).values;

buildAll();
const cases = chosen();
/** @type {import('./matrix/cases.js').Result[]} */
const results = [];
let next = 0;
await Promise.all(Array.from({ length: LANES }, lane));

const faults = results.filter(({ kind }) => kind === 'fault');
const pairs = results.filter(({ kind }) => kind === 'pair');
const quiet = results.filter(({ kind }) => kind === 'healthy');
console.log(`\n${faultTable(faults)}\n\n${faultTable(pairs)}\n\n${healthyTable(quiet)}\n\n${summary(results)}`);
if (docs) writeFileSync(join(root, 'docs/fault-matrix.md'), page(faults, pairs, quiet));
process.exitCode = results.length > 0 && results.every(({ ok }) => ok) ? 0 : 3;

/** @returns {(() => Promise<import('./matrix/cases.js').Result>)[]} */
function chosen() {
  /** @type {import('./matrix/faults.js').Strength[]} */
  const strengths = quick ? ['above'] : ['below', 'at', 'above'];
  const single = FAULTS.flatMap((row) =>
    strengths
      .filter((strength) => row[strength])
      .map((strength) => ({ name: row.fault, run: () => planted([row], strength) })),
  );
  const double = PAIRS.map((pair) => {
    const rows = pair
      .map((fault) => FAULTS.find((row) => row.fault === fault && !row.build))
      .filter((row) => row !== undefined);
    return { name: pair.join(' + '), run: () => planted(rows, 'above') };
  });
  const none = HEALTHY.map((row) => ({ name: row.name, run: () => healthy(row) }));
  return [...single, ...(quick ? double.slice(0, 2) : double), ...(quick ? none.filter((_, i) => i % 4 === 0) : none)]
    .filter(({ name }) => name.includes(only))
    .map(({ run }) => run);
}

async function lane() {
  while (next < cases.length) {
    const index = next++;
    const result = await cases[index]?.();
    if (!result) continue;
    results[index] = result;
    const { ok, name, strength = '', amount = '', judged, others, error } = result;
    const said = error ?? [...judged.filter(({ found }) => found).map(({ row }) => row.code), ...others].join(', ');
    console.log(`${ok ? 'PASS' : 'FAIL'} ${[name, strength, amount].filter(Boolean).join(' ')}: ${said || 'silent'}`);
  }
}
