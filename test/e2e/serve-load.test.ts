import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { installed } from './installed.ts';
import { serving, unique } from './serving.ts';

const { directory, serve, start, workload } = serving();

test('two hundred scrapers and clients that mean no good: no scrape fails, memory is bounded', async () => {
  const child = spawn(
    process.execPath,
    ['scripts/serve/load.js', '--seconds', '5', '--tslab', installed.bin, '--json'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let stdout = '';
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  const [code] = (await once(child, 'close')) as [number];
  const result = JSON.parse(stdout) as {
    failed: number;
    failures: object;
    scrapes: number;
    mostDescriptors: number;
    attacks: Record<string, number>;
  };
  expect(result.failures).toEqual({});
  expect(code, stdout).toBe(0);
  expect(result.scrapes).toBeGreaterThanOrEqual(200);
  // Twice the 512 connections that may stay, and what the server itself has open.
  expect(result.mostDescriptors).toBeLessThan(1100);
  expect(Object.values(result.attacks).every((count) => count > 0)).toBe(true);
}, 180_000);

test('Prometheus scrapes a leaking process, and finds each process by itself', async () => {
  const name = unique('prometheus');
  const { pid } = await workload('leak', name);
  const { url } = await serve('--name', name);
  const { host } = new URL(url);
  const config = join(directory, 'prometheus.yml');
  writeFileSync(
    config,
    `global: { scrape_interval: 1s }
scrape_configs:
  - job_name: all
    static_configs: [{ targets: ['${host}'] }]
  - job_name: each
    http_sd_configs: [{ url: '${url}/sd', refresh_interval: 1s }]
`,
  );
  const port = await freePort();
  const data = mkdtempSync(join(directory, 'tsdb-'));
  start('prometheus', [
    `--config.file=${config}`,
    `--storage.tsdb.path=${data}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]).stderr?.resume();
  type Result = { metric: Record<string, string>; value: [number, string] }[];
  const query = async (expression: string): Promise<Result> => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expression)}`).catch(
      () => null,
    );
    return answer?.ok ? ((await answer.json()) as { data: { result: Result } }).data.result : [];
  };
  const value = async (expression: string) => (await query(expression)).map(({ value: [, text] }) => Number(text));
  const patient = { timeout: 60_000, interval: 500 };
  await expect.poll(() => value('up'), patient).toEqual([1, 1]);
  await expect
    .poll(async () => (await value(`deriv(sum(temporal_slab_class_live_bytes{job="all"})[10s:1s])`))[0] ?? 0, patient)
    .toBeGreaterThan(0);
  const [rss] = await query('temporal_slab_rss_bytes{job="all"}');
  expect(rss?.metric).toMatchObject({ pid, command: 'stats_dump', name, allocator_instance: '1', instance: host });
  const [each] = await query('up{job="each"}');
  expect(each?.metric).toMatchObject({ process: `${pid}-1`, instance: host });
  expect(await value('count(temporal_slab_rss_bytes{job="each"})')).toEqual([1]);
  // Every family of the page at once, and no sample refused.
  expect((await value('count(count by (__name__) ({job="all",__name__=~"temporal_slab_.+"}))'))[0]).toBeGreaterThan(
    100,
  );
  expect(await value('scrape_samples_scraped{job="all"} - scrape_samples_post_metric_relabeling{job="all"}')).toEqual([
    0,
  ]);
  rmSync(data, { recursive: true, force: true });
}, 180_000);
