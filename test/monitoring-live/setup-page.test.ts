import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { Processes } from '../../scripts/monitoring/processes.js';

// docs/monitoring-setup.md and docs/alerts.md as people follow them: what can run here runs, the rest is checked for what it names.

const processes = new Processes();
const environment: Record<string, string> = {};
const replaced: [string, string][] = [];

const blocks = ['docs/monitoring-setup.md', 'docs/alerts.md'].flatMap((page) =>
  [...readFileSync(page, 'utf8').matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => ({
    page,
    block: block?.trim() ?? '',
  })),
);
/** What needs another machine, changes this one, or has a test of its own (demo.test.ts). */
const ELSEWHERE = /^(sudo|kubectl|docker|npm run demo)/;
const here = blocks.filter(({ block }) => !ELSEWHERE.test(block));
const elsewhere = blocks.filter(({ block }) => ELSEWHERE.test(block));

beforeAll(async () => {
  const tslab = join(processes.directory, 'tslab');
  writeFileSync(tslab, `#!/bin/sh\nexec ${process.execPath} ${process.cwd()}/bin/run.js "$@"\n`);
  chmodSync(tslab, 0o755);
  Object.assign(environment, process.env, {
    PATH: `${processes.directory}:${process.env['PATH']}`,
    TSLAB_DIR: processes.directory,
  });
  await processes.start(
    'leak',
    ['native/build/stats_dump', 'leak', '--rate', '5000', '--duration', '300s', '--no-text', '--no-json'],
    { env: { TSLAB_DIR: processes.directory } },
  );
  // Nobody's ports are taken, and nothing is left in /tmp.
  for (const port of ['9917', '9090']) replaced.push([port, String(await freePort())]);
  replaced.push(['/tmp/', `${processes.directory}/`]);
  const config = readFileSync('deploy/prometheus/prometheus.yml', 'utf8').replaceAll('../../', `${process.cwd()}/`);
  writeFileSync(
    join(processes.directory, 'prometheus.yml'),
    config.replaceAll(...(replaced[0] ?? ['', ''])).replace('scrape_interval: 15s', 'scrape_interval: 1s'),
  );
  replaced.push(['deploy/prometheus/prometheus.yml', join(processes.directory, 'prometheus.yml')]);
});
afterAll(() => processes.stop());

test('there is something to follow', () => {
  expect(here.length).toBeGreaterThan(6);
  expect(elsewhere.length).toBeGreaterThan(4);
});

test('the blocks, one after the other, in one shell', () => {
  const script = replaced.reduce(
    (text, [from, to]) => text.replaceAll(from, to),
    here.map(({ block }) => block).join('\n'),
  );
  const waiting = script.replaceAll(/ &$/gm, ' >/dev/null 2>&1 &\nsleep 5');
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['-e', '-o', 'pipefail', '-c', `trap 'kill $(jobs -p)' EXIT\n${waiting}`],
    {
      encoding: 'utf8',
      env: environment,
      timeout: 60_000,
      maxBuffer: 1 << 26,
    },
  );
  expect([status, stderr]).toEqual([0, expect.any(String)]);
  expect(stdout).toMatch(/up\{.*job="temporal-slab".*\} => 1 /);
  expect(stdout).toMatch(/\{label="background-worker-3"\} => \d+ /);
  expect(stdout).toMatch(/temporal_slab_epoch_refcount\{.*label="background-worker-3"\} 1/);
  expect(stdout).toContain('SUCCESS');
  expect(stdout).toContain('pager');
}, 90_000);

describe.each(elsewhere)('$block', ({ block }) => {
  test('names files that are there', () => {
    const files = block.match(/(?<![\w/])(deploy|dashboards)\/[\w./-]+/g) ?? [];
    for (const file of files) expect([file, existsSync(file)]).toEqual([file, true]);
    const units = [...block.matchAll(/enable --now ([\w.-]+)/g)].map(([, unit]) => unit ?? '');
    for (const unit of units)
      expect(existsSync(`deploy/systemd/${unit.includes('.') ? unit : `${unit}.service`}`)).toBe(true);
  });
});
