import { availableParallelism } from 'node:os';

/**
 * What npm test runs, in order. Add a suite by adding a row.
 *
 * `counts` says how a suite's tests are counted from what it prints:
 *   'vitest'  vitest's own report
 *   'lines'   each line `PASS name` or `FAIL name` is a test (what native suites print)
 *   'exit'    the whole suite is one test, passed if it exits 0
 * A suite that exits non-zero without a failed test counts one failure; a suite that ran no test counts one failure.
 * @typedef {{ name: string, command: string, args: string[], counts: 'vitest' | 'lines' | 'exit', env?: Record<string, string> }} Suite
 */

/** Most of these tests wait for the processes that they start: two files at a time where vitest would run one, for it leaves a processor free. */
const WORKERS = `--maxWorkers=${Math.max(2, availableParallelism() - 1)}`;

/** @type {Suite[]} */
export const SUITES = [
  { name: 'format and lint', command: 'node_modules/.bin/biome', args: ['check', '.'], counts: 'exit' },
  { name: 'types', command: 'node_modules/.bin/tsc', args: [], counts: 'exit' },
  { name: 'types of the live page', command: 'node_modules/.bin/tsc', args: ['-p', 'src/page'], counts: 'exit' },
  { name: 'generated files', command: process.execPath, args: ['scripts/generate.js', '--check'], counts: 'exit' },
  { name: 'unit', command: 'node_modules/.bin/vitest', args: ['run', 'test/lib'], counts: 'vitest' },
  {
    name: 'alerts and dashboards',
    command: 'node_modules/.bin/vitest',
    args: ['run', 'test/monitoring/'],
    counts: 'vitest',
  },
  {
    // One stack after the other: each has Prometheus, Alertmanager and a dozen processes of its own.
    name: 'monitoring stack',
    command: 'node_modules/.bin/vitest',
    args: ['run', 'test/monitoring-live', '--no-file-parallelism'],
    counts: 'vitest',
  },
  {
    name: 'packed and installed tslab',
    command: 'node_modules/.bin/vitest',
    args: ['run', 'test/e2e', WORKERS],
    counts: 'vitest',
  },
  {
    name: 'packed and installed tslab on Node 24',
    command: process.execPath,
    args: ['scripts/with-node.js', '24.21.0', 'vitest', 'run', 'test/e2e', WORKERS],
    counts: 'vitest',
  },
  { name: 'live attach', command: 'native/tools/tests/attach', args: [], counts: 'lines' },
  { name: 'reading costs nothing', command: 'native/tools/tests/no-cost', args: [], counts: 'lines' },
  { name: 'any program, preloaded', command: 'native/preload/tests/run', args: [], counts: 'lines' },
  { name: 'fault matrix', command: process.execPath, args: ['scripts/matrix.js', '--quick'], counts: 'lines' },
  {
    name: 'benchmark',
    command: process.execPath,
    args: ['scripts/bench.js', '--quick', '--check'],
    counts: 'lines',
  },
  { name: 'native', command: 'make', args: ['-C', 'native', 'test'], counts: 'lines' },
];
