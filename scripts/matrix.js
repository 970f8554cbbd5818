// npm run matrix [-- --quick] [--docs] [--only WORD]: plants faults in a healthy service and looks whether tslab doctor finds them, and whether it
// is silent where nothing is wrong. Prints PASS or FAIL for each case, then the table. Exit code 3 where anything is not as it should be.
//   --quick       a fault for each code, some pairs, some healthy runs; about a minute
//   --docs        also writes docs/fault-matrix.md
//   --only WORD   only what has the word in its name
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { healthy, planted } from './matrix/cases.js';
import { needUptime } from './matrix/clock.js';
import { FAULTS, PAIRS } from './matrix/faults.js';
import { HEALTHY } from './matrix/healthy.js';
import { page } from './matrix/page.js';
import { faultTable, healthyTable, summary } from './matrix/table.js';
import { buildAll } from './matrix/targets.js';
import { root } from './setup.js';

needUptime();
const { quick, docs, only } = flags();

/** Cases that run at the same time: they mostly wait. */
const LANES = quick ? 3 : 2;

buildAll();
const cases = chosen();
/** @type {import('./matrix/cases.js').Result[]} */
const results = [];
let next = 0;
await Promise.all(Array.from({ length: LANES }, lane));
// Cases that run side by side take each other's processors: what was not as it should be has to show that again, alone.
for (const [index, { ok }] of results.entries()) if (!ok) await runCase(index, 'again, alone');

const faults = results.filter(({ kind }) => kind === 'fault');
const pairs = results.filter(({ kind }) => kind === 'pair');
const quiet = results.filter(({ kind }) => kind === 'healthy');
console.log(`\n${faultTable(faults)}\n\n${faultTable(pairs)}\n\n${healthyTable(quiet)}\n\n${summary(results)}`);
if (docs) writeFileSync(join(root, 'docs/fault-matrix.md'), page(faults, pairs, quiet));
process.exitCode = results.length > 0 && results.every(({ ok }) => ok) ? 0 : 3;

function flags() {
  try {
    return parseArgs({
      options: { quick: { type: 'boolean' }, docs: { type: 'boolean' }, only: { type: 'string', default: '' } },
    }).values;
  } catch (error) {
    console.error(`${/** @type {Error} */ (error).message}\nusage: npm run matrix -- [--quick] [--docs] [--only WORD]`);
    process.exit(2);
  }
}

/** @returns {(() => Promise<import('./matrix/cases.js').Result>)[]} */
function chosen() {
  const rows = quick ? FAULTS.filter(isFirstOfCode) : FAULTS;
  /** @type {import('./matrix/faults.js').Strength[]} */
  const strengths = quick ? ['above'] : ['below', 'at', 'above'];
  const single = rows.flatMap((row) =>
    strengths
      .filter((strength) => row[strength])
      .map((strength) => ({ name: row.fault, run: () => planted([row], strength) })),
  );
  const double = PAIRS.map((pair) => {
    const both = pair
      .map((fault) => FAULTS.find((row) => row.fault === fault && !row.build))
      .filter((row) => row !== undefined);
    return { name: pair.join(' + '), run: () => planted(both, 'above') };
  });
  const none = HEALTHY.map((row) => ({ name: row.name, run: () => healthy(row) }));
  return [...single, ...some(double, 6), ...some(none, 4)]
    .filter(({ name }) => name.includes(only))
    .map(({ run }) => run);
}

/** @param {import('./matrix/faults.js').FaultRow} row @param {number} index */
function isFirstOfCode(row, index) {
  return !row.reaches && FAULTS.findIndex(({ code }) => code === row.code) === index;
}

/** @template T @param {T[]} all @param {number} every @returns {T[]} all, or a few of them when it must be quick */
function some(all, every) {
  return quick ? all.filter((_, i) => i % every === 0) : all;
}

async function lane() {
  while (next < cases.length) await runCase(next++);
}

/** @param {number} index @param {string} [how] */
async function runCase(index, how) {
  const result = await cases[index]?.();
  if (!result) return;
  const isFinal = result.ok || how !== undefined;
  results[index] = result;
  const { name, strength = '', amount = '', judged, others, error } = result;
  const said = error ?? [...judged.filter(({ found }) => found).map(({ row }) => row.code), ...others].join(', ');
  const what = [name, strength, amount, how && `(${how})`].filter(Boolean).join(' ');
  console.log(`${result.ok ? 'PASS' : isFinal ? 'FAIL' : 'once more:'} ${what}: ${said || 'silent'}`);
}
