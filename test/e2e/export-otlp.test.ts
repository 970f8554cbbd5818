import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { fixturePath, fixtureText } from '../fixtures.ts';
import { installed } from './installed.ts';
import { serving, unique } from './serving.ts';
import { ended, PATIENT } from './waiting.ts';

const { start, workload } = serving();

interface Received {
  readonly path: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A collector that takes everything, or answers with another status. */
async function collector(status = 200) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    received.push({
      path: request.url,
      headers: request.headers,
      body: request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body,
    });
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

async function run(args: string[], env: NodeJS.ProcessEnv = {}) {
  const child = start(installed.bin, ['export', 'otlp', ...args], env);
  let stderr = '';
  child.stdout?.resume();
  child.stderr?.on('data', (text) => {
    stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number];
  return { code, stderr };
}

interface Metric {
  name: string;
  unit: string;
  sum?: { dataPoints: Point[]; isMonotonic: boolean; aggregationTemporality: number };
  gauge?: { dataPoints: Point[] };
}
interface Point {
  attributes: { key: string; value: { stringValue: string } }[];
  asInt?: number | string;
  asDouble?: number;
  startTimeUnixNano: string;
  timeUnixNano: string;
}
const parsed = (body: Buffer) =>
  JSON.parse(body.toString()).resourceMetrics[0] as {
    resource: { attributes: { key: string; value: Record<string, unknown> }[] };
    scopeMetrics: { scope: { name: string }; metrics: Metric[] }[];
  };

test('JSON has every digit up to 2^63 - 1; what is greater is a double', async () => {
  const { url, received } = await collector();
  expect(await run([fixturePath('u64-max.json'), '--endpoint', url, '--protocol', 'http/json'])).toEqual({
    code: 0,
    stderr: '',
  });
  const [request] = received;
  expect([request?.path, request?.headers['content-type']]).toEqual(['/v1/metrics', 'application/json']);
  const metrics = parsed(request?.body ?? Buffer.alloc(0)).scopeMetrics[0]?.metrics ?? [];
  const points = metrics.flatMap(({ sum, gauge }) => sum?.dataPoints ?? gauge?.dataPoints ?? []);
  expect(points.some(({ asDouble }) => asDouble === 2 ** 64)).toBe(true);
  expect(
    points.every(({ asInt }) => asInt === undefined || typeof asInt === 'string' || Number.isSafeInteger(asInt)),
  ).toBe(true);
});

test('a live process, by protobuf, with what names it; headers and compression from the environment', async () => {
  const name = unique('otlp');
  const { pid } = await workload('leak', name);
  const { url, received } = await collector();
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=abc',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    OTEL_SERVICE_NAME: 'checkout',
  };
  expect(await run(['--name', name], env)).toEqual({ code: 0, stderr: '' });
  const [request] = received;
  expect(request?.headers).toMatchObject({
    'content-type': 'application/x-protobuf',
    'x-key': 'abc',
    'content-encoding': 'gzip',
  });
  const body = request?.body ?? Buffer.alloc(0);
  for (const text of [
    'checkout',
    'service.instance.id',
    `${pid}-1`,
    name,
    'temporal_slab_rss_bytes',
    'background-worker-3',
  ])
    expect([text, body.includes(text)]).toEqual([text, true]);
  // The pid as protobuf has it: field 3 of AnyValue, a varint.
  expect(body.includes(Buffer.from([0x18, ...varint(Number(pid))]))).toBe(true);
});

test('counters are cumulative sums since the allocator was made; an interval sends again and again', async () => {
  const name = unique('often');
  await workload('burst', name, '--rate', '1000');
  const { url, received } = await collector();
  const child = start(installed.bin, [
    'export',
    'otlp',
    '--name',
    name,
    '--endpoint',
    url,
    '--interval',
    '200ms',
    '--protocol',
    'http/json',
  ]);
  child.stdout?.resume();
  child.stderr?.resume();
  await expect.poll(() => received.length, PATIENT).toBeGreaterThan(2);
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  expect(await closed).toEqual([0, null]);
  const [first, second] = [received[0], received.at(-1)].map((request) => {
    const metric = parsed(request?.body ?? Buffer.alloc(0)).scopeMetrics[0]?.metrics.find(
      (one) => one.name === 'temporal_slab_bitmap_alloc_attempts_total',
    );
    return { ...metric?.sum, point: metric?.sum?.dataPoints[0] };
  });
  expect(first).toMatchObject({ isMonotonic: true, aggregationTemporality: 2 });
  expect(first?.point?.startTimeUnixNano).toBe(second?.point?.startTimeUnixNano);
  expect(BigInt(second?.point?.timeUnixNano ?? 0)).toBeGreaterThan(BigInt(first?.point?.timeUnixNano ?? 0));
  expect(Number(second?.point?.asInt)).toBeGreaterThan(Number(first?.point?.asInt));
});

test.each([
  ['a recording', [fixturePath('stream.ndjson')], { code: 0, stderr: '' }],
  [
    'a command that fails',
    ['--exec', `cat ${fixturePath('stream.ndjson')}; exit 3`],
    { code: 4, stderr: expect.stringContaining('exit code 3') },
  ],
])('once: the last snapshot of %s', async (_, args, result) => {
  const { url, received } = await collector();
  expect(await run([...args, '--endpoint', url, '--protocol', 'http/json'])).toMatchObject(result);
  expect(received.map(({ body }) => timeOf(body))).toEqual([lastTime()]);
});

test.each([
  ['ends', '', { code: 0, stderr: '' }],
  ['fails', '; exit 3', { code: 4, stderr: expect.stringContaining('exit code 3') }],
])('at an interval, a source that %s: its last state is sent once', async (_, end, result) => {
  const { url, received } = await collector();
  const exec = `cat ${fixturePath('stream.ndjson')}; sleep 1${end}`;
  expect(await run(['--exec', exec, '--endpoint', url, '--protocol', 'http/json', '--interval', '10m'])).toMatchObject(
    result,
  );
  const times = received.map(({ body }) => timeOf(body));
  expect(times.at(-1)).toBe(lastTime());
  expect(new Set(times).size).toBe(times.length);
});

test('counters of a command are cumulative sums since they were first seen', async () => {
  const { url, received } = await collector();
  const exec = `${process.cwd()}/native/build/stats_dump burst --rate 1000 --duration 120s --interval 50ms --no-text`;
  const child = start(installed.bin, [
    ...['export', 'otlp', '--exec', exec, '--endpoint', url, '--interval', '100ms', '--protocol', 'http/json'],
  ]);
  child.stdout?.resume();
  child.stderr?.resume();
  await expect.poll(() => received.length, PATIENT).toBeGreaterThan(3);
  await ended(child, 'SIGTERM');
  const points = received.map(
    ({ body }) => parsed(body).scopeMetrics[0]?.metrics.find(({ sum }) => sum)?.sum?.dataPoints[0],
  );
  expect(new Set(points.map((point) => point?.startTimeUnixNano))).toEqual(new Set([points[0]?.timeUnixNano]));
  expect(new Set(points.map((point) => point?.timeUnixNano)).size).toBeGreaterThan(1);
});

test('asked to end while the collector is away, it does not wait until that is back', async () => {
  const taken = createServer((request) => request.resume());
  await once(taken.listen(0, '127.0.0.1'), 'listening');
  const { port } = taken.address() as AddressInfo;
  closers.push(() => taken.close().closeAllConnections());
  const asked = once(taken, 'request');
  const args = [fixturePath('generation-7.json'), '--endpoint', `http://127.0.0.1:${port}`, '--interval', '1s'];
  const child = start(installed.bin, ['export', 'otlp', ...args], { OTEL_EXPORTER_OTLP_TIMEOUT: '600000' });
  let said = '';
  child.stdout?.resume();
  child.stderr?.on('data', (text) => {
    said += text;
  });
  await asked;
  // The test's own time limit is far below the collector's.
  expect(await ended(child, 'SIGTERM')).toEqual([0, null]);
  expect(said).toBe('tslab: asked to end; what was being sent is given up\n');
});

test('a collector that refuses, or is not there, is exit code 4; a wrong URL is 2', async () => {
  const { url } = await collector(400);
  const fixture = fixturePath('generation-7.json');
  expect(await run([fixture, '--endpoint', url])).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('did not take the metrics'),
  });
  expect(await run([fixture, '--endpoint', 'http://127.0.0.1:1'], { OTEL_EXPORTER_OTLP_TIMEOUT: '300' })).toMatchObject(
    { code: 4 },
  );
  expect(await run([fixture, '--endpoint', 'ftp://x'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--endpoint'),
  });
  expect(await run(['--name', unique('nobody'), '--endpoint', url])).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('no process'),
  });
});

/** @returns when the snapshot was taken that a request tells of */
function timeOf(body: Buffer): string | undefined {
  const [metric] = parsed(body).scopeMetrics[0]?.metrics ?? [];
  return (metric?.sum ?? metric?.gauge)?.dataPoints[0]?.timeUnixNano;
}

/** @returns when the last snapshot of stream.ndjson was taken */
function lastTime(): string | undefined {
  return /"timestamp_ns": ?(\d+)/.exec(fixtureText('stream.ndjson').trimEnd().split('\n').at(-1) ?? '')?.[1];
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}
