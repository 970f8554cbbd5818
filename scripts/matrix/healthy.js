/**
 * Runs in which nothing is wrong: none may yield a warning or worse. Add a run by adding a row.
 *
 * Of each row one of these says what runs; `look` says how it is looked at.
 * @typedef {'window' | 'once' | 'later' | 'recording' | 'ended' | 'ending'} Look
 * @typedef {{
 *   name: string,
 *   workload?: string,
 *   service?: string,
 *   preload?: string[],
 *   build?: 'labels',
 *   warmUpMs?: number,
 *   look?: Look,
 *   also?: string[],
 * }} HealthyRow
 *
 * workload: arguments of stats_dump · service: of native/faults' fault_service · preload: a program with libtslab_preload.so
 * also: what is rightly said all the same
 * window (default): live, 3 s · once: live, one snapshot · later: live and idle, seen as if 700 s had passed · recording: of tslab record ·
 * ended: what a process that was killed left · ending: live, and it ends meanwhile
 */

const NODE_SERVER = `
  const sessions = new Map();
  setInterval(() => {
    for (let i = 0; i < 200; i++) sessions.set(i + Math.random(), JSON.stringify({ id: i, at: Date.now(), tags: ['a', 'b', String(i)] }));
    for (const key of sessions.keys()) if (sessions.size > 5000) sessions.delete(key);
    Buffer.concat([Buffer.alloc(300), Buffer.from('x'.repeat(500))]).toString('base64');
  }, 5);`;
const PYTHON_BATCHES = `
import json, time
kept = []
while True:
    rows = [{'id': i, 'name': 'row %d' % i, 'values': list(range(i % 20))} for i in range(2000)]
    kept.append(json.dumps(rows)[:1000])
    del kept[:-50]
    time.sleep(0.02)`;
const PERL_BATCHES =
  'while (1) { my %h; $h{$_ % 500} .= "line $_" for 1..5000; my @s = sort keys %h; select undef, undef, undef, 0.02 }';

/** What that workload is for: at full speed it fills 32 MiB, frees them and closes the epoch, over and over. Nothing else may be said. */
const KERNEL = ['cache-undersized', 'mapping-churn', 'close-costly'];

/** @type {HealthyRow[]} */
export const HEALTHY = [
  ...['mixed', 'burst', 'steady', 'leak', 'hotspot'].flatMap((workload) => [
    { name: workload, workload },
    { name: `${workload}, 1 thread`, workload: `${workload} --threads 1` },
    { name: `${workload}, 8 threads`, workload: `${workload} --threads 8` },
  ]),
  { name: 'steady, small objects', workload: 'steady --size 16-64' },
  { name: 'steady, large objects', workload: 'steady --size 700-768' },
  { name: 'hotspot, objects freed at random', workload: 'hotspot --free-policy random' },
  { name: 'mixed, slow', workload: 'mixed --rate 2000' },
  { name: 'mixed, just started', workload: 'mixed', warmUpMs: 0, look: 'once' },
  { name: 'burst, from one look', workload: 'burst', look: 'once' },
  { name: 'steady, recorded', workload: 'steady', look: 'recording' },
  { name: 'kernel', workload: 'kernel', also: KERNEL },
  { name: 'kernel, 1 thread', workload: 'kernel --threads 1', also: KERNEL },
  { name: 'kernel, slow', workload: 'kernel --rate 20000' },
  { name: 'kernel, small', workload: 'kernel --rate 50000 --size 64' },
  { name: 'mixed, killed', workload: 'mixed', look: 'ended' },
  { name: 'hotspot, attributed to labels', workload: 'hotspot', build: 'labels' },
  { name: 'service', service: '' },
  { name: 'service, 1 thread', service: '--threads 1' },
  { name: 'service, 16 threads', service: '--threads 16' },
  { name: 'service, 48 threads', service: '--threads 48' },
  { name: 'service, no requests', service: '--idle' },
  { name: 'service, from one look', service: '', look: 'once' },
  { name: 'service, recorded', service: '', look: 'recording' },
  { name: 'service, attributed to labels', service: '--threads 8', build: 'labels' },
  { name: 'service, shutting down', service: '', look: 'ending' },
  { name: 'service, requests that wait 1.5 s', service: '--fault slow-requests=1500' },
  { name: 'service, requests that wait 6 s', service: '--fault slow-requests=6000' },
  { name: 'service, 200 MiB held elsewhere', service: '--fault other-held=200' },
  { name: 'node under preload', preload: ['node', '-e', NODE_SERVER] },
  { name: 'node under preload, idle for 700 s', preload: ['node', '-e', 'setInterval(() => {}, 1000)'], look: 'later' },
  { name: 'python under preload', preload: ['/usr/bin/python3', '-c', PYTHON_BATCHES] },
  { name: 'perl under preload', preload: ['/usr/bin/perl', '-e', PERL_BATCHES] },
  {
    name: 'sort under preload',
    preload: ['/bin/sh', '-c', 'while :; do seq 1 20000 | sort -r > /dev/null; sleep 0.01; done'],
  },
];
