// npm run bench:serve [-- --scrapes 100] : what a scrape of tslab serve costs, beside a scrape of the node exporter taken in turn with it.
// Needs prometheus-node-exporter and a built tslab. Prints Markdown; docs/performance-serve.md is its output.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { freePort } from '../free-port.js';
import { cpuMs, memory, Stage } from './started.js';

const { values } = parseArgs({ options: { scrapes: { type: 'string', default: '100' } } });
const SCRAPES = Number(values.scrapes);

/** @typedef {{ name: string, url: URL, pid: number, agent: http.Agent, times: number[], cpuMs: number, bytes: number, samples: number }} Target */

const stage = new Stage();
const others = new Stage();
const port = await freePort();
const nodeExporter = spawn(
  'prometheus-node-exporter',
  [`--web.listen-address=127.0.0.1:${port}`, '--log.level=error'],
  { stdio: 'ignore' },
);
try {
  await stage.workloads(1);
  const one = await stage.tslab();
  const kept = await stage.tslab(undefined, ['--interval', '5s']);
  await others.workloads(16);
  const many = await others.tslab();
  await sleep(1000);
  const targets = [
    target('node_exporter', new URL(`http://127.0.0.1:${port}`), nodeExporter.pid ?? 0),
    target('tslab serve, 1 process', one.url, one.pid),
    target('tslab serve, 1 process, --interval 5s', kept.url, kept.pid),
    target('tslab serve, 16 processes', many.url, many.pid),
  ];
  for (const each of targets) for (let i = 0; i < 10; i++) await scrape(each);
  for (const each of targets) Object.assign(each, { times: [], cpuMs: 0 });
  for (let i = 0; i < SCRAPES; i++) {
    for (const each of targets) {
      const before = cpuMs(each.pid);
      await scrape(each);
      // Later than what is reused, so that each scrape reads anew.
      await sleep(120);
      each.cpuMs += cpuMs(each.pid) - before;
    }
  }
  console.log(
    `${cpus()[0]?.model.trim()}, ${cpus().length} cores; Node ${process.versions.node}; node_exporter ${exporterVersion()}; ${SCRAPES} scrapes each, gzip\n`,
  );
  console.log(
    '| target | samples | KiB | KiB, gzip | ms, median | ms, p95 | CPU ms a scrape | RSS MiB |\n| --- | --- | --- | --- | --- | --- | --- | --- |',
  );
  for (const each of targets) {
    each.times.sort((a, b) => a - b);
    const at = (/** @type {number} */ share) => (each.times[Math.floor(each.times.length * share)] ?? 0).toFixed(1);
    const plain = await body(each);
    const cells = [
      each.name,
      String(each.samples),
      (plain.length / 1024).toFixed(0),
      (each.bytes / 1024).toFixed(1),
      at(0.5),
      at(0.95),
      (each.cpuMs / SCRAPES).toFixed(1),
      memory(each.pid).rssMiB.toFixed(0),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
} finally {
  await stage.end();
  await others.end();
  const closed = once(nodeExporter, 'close');
  nodeExporter.kill('SIGKILL');
  await closed;
}

/** @param {string} name @param {URL} url @param {number} pid @returns {Target} */
function target(name, url, pid) {
  return { name, url, pid, agent: new http.Agent({ keepAlive: true }), times: [], cpuMs: 0, bytes: 0, samples: 0 };
}

/** @param {Target} to */
async function scrape(to) {
  const started = performance.now();
  const zipped = await fetched(to);
  to.times.push(performance.now() - started);
  to.bytes = zipped.length;
  to.samples = gunzipSync(zipped)
    .toString()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#')).length;
}

/** @param {Target} to */
async function body(to) {
  return gunzipSync(await fetched(to));
}

/** @param {Target} to @returns {Promise<Buffer>} */
function fetched({ url, agent }) {
  return new Promise((resolve, reject) => {
    const request = http.get(
      new URL('/metrics', url),
      { agent, headers: { 'accept-encoding': 'gzip' } },
      (response) => {
        /** @type {Buffer[]} */
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => resolve(Buffer.concat(chunks)));
        response.on('error', reject);
      },
    );
    request.on('error', reject);
  });
}

function exporterVersion() {
  const { stdout, stderr } = spawnSync('prometheus-node-exporter', ['--version'], { encoding: 'utf8' });
  return /version (\S+)/.exec(stdout + stderr)?.[1] ?? '';
}
