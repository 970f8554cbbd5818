import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Agent, createServer as createHttpServer, request } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { fixturePath, fixtureText } from '../fixtures.ts';
import { installed, tslab } from './installed.ts';
import { sample, serving, unique } from './serving.ts';
import { PATIENT, until } from './waiting.ts';

const { directory, env, serve, workload, start } = serving();

const PROMETHEUS_2 =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';

/** Raw bytes as Node's client gets them: fetch would decompress. */
function get(
  url: string,
  headers: Record<string, string> = {},
  method = 'GET',
  agent?: Agent,
): Promise<{ status: number; headers: Record<string, string>; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers as Record<string, string>,
          body: Buffer.concat(chunks),
        }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}
const text = async (url: string, headers = {}) => (await get(url, headers)).body.toString();

describe('/metrics', () => {
  test('of several processes at once, each with its labels, as promtool wants it', async () => {
    const [one, two] = [unique('one'), unique('two')];
    const { pid } = await workload('leak', one);
    await workload('burst', two);
    const { url } = await serve('--name', one, '--name', two);
    const metrics = await text(`${url}/metrics`);
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input: metrics,
      encoding: 'utf8',
    });
    expect([stdout, stderr, status]).toEqual(['', '', 0]);
    expect(metrics).toMatch(
      new RegExp(
        `^temporal_slab_rss_bytes\\{pid="${pid}",command="stats_dump",name="${one}",allocator_instance="1"\\} \\d+$`,
        'm',
      ),
    );
    expect(sample(metrics, 'tslab_processes ')).toBe(2);
    expect(sample(metrics, 'tslab_up ')).toBe(1);
    expect(sample(metrics, 'tslab_processes_omitted ')).toBe(0);
  });

  test('in the format the client likes best, compressed where it can read that', async () => {
    const name = unique('formats');
    await workload('steady', name);
    const { url } = await serve('--name', name);
    const open = await get(`${url}/metrics`, { accept: PROMETHEUS_2, 'accept-encoding': 'gzip' });
    expect(open.headers).toMatchObject({
      'content-type': 'application/openmetrics-text; version=1.0.0; charset=utf-8',
      'content-encoding': 'gzip',
      vary: 'Accept, Accept-Encoding',
      'x-content-type-options': 'nosniff',
    });
    const families = JSON.parse(
      execFileSync('/usr/bin/python3', ['test/e2e/openmetrics-strict.py'], {
        input: gunzipSync(open.body),
        encoding: 'utf8',
        maxBuffer: 1 << 28,
      }),
    ) as unknown[];
    expect(families.length).toBeGreaterThan(100);
    const cases: [string | undefined, string][] = [
      [undefined, 'text/plain; version=0.0.4'],
      ['*/*', 'text/plain; version=0.0.4'],
      ['text/html', 'text/plain; version=0.0.4'],
      ['application/openmetrics-text', 'application/openmetrics-text; version=1.0.0'],
      ['application/openmetrics-text; version=9.0.0, text/plain;q=0.1', 'text/plain; version=0.0.4'],
      [
        'text/plain;q=0.2, application/openmetrics-text;version=1.0.0;q=0.3',
        'application/openmetrics-text; version=1.0.0',
      ],
      ['application/openmetrics-text;q=0', 'text/plain; version=0.0.4'],
      [';;;q=,,,=', 'text/plain; version=0.0.4'],
    ];
    for (const [accept, type] of cases) {
      const { headers } = await get(`${url}/metrics`, accept === undefined ? {} : { accept });
      expect([accept, headers['content-type']]).toEqual([accept, `${type}; charset=utf-8`]);
      expect(headers['content-encoding']).toBe(undefined);
    }
    const refused = await get(`${url}/metrics`, { 'accept-encoding': 'gzip;q=0' });
    expect(refused.headers['content-encoding']).toBe(undefined);
  });

  test('shows at most so many, those created first, and says how many it left out', async () => {
    const names = [unique('a'), unique('b'), unique('c')];
    for (const name of names) await workload('burst', name, '--rate', '1000');
    const { url } = await serve('--max-processes', '2', ...names.flatMap((name) => ['--name', name]));
    const metrics = await text(`${url}/metrics`);
    expect([sample(metrics, 'tslab_processes '), sample(metrics, 'tslab_processes_omitted ')]).toEqual([2, 1]);
    expect(names.map((name) => metrics.includes(`name="${name}"`))).toEqual([true, true, false]);
  });

  test('a process that ends is gone from the next scrape on', async () => {
    const [stays, goes] = [unique('stays'), unique('goes')];
    await workload('burst', stays, '--rate', '1000');
    const { child, pid } = await workload('burst', goes, '--rate', '1000');
    const { url } = await serve('--name', stays, '--name', goes);
    expect((await get(`${url}/metrics?pid=${pid}`)).status).toBe(200);
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
    // Those who ask within 100 ms get the same text.
    await expect.poll(async () => sample(await text(`${url}/metrics`), 'tslab_processes '), PATIENT).toBe(1);
    expect((await get(`${url}/metrics?pid=${pid}`)).status).toBe(404);
  });

  test('of one process alone, only if it is one of those shown', async () => {
    const [shown, other] = [unique('shown'), unique('other')];
    const { pid } = await workload('burst', shown, '--rate', '1000');
    const hidden = await workload('burst', other, '--rate', '1000');
    const { url } = await serve('--name', shown);
    const metrics = await text(`${url}/metrics?pid=${pid}&instance=1`);
    expect(metrics).toContain(`pid="${pid}"`);
    expect(metrics).not.toContain('tslab_up');
    for (const query of [
      `pid=${hidden.pid}`,
      'pid=1',
      `pid=${pid}&instance=2`,
      'pid=',
      'pid=../../etc/passwd',
      `name=${other}`,
      'name=%00',
      `pid=0${pid}`,
    ])
      expect([query, (await get(`${url}/metrics?${query}`)).status]).toEqual([query, 404]);
  });

  test('with --interval, what was read last', async () => {
    const name = unique('interval');
    await workload('burst', name, '--rate', '1000');
    const { url } = await serve('--name', name, '--interval', '1h');
    const stamp = (metrics: string) => /^temporal_slab_snapshot_timestamp_seconds\S* (\S+)$/m.exec(metrics)?.[1];
    const first = stamp(await text(`${url}/metrics`));
    expect(first).toBeDefined();
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(stamp(await text(`${url}/metrics`))).toBe(first);
  });

  test('text of a hostile program is inert', async () => {
    const { url } = await serve(fixturePath('hostile-labels.json'));
    const metrics = await text(`${url}/metrics`, { accept: 'application/openmetrics-text' });
    expect(metrics.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(() =>
      execFileSync('/usr/bin/python3', ['test/e2e/openmetrics-strict.py'], { input: metrics }),
    ).not.toThrow();
  });
});

describe('/snapshot', () => {
  test('has every digit, and other commands read it', async () => {
    const { url } = await serve(fixturePath('u64-max.json'));
    const { body, headers } = await get(`${url}/snapshot`);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(JSON.stringify(JSON.parse(body.toString()))).toBe(JSON.stringify(JSON.parse(fixtureText('u64-max.json'))));
    expect(body.toString()).toContain('18446744073709551615');
    expect(tslab(['stats', '--json', '--url', `${url}/snapshot`]).stdout).toBe(
      tslab(['stats', '--json', fixturePath('u64-max.json')]).stdout,
    );
  });

  test('of several processes, one a line', async () => {
    const [one, two] = [unique('line-one'), unique('line-two')];
    await workload('burst', one, '--rate', '1000');
    const { pid } = await workload('burst', two, '--rate', '1000');
    const { url } = await serve('--name', one, '--name', two);
    const { body, headers } = await get(`${url}/snapshot`);
    expect(headers['content-type']).toBe('application/x-ndjson; charset=utf-8');
    expect(
      body
        .toString()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).process.name),
    ).toEqual([one, two]);
    expect(JSON.parse(await text(`${url}/snapshot?pid=${pid}`)).pid).toBe(Number(pid));
  });
});

test('/sd names each process as a target of its own, under the address that was asked', async () => {
  const name = unique('sd');
  const { pid } = await workload('burst', name, '--rate', '1000');
  const { url } = await serve('--name', name);
  const port = new URL(url).port;
  const groups = JSON.parse(await text(`${url}/sd`, { host: `localhost:${port}` }));
  expect(groups).toEqual([
    {
      targets: [`localhost:${port}`],
      labels: {
        __scheme__: 'http',
        __metrics_path__: '/metrics',
        __param_pid: pid,
        __param_instance: '1',
        __meta_tslab_pid: pid,
        __meta_tslab_instance: '1',
        __meta_tslab_command: 'stats_dump',
        __meta_tslab_name: name,
        process: `${pid}-1`,
      },
    },
  ]);
});

test.each(['stdin', 'a command'])('a stream from %s is shown as it comes', async (from) => {
  const dump = 'native/build/stats_dump burst --rate 20000 --duration 120s --interval 50ms --no-text';
  const { url } = await (from === 'stdin'
    ? serve('-', start('sh', ['-c', `exec ${dump}`]).stdout)
    : serve('--exec', dump));
  const counted = async () => sample(await text(`${url}/metrics`), 'temporal_slab_bitmap_alloc_attempts_total');
  await expect.poll(counted, PATIENT).toBeGreaterThan(0);
  const before = await counted();
  await expect.poll(counted, PATIENT).toBeGreaterThan(before);
});

describe('a source that cannot be read', () => {
  test('the program that reads ends: the next scrapes work again', async () => {
    const name = unique('reader');
    await workload('burst', name, '--rate', '1000');
    const { url, child } = await serve('--name', name);
    expect(sample(await text(`${url}/metrics`), 'tslab_processes ')).toBe(1);
    const [dump] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ');
    process.kill(Number(dump), 'SIGKILL');
    // Who asks at once may still be given what was read before.
    await until(async () => {
      const processes = sample(await text(`${url}/metrics`), 'tslab_processes ');
      const [another = dump] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ');
      return processes === 1 && another !== '' && another !== dump;
    });
  });

  test('the program that reads is gone: nobody is told that there are no processes, and the operator hears when it begins and ends', async () => {
    const name = unique('gone');
    const { pid } = await workload('burst', name, '--rate', '1000');
    const { url, child, said } = await serve('--name', name);
    const status = async (path: string) => (await get(`${url}${path}`)).status;
    await until(async () => (await status(`/metrics?pid=${pid}`)) === 200);
    const dump = join(installed.directory, 'node_modules/temporal-slab/native/build/stats_dump');
    renameSync(dump, `${dump}.off`);
    try {
      const [reading] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ');
      process.kill(Number(reading), 'SIGKILL');
      // The first who asks may hear that the program has ended, not yet that there is none.
      await until(async () => {
        await text(`${url}/metrics`);
        return said().includes('the bundled harness is not built');
      });
      for (const path of ['/sd', `/sd?pid=${pid}`, `/metrics?pid=${pid}`, '/metrics?pid=1', '/snapshot?pid=1']) {
        const { status, body } = await get(`${url}${path}`);
        expect([path, status, body.toString()]).toEqual([path, 503, 'the bundled harness is not built\n']);
      }
      expect(sample(await text(`${url}/metrics`), 'tslab_up ')).toBe(0);
      expect(said().match(/is not built/g)).toHaveLength(1);
      expect(said()).not.toContain('can be read again');
    } finally {
      renameSync(`${dump}.off`, dump);
    }
    await until(async () => (await status(`/metrics?pid=${pid}`)) === 200);
    await until(() => said().includes('the processes can be read again'));
    expect(JSON.parse(await text(`${url}/sd`))).toHaveLength(1);
  });

  test('there are no file descriptors left to start the program that reads: a scrape says so, and works again when there are', async () => {
    const name = unique('descriptors');
    await workload('burst', name, '--rate', '1000');
    const { url, child } = await serve('--name', name);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const scrape = async () => (await get(`${url}/metrics`, {}, 'GET', agent)).body.toString();
    expect(sample(await scrape(), 'tslab_up ')).toBe(1);
    const [dump] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ');
    // What is open stays open, the connection for instance.
    const limit = (most: string) => execFileSync('prlimit', ['--pid', String(child.pid), `--nofile=${most}:`]);
    limit('3');
    process.kill(Number(dump), 'SIGKILL');
    await until(async () => sample(await scrape(), 'tslab_up ') === 0);
    await until(async () => (await get(`${url}/-/ready`, {}, 'GET', agent)).status === 503);
    limit('1024');
    await until(async () => sample(await scrape(), 'tslab_up ') === 1);
    agent.destroy();
  });

  test('the program that reads hangs: a scrape says so in time, the next one works again, and nothing is left behind', async () => {
    const name = unique('stuck');
    await workload('burst', name, '--rate', '1000');
    const { url, child } = await serve('--name', name);
    expect(sample(await text(`${url}/metrics`), 'tslab_processes ')).toBe(1);
    const [dump] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ');
    process.kill(Number(dump), 'SIGSTOP');
    await until(async () => sample(await text(`${url}/metrics`), 'tslab_up ') === 0);
    await until(async () => sample(await text(`${url}/metrics`), 'tslab_processes ') === 1);
    await until(() => !existsSync(`/proc/${dump}`));
  }, 150_000);

  test('the program that reads does not outlive the server, however that ends', async () => {
    const name = unique('orphan');
    await workload('burst', name, '--rate', '1000');
    const { url, child, end } = await serve('--name', name);
    await text(`${url}/metrics`);
    const [dump] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ');
    expect(existsSync(`/proc/${dump}`)).toBe(true);
    await end('SIGKILL');
    await expect.poll(() => existsSync(`/proc/${dump}`), PATIENT).toBe(false);
  });

  test('is tslab_up 0, not ready, and still healthy', async () => {
    const { url } = await serve('--url', 'http://127.0.0.1:1/none');
    const metrics = await text(`${url}/metrics`);
    expect(sample(metrics, 'tslab_up ')).toBe(0);
    expect(sample(metrics, 'tslab_read_failures_total ')).toBeGreaterThan(0);
    expect((await get(`${url}/-/ready`)).status).toBe(503);
    expect((await get(`${url}/snapshot`)).status).toBe(503);
    expect((await get(`${url}/-/healthy`)).status).toBe(200);
  });
});

describe('a source that worked and then does not', () => {
  const state = async (url: string) => [
    sample(await text(`${url}/metrics`), 'tslab_up '),
    (await get(`${url}/-/ready`)).status,
  ];

  test('a URL: not up and not ready while it is away, as if nothing had been when it is back, or comes first', async () => {
    const listen = async (port: number) => {
      const server = createHttpServer((_, response) => response.end(fixtureText('generation-7.json')));
      await once(server.listen(port, '127.0.0.1'), 'listening');
      return server;
    };
    const server = await listen(0);
    const { port } = server.address() as AddressInfo;
    const { url } = await serve('--url', `http://127.0.0.1:${port}/snap`, '--interval', '50ms');
    await expect.poll(() => state(url), PATIENT).toEqual([1, 200]);
    server.closeAllConnections();
    server.close();
    await expect.poll(() => state(url), PATIENT).toEqual([0, 503]);
    const metrics = await text(`${url}/metrics`);
    expect(sample(metrics, 'tslab_read_failures_total ')).toBeGreaterThan(0);
    expect(sample(metrics, 'tslab_unusable_files ')).toBe(0);
    expect(metrics).not.toContain('temporal_slab_rss_bytes');
    const early = await serve('--url', `http://127.0.0.1:${port}/snap`, '--interval', '50ms');
    await expect.poll(() => state(early.url), PATIENT).toEqual([0, 503]);
    const again = await listen(port);
    await expect.poll(() => state(early.url), PATIENT).toEqual([1, 200]);
    await expect.poll(() => state(url), PATIENT).toEqual([1, 200]);
    expect(sample(await text(`${url}/metrics`), 'tslab_unusable_files ')).toBe(0);
    again.closeAllConnections();
    again.close();
  });

  test.each([
    ['a command that fails', ['--exec', `cat ${fixturePath('stream.ndjson')}; exit 3`]],
    ['a command that ends', ['--exec', `cat ${fixturePath('stream.ndjson')}`]],
    ['stdin that ends', ['-']],
  ])('%s', async (_, args) => {
    const { url, child } = await serve(...args);
    child.stdin?.end(fixtureText('generation-7.json'));
    await expect.poll(() => state(url), PATIENT).toEqual([0, 503]);
    expect((await get(`${url}/-/healthy`)).status).toBe(200);
  });
});

describe('requests that are none of ours', () => {
  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH'])('%s is refused', async (method) => {
    const { url } = await serve(fixturePath('generation-7.json'));
    const { status, headers } = await get(`${url}/metrics`, {}, method);
    expect([status, headers['allow']]).toEqual([405, 'GET, HEAD']);
  });

  test('HEAD has the headers of GET and no body; unknown paths are 404', async () => {
    const { url } = await serve(fixturePath('generation-7.json'));
    const [head, whole] = [await get(`${url}/metrics`, {}, 'HEAD'), await get(`${url}/metrics`)];
    expect([head.status, head.body.length, head.headers['content-type']]).toEqual([
      200,
      0,
      whole.headers['content-type'],
    ]);
    for (const path of ['/nothing', '/metrics/', '/../package.json', '/%2e%2e/package.json', '/page', '//'])
      expect([path, (await get(`${url}${path}`)).status]).toEqual([path, 404]);
  });

  test('a name that leads here but is not ours gets nothing', async () => {
    const { url } = await serve(fixturePath('generation-7.json'), '--web.allowed-host', 'slab.example.com');
    const status = async (host: string, path = '/snapshot') => (await get(`${url}${path}`, { host })).status;
    expect(await status('evil.example')).toBe(421);
    expect(await status('evil.example', '/-/healthy')).toBe(421);
    expect(await status('localhost.evil.example')).toBe(421);
    expect(await status('127.0.0.1.evil.example')).toBe(421);
    for (const host of ['localhost', '127.0.0.1:80', '[::1]:1', 'LOCALHOST:9917', 'slab.example.com:443'])
      expect([host, await status(host)]).toEqual([host, 200]);
  });

  test('once a name is given, a server for others answers to no other but those of this machine, and its help says so', async () => {
    const listen = ['--web.listen-address', '0.0.0.0:0'];
    const status = async (url: string, host: string) =>
      (await get(`${url.replace('0.0.0.0', '127.0.0.1')}/-/healthy`, { host })).status;
    const open = await serve(fixturePath('generation-7.json'), ...listen);
    expect(await status(open.url, '192.0.2.1:9917')).toBe(200);
    const named = await serve(fixturePath('generation-7.json'), ...listen, '--web.allowed-host', 'proxy.example');
    for (const [host, expected] of [
      ['192.0.2.1:9917', 421],
      ['proxy.example', 200],
      ['127.0.0.1', 200],
      ['localhost', 200],
    ] as const)
      expect([host, await status(named.url, host)]).toEqual([host, expected]);
    expect(tslab(['serve', '--help']).stdout.replace(/\s+/g, ' ')).toContain('answer only to this name');
  });

  test.each([
    ['a body', '413', 'Content-Length: 5\r\n\r\nhello'],
    ['a body in chunks', '413', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'],
    ['a body that never comes', '413', 'Content-Length: 99999999999\r\n\r\n'],
    ['no body, said so', '200', 'Content-Length: 0\r\n\r\n'],
    ['20 KB of a header', '431', `X: ${'a'.repeat(20_000)}\r\n\r\n`],
    ['a length below 0', '400', 'Content-Length: -5\r\n\r\n'],
  ])('GET with %s: %s', async (_, expected, rest) => {
    const { url } = await serve(fixturePath('generation-7.json'));
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.write(`GET /-/ready HTTP/1.1\r\nHost: localhost\r\n${rest}`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString().split(' ')[1]).toBe(expected);
    socket.destroy();
  });
});

describe('the command line', () => {
  test.each([
    [['--web.listen-address', 'nowhere'], 2, '--web.listen-address'],
    [['--web.listen-address', '127.0.0.1:99999'], 2, '--web.listen-address'],
    [['--web.listen-address', '203.0.113.1:0'], 4, 'no such address'],
    [['--web.config.file', '/nonexistent/web.yml'], 4, '/nonexistent/web.yml'],
    [['--pid', '1', 'snapshot.json'], 2, 'both processes and another source'],
    [['--pid', '0'], 2, '--pid'],
    [['--pid', '2147483648'], 2, 'expected a process id'],
    [['--name', ''], 2, 'expected a name'],
    [Array.from({ length: 257 }, (_, i) => `--pid=${i + 1}`), 2, 'at most 256'],
    [['--max-processes', '0'], 2, 'max-processes'],
    [['--stdin', 'file.json'], 2, 'two sources'],
  ])('%s', (args, code, said) => {
    const run = tslab(['serve', ...args], { env: { TSLAB_DIR: env['TSLAB_DIR'] ?? '' } });
    expect([run.code, run.stdout]).toEqual([code, '']);
    expect(run.stderr).toContain(said);
  });

  test('who is chosen is said, harmlessly, and that nobody of them is there', async () => {
    const { url, said, end } = await serve('--pid', '2147483647', '--name', '\x1b[31mnobody');
    expect(said()).toContain("serving process 2147483647, '\\x1b[31mnobody' on ");
    await until(() => said().includes('no process to show yet'));
    expect(said()).not.toContain('\x1b');
    expect(sample(await text(`${url}/metrics`), 'tslab_processes ')).toBe(0);
    expect(await end()).toEqual([0, null]);
  });

  test('a stream that has not begun is no hindrance to ending', async () => {
    const { said, end } = await serve('--exec', 'sleep 60');
    expect(await end()).toEqual([0, null]);
    expect(said().trim().split('\n')).toHaveLength(1);
  });

  test('an address in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const { code, stderr } = tslab([
      'serve',
      fixturePath('generation-7.json'),
      '--web.listen-address',
      `127.0.0.1:${port}`,
    ]);
    expect([code, stderr.split('\n')[0]]).toEqual([
      4,
      `tslab: cannot listen on 127.0.0.1:${port}: the address is in use`,
    ]);
    taken.close();
  });

  test('several addresses', async () => {
    const { url, said } = await serve(
      fixturePath('generation-7.json'),
      '--web.listen-address',
      '127.0.0.1:0',
      '--web.listen-address',
      '127.0.0.2:0',
    );
    const second = / and (http:\S+)\//.exec(said())?.[1] ?? '';
    expect(second).toContain('127.0.0.2');
    expect([(await get(`${url}/metrics`)).status, (await get(`${second}/metrics`)).status]).toEqual([200, 200]);
  });

  test.each([
    'SIGTERM',
    'SIGINT',
  ] as const)('%s lets a scrape that is under way end, then exit code 0', async (signal) => {
    const slow = join(directory, 'slow.sh');
    const [reading, go] = [join(directory, `reading-${signal}`), join(directory, `go-${signal}`)];
    writeFileSync(
      slow,
      `touch ${reading}; while ! test -e ${go}; do sleep 0.05; done; cat ${fixturePath('generation-7.json')}\n`,
    );
    const { url, child } = await serve('--exec', `sh ${slow}`);
    const scrape = get(`${url}/metrics`);
    const { hostname, port } = new URL(url);
    const idle = connect(Number(port), hostname);
    await once(idle, 'connect');
    await until(() => existsSync(reading));
    // Who is answered came after the scrape: that one has been heard.
    expect((await get(`${url}/-/healthy`)).status).toBe(200);
    const closed = once(child, 'close');
    child.kill(signal);
    // It takes nobody new as soon as it has heard the signal.
    await until(async () => !(await get(`${url}/-/healthy`).catch(() => null)));
    writeFileSync(go, '');
    expect((await scrape).body.toString()).toContain('temporal_slab_');
    expect(await closed).toEqual([0, null]);
    idle.destroy();
  });
});
