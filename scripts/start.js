// npm start [-- tslab arguments]: builds what is needed, then shows the stats of the bundled harness, or runs the given tslab command.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { reportAndExit, root, setup } from './setup.js';

try {
  setup('start');
} catch (error) {
  reportAndExit(error);
}
const args = process.argv.slice(2);
if (args.length === 0) process.stderr.write("running the bundled harness: 4 threads, the 'mixed' workload\n\n");
const { status } = spawnSync(process.execPath, [join(root, 'bin/run.js'), ...(args.length > 0 ? args : ['stats'])], {
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
