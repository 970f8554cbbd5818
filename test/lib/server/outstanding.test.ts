import { EventEmitter, once } from 'node:events';
import { get, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Outstanding } from '../../../src/lib/server/outstanding.ts';
import type { Reader } from '../../../src/lib/server/readers.ts';
import { type Running, serve } from '../../../src/lib/server/serve.ts';
import { watchedOf } from '../../../src/lib/server/view.ts';
import { fixtureSnapshot } from '../../fixtures.ts';

const answer = (closed = false) => Object.assign(new EventEmitter(), { closed }) as unknown as ServerResponse;

test('answers that share their bytes hold them once, until the last of them has closed', () => {
  const outstanding = new Outstanding(100);
  const shared = Buffer.alloc(60);
  const [one, two] = [answer(), answer()];
  expect([outstanding.hold(shared, one), outstanding.hold(shared, two), outstanding.held]).toEqual([true, true, 60]);
  expect(outstanding.hold(Buffer.alloc(41), answer())).toBe(false);
  expect(outstanding.hold(Buffer.alloc(40), answer())).toBe(true);
  one.emit('close');
  expect(outstanding.held).toBe(100);
  two.emit('close');
  expect(outstanding.held).toBe(40);
});

test('an answer larger than all that may wait is sent alone, and who has gone already holds nothing', () => {
  const outstanding = new Outstanding(100);
  expect([outstanding.hold(Buffer.alloc(50), answer(true)), outstanding.held]).toEqual([true, 0]);
  expect([outstanding.hold(Buffer.alloc(500), answer()), outstanding.held]).toEqual([true, 500]);
  expect(outstanding.hold(Buffer.alloc(1), answer())).toBe(false);
});

let running: Running | undefined;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await running?.close(0);
});

const snapshot = fixtureSnapshot('generation-7.json');
// More than a socket takes in unread.
const text = JSON.stringify('x'.repeat(200_000));

/** As many processes as are shown by default, new with every look. */
const crowd: Reader = {
  name: 'a crowd',
  look: async () => ({
    watched: Array.from({ length: 64 }, (_, i) => watchedOf({ ...snapshot, pid: BigInt(i + 1) }, text)),
    omitted: 0,
    unusable: 0,
  }),
  close() {},
};

/** @returns status, length said, length come */
async function asked(url: string, headers: Record<string, string> = {}): Promise<[number, number, number]> {
  const [response] = (await once(get(url, { headers, agent: false }), 'response')) as [IncomingMessage];
  let length = 0;
  for await (const chunk of response) length += (chunk as Buffer).length;
  return [response.statusCode ?? 0, Number(response.headers['content-length']), length];
}

test.each([
  '/metrics',
  '/snapshot',
])('clients that do not read %s cost neither memory nor, when they have gone, anybody an answer', async (path) => {
  running = await serve({
    reader: crowd,
    intervalMs: undefined,
    addresses: [{ host: '127.0.0.1', port: 0 }],
    allowedHosts: [],
    webConfigFile: undefined,
    onNote() {},
  });
  const [url = ''] = running.urls;
  const [status, said, came] = await asked(`${url}${path.slice(1)}`);
  expect([status, came]).toEqual([200, said]);
  const { hostname, port } = new URL(url);
  const ask = () => {
    const socket = connect(Number(port), hostname)
      .on('error', () => {})
      .pause();
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    sockets.push(socket);
  };
  const before = process.memoryUsage().arrayBuffers;
  await expect
    .poll(
      async () => {
        ask();
        return (await asked(`${url}${path.slice(1)}`))[0];
      },
      { timeout: 15_000, interval: 120 },
    )
    .toBe(503);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20);
  for (const socket of sockets.splice(0)) socket.destroy();
  await expect.poll(async () => (await asked(`${url}${path.slice(1)}`))[0]).toBe(200);
});
