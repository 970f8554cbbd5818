// npm run demo:monitoring: a leaking program, tslab serve, Prometheus with all rules and Alertmanager, on the loopback address, until Ctrl-C.
import { relative } from 'node:path';
import { Processes } from './monitoring/processes.js';
import { startAlertmanager, startPrometheus, startServe } from './monitoring/servers.js';
import { reportAndExit, root, setup } from './setup.js';

const LEAK = ['native/build/stats_dump', 'leak', '--rate', '20000', '--duration', 'forever', '--no-text', '--no-json'];
const BURST = [
  'native/build/stats_dump',
  'burst',
  '--rate',
  '20000',
  '--duration',
  'forever',
  '--no-text',
  '--no-json',
];

process.chdir(root);
try {
  setup('demo');
} catch (error) {
  reportAndExit(error);
}

const processes = new Processes();
let stopping = false;
/** @param {number} code */
async function end(code) {
  if (stopping) return;
  stopping = true;
  await processes.stop();
  console.log('all stopped');
  process.exit(code);
}
process.on('SIGINT', () => end(0));
process.on('SIGTERM', () => end(0));

try {
  const programs = [await processes.start('leak', LEAK), await processes.start('burst', BURST)];
  const target = await startServe(processes, { selection: programs.flatMap(({ pid }) => ['--pid', String(pid)]) });
  const alertmanager = await startAlertmanager(processes);
  const prometheus = await startPrometheus(processes, {
    targets: { 'temporal-slab': [target] },
    rules: ['alerts/alerts.yml', 'alerts/recording.yml'],
    alertmanager,
    intervalSec: 5,
  });
  // Debian's package has the classic pages only.
  const pages = (await fetch(`http://${prometheus}/alerts`)).ok ? '' : '/classic';
  const query = encodeURIComponent('sum by (label) (temporal_slab_epoch_rss_bytes)');
  console.log(`
live page      http://${target}/
metrics        http://${target}/metrics
Prometheus     http://${prometheus}${pages}/graph?g0.expr=${query}&g0.tab=0&g0.stacked=1&g0.range_input=15m
alerts         http://${prometheus}${pages}/alerts
Alertmanager   http://${alertmanager}/
Grafana        import ${relative('.', 'dashboards')}/*.json, with the data source http://${prometheus}

${LEAK[1]} forgets to leave a domain: after six minutes TemporalSlabRefcountLeak fires, and names background-worker-3.
tslab doctor --pid ${programs[0]?.pid} says so at once.

Ctrl-C stops all of it.`);
  const name = await processes.anyEnded();
  if (!stopping) console.error(`${name} ended`);
  await end(1);
} catch (error) {
  if (!stopping) console.error(error instanceof Error ? error.message : error);
  await end(1);
}
