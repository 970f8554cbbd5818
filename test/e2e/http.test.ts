import { spawn } from 'node:child_process';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fixtureText } from '../fixtures.ts';
import { installed, type Run } from './installed.ts';
import { PATIENT } from './waiting.ts';

const SNAPSHOT = fixtureText('generation-7.json');
const LINE = fixtureText('stream.ndjson').split('\n')[0] as string;
/** Connections that a page never ends by itself, by page: they must be closed when tslab has what it wants. */
const open = new Map<string, number>();

const PAGES: Record<string, (response: ServerResponse) => void> = {
  '/snapshot': (response) => response.setHeader('content-type', 'application/json').end(SNAPSHOT),
  '/wrong-type': (response) => response.setHeader('content-type', 'text/html').end(SNAPSHOT),
  '/gzip': (response) =>
    response
      .setHeader('content-encoding', 'gzip')
      .setHeader('content-type', 'application/json')
      .end(gzipSync(SNAPSHOT)),
  '/recording.gz': (response) => response.end(gzipSync(fixtureText('stream.ndjson'))),
  '/slow': (response) => {
    const pieces = SNAPSHOT.match(/[\s\S]{1,2000}/g) ?? [];
    const next = () => {
      const piece = pieces.shift();
      if (piece === undefined) response.end();
      else response.write(piece, () => setTimeout(next, 5));
    };
    next();
  },
  '/endless': (response) => {
    const timer = setInterval(() => response.write(`${LINE}\n`), 5);
    response.on('close', () => clearInterval(timer));
  },
  '/broken-off': (response) => {
    response.write(`${LINE}\n{"schema_version"`, () => response.destroy());
  },
  '/html': (response) => response.setHeader('content-type', 'text/html').end('<html><body>Sign in</body></html>'),
  '/500': (response) => response.writeHead(500).end('{"classes": []}'),
  '/redirect': (response) => response.writeHead(302, { location: '/snapshot' }).end(),
  '/empty': (response) => response.end(),
};

let server: Server;
let base: string;
beforeAll(async () => {
  server = createServer((request, response) => {
    const page = request.url ?? '';
    open.set(page, (open.get(page) ?? 0) + 1);
    response.on('close', () => open.set(page, (open.get(page) ?? 0) - 1));
    (PAGES[page] ?? ((missing) => missing.writeHead(404).end()))(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

/** The server lives in this process, so this process must not wait as spawnSync does. */
function run(...args: string[]): Promise<Run> {
  return new Promise((resolve) => {
    const child = spawn(installed.bin, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

test.each([
  '/snapshot',
  '/wrong-type',
  '/gzip',
  '/slow',
  '/redirect',
])('%s gives the snapshot, every digit', async (page) => {
  const { code, stdout, stderr } = await run('stats', '--json', `${base}${page}`);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toBe(SNAPSHOT);
});

test('a compressed recording is read whatever the server says of it', async () => {
  const { code, stdout } = await run('validate', '--url', `${base}/recording.gz`);
  expect(code).toBe(0);
  expect(stdout).toContain('3 snapshots read');
});

test('an endless stream is left as soon as there is enough', async () => {
  const { code, stdout } = await run('stats', '--first', '--json', `${base}/endless`);
  expect(code).toBe(0);
  expect(stdout.trim()).toBe(LINE);
  await expect.poll(() => open.get('/endless'), PATIENT).toBe(0);
});

test('what was good is shown before the connection breaks', async () => {
  const { code, stdout, stderr } = await run('stats', `${base}/broken-off`);
  expect(code).toBe(4);
  expect(stdout).toContain('Slow path');
  expect(stderr).toContain('cannot read http://127.0.0.1');
});

test.each([
  ['/500', 'answers 500'],
  ['/404', 'answers 404'],
  ['/html', 'holds no JSON object'],
  ['/empty', 'is empty'],
])('%s ends with 4 and says: %s', async (page, words) => {
  const { code, stdout, stderr } = await run('stats', `${base}${page}`);
  expect([code, stdout]).toEqual([4, '']);
  expect(stderr).toContain(words);
});

test('a port where nobody listens', async () => {
  const { code, stderr } = await run('stats', 'http://127.0.0.1:1/');
  expect(code).toBe(4);
  expect(stderr).toMatch(/cannot read http:\/\/127\.0\.0\.1:1\/: /);
});
