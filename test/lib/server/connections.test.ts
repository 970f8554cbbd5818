import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Connections } from '../../../src/lib/server/connections.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server that answers everything, where so many connections may stay. @returns how to open one more, accepted by it when it is given */
async function serverWith(most: number, patienceMs: number) {
  const server = createServer((_, response) => response.end('well'));
  new Connections(server, most, patienceMs);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
  return async () => {
    const accepted = once(server, 'connection');
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
    closers.push(() => client.destroy());
    await accepted;
    return client;
  };
}

async function asks(client: Socket): Promise<string> {
  client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const [answer] = await Promise.race([once(client, 'data'), once(client, 'close')]);
  return String(answer).slice(0, 15);
}
const ended = (client: Socket) => (client.closed ? Promise.resolve() : once(client.resume(), 'close'));

test('who was accepted before many others, and has had no time to ask, is answered', async () => {
  const open = await serverWith(4, 60_000);
  const clients: Socket[] = [];
  for (let i = 0; i < 8; i++) clients.push(await open());
  for (const client of clients) expect(await asks(client)).toBe('HTTP/1.1 200 OK');
});

test('there are never more than twice as many: the oldest that asks nothing goes at once', async () => {
  const open = await serverWith(2, 60_000);
  const [answered, silent, ...others] = [await open(), await open(), await open(), await open()];
  expect(await asks(answered as Socket)).toBe('HTTP/1.1 200 OK');
  const newest = await open();
  await ended(silent as Socket);
  for (const client of [answered, ...others, newest]) expect(await asks(client as Socket)).toBe('HTTP/1.1 200 OK');
});

test('those that are too many and ask nothing go after a while; who was answered stays', async () => {
  const open = await serverWith(2, 50);
  const answered = await open();
  expect(await asks(answered)).toBe('HTTP/1.1 200 OK');
  const silent = [await open(), await open(), await open()];
  await ended(silent[0] as Socket);
  await ended(silent[1] as Socket);
  for (const client of [answered, silent[2]]) expect(await asks(client as Socket)).toBe('HTTP/1.1 200 OK');
});
