// npm run load:serve [-- --seconds 30] [--scrapers 200] [--processes 2] [--tslab PATH] [--json]
// Many scrapers at once, and clients that mean no good, against a tslab that serves live processes. Ends with 1 where a scrape failed or
// memory was not bounded.
import http from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { memory, Stage } from './started.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    scrapers: { type: 'string', default: '200' },
    processes: { type: 'string', default: '2' },
    tslab: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const SCRAPERS = Number(values.scrapers);
/** So much more than at rest may be resident under the load; a leak of each request would be far above it. */
const MOST_MIB = 256;

/** @type {[string, string][]} */
const RUDE = [
  ['malformed requests', 'GET\r\n\r\n'],
  ['malformed requests', '\0\x01\x02\xff\xfe'.repeat(100)],
  ['malformed requests', 'GET /metrics HTTP/9.9\r\nHost: x\r\n\r\n'],
  ['malformed requests', 'GET /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n'],
  [
    'malformed requests',
    'POST /metrics HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n',
  ],
  ['malformed requests', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc'],
  ['oversized headers', `GET /metrics HTTP/1.1\r\nHost: localhost\r\nX: ${'a'.repeat(1 << 20)}\r\n\r\n`],
  ['oversized headers', `GET /${'a'.repeat(1 << 20)} HTTP/1.1\r\nHost: localhost\r\n\r\n`],
  ['oversized headers', `GET / HTTP/1.1\r\nHost: localhost\r\n${'X: y\r\n'.repeat(20_000)}\r\n`],
  ['bodies', `POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n${'b'.repeat(1 << 20)}`],
  ['bodies', `GET /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n${'b'.repeat(1 << 20)}`],
];

const stage = new Stage();
const counts = { scrapes: 0, failed: 0, bytes: 0 };
/** @type {Record<string, number>} */
const failures = {};
/** @type {number[]} */
const times = [];
/** @type {Record<string, number>} */
const attacks = {
  'slow-loris connections': 0,
  'malformed requests': 0,
  'oversized headers': 0,
  bodies: 0,
  'unread event streams': 0,
};
let ending = false;

try {
  await stage.workloads(Number(values.processes));
  const { url, pid } = await stage.tslab(values.tslab);
  await scrape(url, new http.Agent());
  const rest = memory(pid);
  const until = performance.now() + Number(values.seconds) * 1000;
  const work = [
    // Half of them keep their connection, half make a new one for each scrape.
    ...Array.from({ length: SCRAPERS }, (_, i) => scraper(url, until, i % 2 === 0)),
    slowLoris(url, until),
    rude(url, until),
    deaf(url, until),
  ];
  let most = 0;
  const watching = (async () => {
    while (performance.now() < until) {
      most = Math.max(most, memory(pid).descriptors);
      await sleep(200);
    }
  })();
  await Promise.all([...work, watching]);
  ending = true;
  await sleep(1500);
  const after = memory(pid);
  times.sort((a, b) => a - b);
  const at = (/** @type {number} */ share) => Number((times[Math.floor(times.length * share)] ?? 0).toFixed(1));
  const result = {
    seconds: Number(values.seconds),
    scrapers: SCRAPERS,
    processes: Number(values.processes),
    ...counts,
    failures,
    perSecond: Math.round(counts.scrapes / Number(values.seconds)),
    bytesPerScrape: Math.round(counts.bytes / Math.max(1, counts.scrapes)),
    medianMs: at(0.5),
    p99Ms: at(0.99),
    slowestMs: at(0.9999),
    attacks,
    rssAtRestMiB: Math.round(rest.rssMiB),
    peakMiB: Math.round(after.peakMiB),
    rssAfterMiB: Math.round(after.rssMiB),
    mostDescriptors: most,
  };
  if (values.json) console.log(JSON.stringify(result));
  else
    for (const [name, value] of Object.entries(result))
      console.log(`${name.padEnd(16)} ${typeof value === 'object' ? JSON.stringify(value) : value}`);
  if (counts.failed > 0 || counts.scrapes < SCRAPERS || after.peakMiB - rest.rssMiB > MOST_MIB) process.exitCode = 1;
} finally {
  ending = true;
  await stage.end();
}

/** @param {URL} url @param {http.Agent} agent @returns {Promise<number>} bytes of the body */
function scrape(url, agent) {
  return new Promise((resolve, reject) => {
    const request = http.get(
      new URL('/metrics', url),
      { agent, headers: { 'accept-encoding': 'gzip' } },
      (response) => {
        let bytes = 0;
        response.on('data', (chunk) => {
          bytes += chunk.length;
        });
        response.on('end', () =>
          response.statusCode === 200 && response.complete
            ? resolve(bytes)
            : reject(new Error(`status ${response.statusCode}`)),
        );
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    request.setTimeout(10_000, () => request.destroy(new Error('no answer in 10 s')));
  });
}

/** @param {URL} url @param {number} until @param {boolean} keepAlive */
async function scraper(url, until, keepAlive) {
  const agent = new http.Agent({ keepAlive });
  while (performance.now() < until) {
    const started = performance.now();
    try {
      const bytes = await scrape(url, agent);
      counts.bytes += bytes;
      times.push(performance.now() - started);
    } catch (error) {
      counts.failed++;
      const why = error instanceof Error ? error.message : String(error);
      failures[why] = (failures[why] ?? 0) + 1;
    }
    counts.scrapes++;
  }
  agent.destroy();
}

/** Connections that say a word now and then and never finish. @param {URL} url @param {number} until */
async function slowLoris(url, until) {
  const sockets = new Set();
  while (performance.now() < until) {
    while (sockets.size < 300) {
      attacks['slow-loris connections'] = (attacks['slow-loris connections'] ?? 0) + 1;
      const socket = raw(url, 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n');
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    }
    for (const socket of sockets) socket.write('x: y\r\n');
    await sleep(500);
  }
  for (const socket of sockets) socket.destroy();
}

/** Requests that are none. @param {URL} url @param {number} until */
async function rude(url, until) {
  for (let i = 0; performance.now() < until; i++) {
    const [kind, text] = RUDE[i % RUDE.length] ?? ['', ''];
    attacks[kind] = (attacks[kind] ?? 0) + 1;
    const socket = raw(url, text);
    socket.resume();
    setTimeout(() => socket.destroy(), 1000);
    await sleep(10);
  }
}

/** Asks for the event stream and reads nothing. @param {URL} url @param {number} until */
async function deaf(url, until) {
  for (let i = 0; i < 100; i++) {
    attacks['unread event streams'] = i + 1;
    raw(url, `GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n`).pause();
  }
  while (performance.now() < until) await sleep(100);
}

/** @param {URL} url @param {string} text */
function raw(url, text) {
  const socket = connect(Number(url.port), url.hostname);
  socket.on('error', () => {});
  socket.write(text, 'latin1');
  const timer = setInterval(() => ending && socket.destroy(), 100);
  socket.once('close', () => clearInterval(timer));
  return socket;
}
