// Epochs that seem to have been opened ten minutes ago need a clock that has run for longer. A machine that started just now gets one: a time
// namespace, in which CLOCK_MONOTONIC is ahead.
import { spawnSync } from 'node:child_process';
import { uptime } from 'node:os';

/** Longer than any age in faults.js. */
const LEAST_UPTIME_SEC = 1000;
const AHEAD_SEC = 10_000;
const MARK = 'TSLAB_MATRIX_CLOCK_AHEAD_SEC';

/** How far this process's CLOCK_MONOTONIC is ahead of the machine's. */
export const aheadSec = Number(process.env[MARK] ?? 0);

/** Runs this script again with the clock ahead, and ends with its exit code, where the machine has not been up for long enough. */
export function needUptime() {
  if (aheadSec > 0 || uptime() >= LEAST_UPTIME_SEC) return;
  const args = ['-T', '--monotonic', String(AHEAD_SEC), process.execPath, ...process.argv.slice(1)];
  const { status, error } = spawnSync('unshare', args, {
    stdio: 'inherit',
    env: { ...process.env, [MARK]: String(AHEAD_SEC) },
  });
  if (error)
    throw new Error(
      `the machine has been up for ${Math.round(uptime())} s only, and unshare -T (root, util-linux) does not run: ${error.message}`,
    );
  process.exit(status ?? 1);
}
