// npm test [-- suite name ...]: sets up, runs every suite (or those whose name contains one of the words), keeps going, sums up.
// The last line is `N passed, N failed`; the exit code is non-zero where something failed or nothing ran.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reportAndExit, root, setup } from './setup.js';
import { SUITES } from './suites.js';

/** @typedef {{ passed: number, failed: number }} Count */

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
for (const suite of chosen) {
  console.log(`\n=== ${suite.name} ===`);
  const started = performance.now();
  const count = await runSuite(suite);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`--- ${suite.name}: ${count.passed} passed, ${count.failed} failed (${seconds} s)`);
  total.passed += count.passed;
  total.failed += count.failed;
  if (count.failed > 0) failures.push(suite.name);
}
if (failures.length > 0) console.log(`\nfailed: ${failures.join(', ')}`);
if (total.passed + total.failed === 0) console.log('\nno test ran');
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

/** @param {import('./suites.js').Suite} suite @returns {Promise<Count>} */
async function runSuite(suite) {
  const scratch = mkdtempSync(join(tmpdir(), 'tslab-test-'));
  const report = join(scratch, 'vitest.json');
  const extra =
    suite.counts === 'vitest' ? ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`] : [];
  /** @type {Count} */
  const count = { passed: 0, failed: 0 };
  const ok = await exec(suite, extra, (line) => {
    if (suite.counts !== 'lines') return;
    if (line.startsWith('PASS ')) count.passed++;
    if (line.startsWith('FAIL ')) count.failed++;
  });
  if (suite.counts === 'exit') count.passed = ok ? 1 : 0;
  if (suite.counts === 'vitest') Object.assign(count, vitestCount(report));
  rmSync(scratch, { recursive: true });
  if (count.failed === 0 && (!ok || count.passed === 0)) count.failed = 1;
  return count;
}

/** @param {import('./suites.js').Suite} suite @param {string[]} extra @param {(line: string) => void} onLine @returns {Promise<boolean>} */
function exec({ command, args, env }, extra, onLine) {
  return new Promise((resolve) => {
    const child = spawn(command, [...args, ...extra], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      process.stdout.write(chunk);
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    });
    child.on('error', (error) => {
      console.log(`cannot run ${command}: ${error.message}`);
      resolve(false);
    });
    child.on('close', (code) => {
      if (rest) onLine(rest);
      resolve(code === 0);
    });
  });
}

/** @param {string} path @returns {Count} */
function vitestCount(path) {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8'));
    // A file that does not load has no failed test of its own.
    const unloaded = report.testResults.filter(
      (/** @type {{ status: string, assertionResults: unknown[] }} */ file) =>
        file.status === 'failed' && file.assertionResults.length === 0,
    ).length;
    const skipped = process.env.CI === 'true' ? report.numPendingTests + report.numTodoTests : 0;
    if (skipped > 0) console.log(`${skipped} skipped: with CI=true that is a failure`);
    return { passed: report.numPassedTests, failed: report.numFailedTests + unloaded + skipped };
  } catch {
    return { passed: 0, failed: 1 };
  }
}
