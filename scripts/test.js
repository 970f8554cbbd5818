// npm test [-- suite name ...]: sets up, runs every suite (or those whose name contains one of the words), keeps going, sums up.
// Before the end comes what each failed test said, and a list of them. The last line is `N passed, N failed`; the exit code is non-zero where something failed
// or nothing ran.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reportAndExit, root, setup } from './setup.js';
import { SUITES } from './suites.js';
import { describeFailures, endOf, lineFailures, listFailures } from './test/failures.js';

/** @typedef {import('./test/failures.js').Failure} Failure */
/** @typedef {{ passed: number, failed: number, failures: Failure[] }} Count */

try {
  setup('test');
} catch (error) {
  reportAndExit(error);
}

const words = process.argv.slice(2);
const chosen = SUITES.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
const total = { passed: 0, failed: 0 };
/** @type {string[]} */
const failures = [];
/** @type {string[]} */
const list = [];
for (const suite of chosen) {
  console.log(`\n=== ${suite.name} ===`);
  const started = performance.now();
  const count = await runSuite(suite);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`--- ${suite.name}: ${count.passed} passed, ${count.failed} failed (${seconds} s)`);
  total.passed += count.passed;
  total.failed += count.failed;
  if (count.failed === 0) continue;
  failures.push(describeFailures(suite.name, count.failures));
  list.push(...listFailures(suite.name, count.failures));
}
for (const failure of failures) console.log(`\n${failure}`);
if (list.length > 1) console.log(`\nfailed:\n${list.map((line) => `  ${line}`).join('\n')}`);
if (total.passed + total.failed === 0) console.log('\nno test ran');
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

/** @param {import('./suites.js').Suite} suite @returns {Promise<Count>} */
async function runSuite(suite) {
  const scratch = mkdtempSync(join(tmpdir(), 'tslab-test-'));
  const report = join(scratch, 'report.json');
  const extra = suite.counts === 'vitest' ? ['--reporter=default', '--reporter=scripts/test/reporter.js'] : [];
  const { ok, stdout, output } = await exec(suite, extra, { TSLAB_TEST_REPORT: report });
  const count = counted(suite, stdout, ok, report);
  rmSync(scratch, { recursive: true });
  if (count.failed === 0 && (!ok || count.passed === 0)) count.failed = 1;
  if (count.failed > 0 && count.failures.length === 0) count.failures = endOf(output);
  return count;
}

/** @param {import('./suites.js').Suite} suite @param {string[]} stdout @param {boolean} ok @param {string} report @returns {Count} */
function counted({ counts }, stdout, ok, report) {
  if (counts === 'vitest') return vitestCount(report);
  if (counts === 'exit') return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, failures: [] };
  const failures = lineFailures(stdout);
  return { passed: stdout.filter((line) => line.startsWith('PASS ')).length, failed: failures.length, failures };
}

/** @param {import('./suites.js').Suite} suite @param {string[]} extra @param {NodeJS.ProcessEnv} more @returns {Promise<{ ok: boolean, stdout: string[], output: string[] }>} output: stdout and stderr as they came */
function exec({ command, args, env }, extra, more) {
  return new Promise((resolve) => {
    const child = spawn(command, [...args, ...extra], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...more, ...env },
    });
    let [stdout, output] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text) => {
      process.stdout.write(text);
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      process.stderr.write(text);
      output += text;
    });
    child.on('error', (error) => {
      console.log(`cannot run ${command}: ${error.message}`);
      resolve({ ok: false, stdout: [], output: [`cannot run ${command}: ${error.message}`] });
    });
    child.on('close', (code) => resolve({ ok: code === 0, stdout: stdout.split('\n'), output: output.split('\n') }));
  });
}

/** @param {string} path @returns {Count} */
function vitestCount(path) {
  if (!existsSync(path)) return { passed: 0, failed: 1, failures: [] };
  /** @type {import('./test/reporter.js').Report} */
  const { passed, skipped, failures } = JSON.parse(readFileSync(path, 'utf8'));
  const missing = process.env.CI === 'true' ? skipped : 0;
  const failed = failures.length + missing;
  if (missing > 0) failures.push({ name: `${missing} skipped`, lines: ['with CI=true that is a failure'] });
  return { passed, failed, failures };
}
