import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Processes } from '../../scripts/monitoring/processes.js';
import { startAlertmanager, startPrometheus, startServe } from '../../scripts/monitoring/servers.js';
import { alertRules } from '../monitoring/promtool.ts';
import { query, until } from './query.ts';
import { shortened } from './shortened.ts';

// Real faults in real processes, seen by a real Prometheus, sent to a real Alertmanager, received by a webhook.
// Only time is shortened, by shortened.ts; what is played instead of real says so.

/** What the webhook got is written here, for people to look at. */
const REPORT = process.env['ALERTS_REPORT'];
/** Five scrapes in the shortest window. */
const INTERVAL_SEC = 2;
const SERVICE = 'native/build/labels/fault_service';

interface Notified {
  readonly status: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Processes, each with up to four faults: `fault_service --list` has their units. */
const FAULTY: Readonly<Record<string, readonly string[]>> = {
  old: ['refcount-active=2@650', 'objects-leaked=5000@650', 'active-old=8@650'],
  held: ['sparse-survivors=120@650', 'never-closed=6'],
  refused: ['madvise-fails=100'],
  ignored: ['madvise-ignored=100'],
  churning: ['mapping-churn=100'],
  closing: ['low-yield=300'],
  slowed: ['madvise-slow=20000'],
  // Not so large that filling it takes a processor: it is the kernel that makes the close long.
  large: ['large-close=32', 'madvise-slow=25000'],
  contended: ['lock-busy=60', 'cas-counted=40', 'alloc-into-closing=5000'],
  // Alone: who comes when the ring is full has no epoch.
  hoarding: ['ring-exhausted=16'],
  growing: ['other-growth=4'],
  // Alone: what gets its label when the registry is full is "other".
  crowded: ['label-registry-full=40'],
};
/** Those that also do what they are for: epochs come and go, small closes happen between the large ones. */
const BUSY = ['old', 'ignored', 'crowded'];
const MISBEHAVING = ['slow', 'double-free', 'misuse', 'no-memory'];

/** The alert, and the process that has to be named; a label where it is about one. */
const EXPECTED: Readonly<Record<string, { process?: string; label?: string }>> = {
  TemporalSlabRefcountLeak: { process: 'old', label: 'leaky-importer' },
  TemporalSlabEpochNotDraining: { process: 'old', label: 'leaky-parser' },
  TemporalSlabEpochActiveOld: { process: 'old', label: 'forgotten-batch' },
  TemporalSlabLabelRegistryFull: { process: 'crowded' },
  TemporalSlabEpochMemoryLeak: { process: 'held', label: 'sparse-index' },
  TemporalSlabPinnedMemory: { process: 'held' },
  TemporalSlabReclaimableNotReturned: { process: 'held' },
  TemporalSlabMadviseFailures: { process: 'refused' },
  TemporalSlabKernelNotCooperating: { process: 'ignored' },
  TemporalSlabMappingChurn: { process: 'churning' },
  TemporalSlabCloseYieldLow: { process: 'closing' },
  TemporalSlabCloseCostly: { process: 'slowed' },
  TemporalSlabLongClose: { process: 'large', label: 'huge-batch' },
  TemporalSlabLockContention: { process: 'contended' },
  TemporalSlabLabelContention: { process: 'contended' },
  TemporalSlabCasContention: { process: 'contended' },
  TemporalSlabAllocIntoClosing: { process: 'contended' },
  TemporalSlabRingExhausted: { process: 'hoarding' },
  TemporalSlabRssGrowth: { process: 'growing' },
  TemporalSlabSlowPathRate: { process: 'slow' },
  TemporalSlabInvalidFrees: { process: 'double-free' },
  TemporalSlabDomainMisuse: { process: 'misuse' },
  TemporalSlabAllocFailures: { process: 'no-memory' },
  TemporalSlabTargetDown: {},
  TemporalSlabReadsFail: {},
  TemporalSlabProcessesUnseen: {},
  TemporalSlabSourceStale: {},
  TemporalSlabNoData: {},
};

const processes = new Processes();
const quiet = new Processes();
const pids: Record<string, string> = {};
const notified: Notified[] = [];
const servers: Server[] = [];
let watching = '';
let healthy = '';

beforeAll(async () => {
  process.env['TSLAB_DIR'] = processes.directory;
  execFileSync(
    'make',
    [
      '-s',
      '-C',
      'native',
      '-j2',
      'VARIANT=labels',
      'LABEL_CONTENTION=1',
      'build/labels/fault_service',
      'build/labels/stats_dump',
    ],
    { stdio: 'inherit' },
  );
  const rules = ['alerts.yml', 'recording.yml'].map((file) => {
    const path = join(processes.directory, file);
    writeFileSync(path, shortened(`alerts/${file}`));
    return path;
  });
  healthy = await startHealthy(rules);
  const webhook = await listen((body) => {
    for (const alert of (JSON.parse(body) as { alerts: Notified[] }).alerts) notified.push(alert);
  });
  const alertmanager = await startAlertmanager(processes, { webhook: `http://${webhook}/` });
  await startFaults();
  const target = await startServe(processes, { selection: Object.values(pids).flatMap((pid) => ['--pid', pid]) });
  const doomed = await startDoomed();
  const unreadable = await startServe(processes, { selection: ['--url', 'http://127.0.0.1:1/none'] });
  const crowded = await startServe(processes, {
    selection: ['--max-processes', '1', ...['slow', 'misuse'].flatMap((name) => ['--pid', pids[name] ?? ''])],
  });
  // Played: a snapshot of last year, as a timer that has stopped leaves it behind.
  const stale = await listen(
    () => {},
    execFileSync('node', ['bin/run.js', 'export', 'prometheus', 'test/fixtures/generation-7.json'], {
      encoding: 'utf8',
    }),
  );
  watching = await startPrometheus(processes, {
    targets: {
      api: [target],
      doomed: [doomed.address],
      textfile: [stale],
      unreadable: [unreadable],
      crowded: [crowded],
    },
    rules,
    alertmanager,
    intervalSec: INTERVAL_SEC,
  });
  await until(30, async () => (await query(watching, 'tslab_build_info{job="doomed"}')).length > 0);
  await doomed.end();
  // Nothing to scrape at all: another Prometheus with the same rules.
  const alone = new Processes();
  await startPrometheus(alone, { targets: {}, rules, alertmanager, intervalSec: INTERVAL_SEC });
  afterAll(() => alone.stop());
});
afterAll(async () => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
  if (REPORT) writeFileSync(REPORT, `${JSON.stringify(notified, null, 2)}\n`);
  await processes.stop();
  await quiet.stop();
});

async function startFaults(): Promise<void> {
  const program = join(processes.directory, 'program');
  execFileSync('gcc', [
    '-O2',
    '-Wall',
    '-Werror',
    '-Inative/include',
    '-o',
    program,
    'test/monitoring-live/program.c',
    'native/build/libtemporal_slab.a',
    '-pthread',
  ]);
  const env = { TSLAB_DIR: processes.directory };
  for (const [name, faults] of Object.entries(FAULTY)) {
    const { pid } = await processes.start(
      name,
      [
        // Who looks at them comes first: a machine that is slow at page faults would have no time left for scrapes.
        'nice',
        SERVICE,
        ...(BUSY.includes(name) ? ['--threads', '1'] : ['--idle']),
        ...faults.flatMap((fault) => ['--fault', fault]),
      ],
      { ready: /ready/, env },
    );
    pids[name] = String(pid);
  }
  for (const name of MISBEHAVING) {
    const { pid } = await processes.start(name, [program, name], { ready: /ready/, env });
    pids[name] = String(pid);
  }
}

async function startDoomed(): Promise<{ address: string; end: () => Promise<void> }> {
  const { said, end } = await processes.start(
    'doomed',
    ['node', 'bin/run.js', 'serve', 'test/fixtures/generation-7.json', '--web.listen-address', '127.0.0.1:0'],
    { ready: /http:\/\/([^/\s]+)/ },
  );
  return { address: said?.[1] ?? '', end };
}

/** The same rules over what is well: a service without faults, and the harness's workloads that are not meant to hurt. */
async function startHealthy(rules: string[]): Promise<string> {
  const env = { TSLAB_DIR: processes.directory };
  const started = [
    await quiet.start('service', [SERVICE, '--threads', '2'], { ready: /ready/, env }),
    ...(await Promise.all(
      ['burst', 'steady', 'hotspot'].map((workload) =>
        quiet.start(
          workload,
          [
            'native/build/labels/stats_dump',
            workload,
            '--rate',
            '20000',
            '--duration',
            '900s',
            '--no-text',
            '--no-json',
          ],
          { env },
        ),
      ),
    )),
  ];
  const target = await startServe(quiet, { selection: started.flatMap(({ pid }) => ['--pid', String(pid)]) });
  return startPrometheus(quiet, { targets: { healthy: [target] }, rules, intervalSec: INTERVAL_SEC });
}

/** @returns HOST:PORT of a server that answers every request with `page` */
async function listen(onBody: (body: string) => void, page = ''): Promise<string> {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      if (body) onBody(body);
      response.setHeader('content-type', 'text/plain; version=0.0.4').end(page);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('an alert arrives at the webhook', () => {
  test('each has a fault', () => {
    expect(Object.keys(EXPECTED).sort()).toEqual(
      alertRules()
        .map(({ alert }) => alert)
        .sort(),
    );
  });

  test.each(Object.entries(EXPECTED))(
    '%s',
    async (alert, { process: name, label }) => {
      const rule = alertRules().find((one) => one.alert === alert);
      const pid = name && pids[name];
      const found = await until(
        300,
        async () =>
          notified.find(
            ({ status, labels }) =>
              status === 'firing' &&
              labels['alertname'] === alert &&
              (!pid || labels['pid'] === pid) &&
              (!label || labels['label'] === label),
          ),
        () => `for ${alert} of ${name}`,
      );
      expect(found.labels).toMatchObject({ severity: rule?.labels['severity'], code: rule?.labels['code'] });
      expect(found.annotations['runbook_url']).toBe(`docs/runbooks/${found.labels['code']}.md`);
      expect(found.annotations['summary']).not.toMatch(/<no value>|<error|\{\{/);
      if (pid) expect(found.annotations['summary']).toContain(`(pid ${pid})`);
      if (label) expect(found.annotations['summary']).toContain(label);
    },
    320_000,
  );
});

test('nothing fires on healthy workloads', async () => {
  const [{ value: processesSeen } = { value: 0 }] = await query(healthy, 'count(temporal_slab_rss_bytes)');
  expect(processesSeen).toBe(4);
  expect((await query(healthy, 'ALERTS{alertstate="firing"}')).map(({ metric }) => metric)).toEqual([]);
  expect((await query(healthy, 'max_over_time(ALERTS{alertstate="firing"}[1h])')).map(({ metric }) => metric)).toEqual(
    [],
  );
});
