import { execFileSync, spawn } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { Processes } from '../../scripts/monitoring/processes.js';
import { startPrometheus } from '../../scripts/monitoring/servers.js';
import { query, until } from './query.ts';

// What the timer runs, as the unit has it, over live processes; a real node exporter reads it, a real Prometheus scrapes that.

const processes = new Processes();
const directory = join(processes.directory, 'textfile');
const file = join(directory, 'temporal_slab.prom');
let exporter = '';
let pid = 0;

const [, command = ''] =
  /^ExecStart=\/usr\/local\/bin\/tslab (.*)$/m.exec(readFileSync('deploy/systemd/tslab-textfile.service', 'utf8')) ??
  [];
const args = ['bin/run.js', ...command.replace('/var/lib/prometheus/node-exporter', directory).split(' ')];
const env = { ...process.env, TSLAB_DIR: processes.directory };
const run = () => execFileSync(process.execPath, args, { env });

beforeAll(async () => {
  mkdirSync(directory);
  const workload = ['leak', '--rate', '5000', '--duration', '300s', '--no-text', '--no-json'];
  ({ pid } = await processes.start('leak', ['native/build/stats_dump', ...workload], {
    env: { TSLAB_DIR: processes.directory },
  }));
  await until(30, async () => {
    run();
    return readFileSync(file, 'utf8').includes(`pid="${pid}"`);
  });
  const port = await freePort();
  exporter = `127.0.0.1:${port}`;
  await processes.start(
    'node exporter',
    [
      'prometheus-node-exporter',
      '--collector.disable-defaults',
      '--collector.textfile',
      `--collector.textfile.directory=${directory}`,
      `--web.listen-address=${exporter}`,
    ],
    { ready: /Listening on|TLS is disabled/ },
  );
});
afterAll(() => processes.stop());

const page = async () => (await fetch(`http://${exporter}/metrics`)).text();

test('the node exporter shows what tslab wrote, and found no fault in it', async () => {
  const text = await page();
  expect(text).toContain('node_textfile_scrape_error 0');
  expect(text).toMatch(
    new RegExp(`temporal_slab_epoch_refcount\\{[^}]*label="background-worker-3"[^}]*pid="${pid}"[^}]*\\} 1`),
  );
});

test('the file is replaced by renaming while it is read: never half a file', async () => {
  const before = openSync(file, 'r');
  let writing = true;
  const writer = async () => {
    while (writing)
      await new Promise((resolve) => spawn(process.execPath, args, { env, stdio: 'ignore' }).once('close', resolve));
  };
  const writers = Promise.all([writer(), writer()]);
  const written = new Set<number>();
  for (let scrapes = 0; scrapes < 30 || written.size < 3; scrapes++) {
    const text = await page();
    written.add(statSync(file).ino);
    expect(text).toContain('node_textfile_scrape_error 0');
    expect(text).toContain('temporal_slab_rss_bytes');
    expect(text).toContain('tslab_build_info');
  }
  writing = false;
  await writers;
  expect(fstatSync(before).nlink).toBe(0);
  closeSync(before);
  expect(readdirSync(directory)).toEqual(['temporal_slab.prom']);
});

test('Prometheus gets it by the job of the node exporter, and the rules hold there, too', async () => {
  const prometheus = await startPrometheus(processes, {
    targets: { node: [exporter] },
    rules: ['alerts/recording.yml'],
    intervalSec: 2,
  });
  const found = await until(
    60,
    async () =>
      (await query(prometheus, 'job_label:temporal_slab_epoch_refcount:sum{label="background-worker-3"} >= 1'))[0],
  );
  expect(found.metric).toMatchObject({ job: 'node', command: 'stats_dump' });
}, 90_000);
