// One function per server of the stack: writes its configuration, starts it, says where it listens.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { freePort } from '../free-port.js';

/** @typedef {import('./processes.js').Processes} Processes */

const tslab = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

/**
 * @param {Processes} processes
 * @param {{ name: string, content: object }} file
 * @returns {string} its path
 */
function configure(processes, { name, content }) {
  const path = join(processes.directory, name);
  writeFileSync(path, stringify(content));
  return path;
}

/**
 * tslab serve.
 * @param {Processes} processes
 * @param {{ selection?: string[], address?: string }} [options] `selection`: which processes, e.g. `['--pid', '42']`; all of them by default
 * @returns {Promise<string>} HOST:PORT
 */
export async function startServe(processes, { selection = [], address = '127.0.0.1:0' } = {}) {
  const { said } = await processes.start(
    'tslab serve',
    [process.execPath, tslab, 'serve', ...selection, '--web.listen-address', address],
    { ready: /serving .* on http:\/\/([^/\s]+)/ },
  );
  return said?.[1] ?? '';
}

/**
 * @param {Processes} processes
 * @param {{ targets: Record<string, string[]>, rules?: string[], alertmanager?: string, intervalSec?: number, address?: string }} options
 *   `targets`: HOST:PORT by job
 * @returns {Promise<string>} HOST:PORT
 */
export async function startPrometheus(processes, { targets, rules = [], alertmanager, intervalSec = 1, address }) {
  const at = address ?? `127.0.0.1:${await freePort()}`;
  const config = configure(processes, {
    name: 'prometheus.yml',
    content: {
      global: { scrape_interval: `${intervalSec}s`, evaluation_interval: `${intervalSec}s` },
      rule_files: rules.map((file) => resolve(file)),
      ...(alertmanager && { alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] } }),
      scrape_configs: scrapes(targets),
    },
  });
  await processes.start(
    'Prometheus',
    [
      'prometheus',
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(processes.directory, 'prometheus')}`,
      `--web.listen-address=${at}`,
    ],
    { ready: /Server is ready to receive web requests/ },
  );
  return at;
}

/** @param {Record<string, string[]>} targets */
function scrapes(targets) {
  return Object.entries(targets).map(([job, addresses]) => ({
    job_name: job,
    static_configs: [{ targets: addresses }],
  }));
}

/**
 * @param {Processes} processes
 * @param {{ webhook?: string, address?: string }} [options] `webhook`: URL that gets every notification
 * @returns {Promise<string>} HOST:PORT
 */
export async function startAlertmanager(processes, { webhook, address } = {}) {
  const at = address ?? `127.0.0.1:${await freePort()}`;
  const config = configure(processes, {
    name: 'alertmanager.yml',
    content: {
      route: {
        receiver: 'all',
        group_by: ['alertname', 'instance', 'pid'],
        group_wait: '1s',
        group_interval: '1s',
        repeat_interval: '1h',
      },
      receivers: [{ name: 'all', ...(webhook && { webhook_configs: [{ url: webhook, send_resolved: true }] }) }],
    },
  });
  await processes.start(
    'Alertmanager',
    [
      'prometheus-alertmanager',
      `--config.file=${config}`,
      `--storage.path=${join(processes.directory, 'alertmanager')}`,
      `--web.listen-address=${at}`,
      '--cluster.listen-address=',
    ],
    { ready: /Listening on/ },
  );
  return at;
}

/**
 * VictoriaMetrics, scraping by itself.
 * @param {Processes} processes
 * @param {{ targets: Record<string, string[]>, intervalSec?: number }} options
 * @returns {Promise<string>} HOST:PORT
 */
export async function startVictoriaMetrics(processes, { targets, intervalSec = 1 }) {
  const at = `127.0.0.1:${await freePort()}`;
  const config = configure(processes, {
    name: 'victoria-metrics.yml',
    content: { global: { scrape_interval: `${intervalSec}s` }, scrape_configs: scrapes(targets) },
  });
  await processes.start(
    'VictoriaMetrics',
    [
      'victoria-metrics',
      `-storageDataPath=${join(processes.directory, 'victoria-metrics')}`,
      `-httpListenAddr=${at}`,
      `-promscrape.config=${config}`,
      // Answers include what was scraped a moment ago.
      '-search.latencyOffset=0s',
    ],
    { ready: /started server at|started VictoriaMetrics/ },
  );
  return at;
}

/**
 * vmalert: evaluates rules against VictoriaMetrics and writes what they record back.
 * @param {Processes} processes
 * @param {{ rules: string[], victoriaMetrics: string, alertmanager?: string, intervalSec?: number }} options
 */
export async function startVmalert(processes, { rules, victoriaMetrics, alertmanager, intervalSec = 1 }) {
  await processes.start(
    'vmalert',
    [
      'vmalert',
      ...rules.map((file) => `-rule=${resolve(file)}`),
      `-datasource.url=http://${victoriaMetrics}`,
      `-remoteWrite.url=http://${victoriaMetrics}`,
      ...(alertmanager ? [`-notifier.url=http://${alertmanager}`] : []),
      `-evaluationInterval=${intervalSec}s`,
      `-httpListenAddr=127.0.0.1:${await freePort()}`,
    ],
    { ready: /starting http server/ },
  );
}
