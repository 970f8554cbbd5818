import { execFileSync } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DASHBOARDS } from '../../monitoring/dashboards/all.ts';
import { Processes } from '../../scripts/monitoring/processes.js';
import { startPrometheus, startServe, startVictoriaMetrics, startVmalert } from '../../scripts/monitoring/servers.js';
import { recordRules } from '../monitoring/promtool.ts';
import { everything, query, until } from './query.ts';

/** Where the values are written that every panel had, for people to look at. */
const REPORT = process.env['PANELS_REPORT'];

const processes = new Processes();
const servers = { Prometheus: '', VictoriaMetrics: '' };
const NAMES = Object.keys(servers) as (keyof typeof servers)[];

// A leak, a full ring of bulk work and contended threads at once: between them, everything that a panel shows happens.
beforeAll(async () => {
  execFileSync(
    'make',
    ['-s', '-C', 'native', '-j2', 'VARIANT=labels', 'LABEL_CONTENTION=1', 'build/labels/stats_dump'],
    {
      stdio: 'inherit',
    },
  );
  const pids = [];
  for (const workload of [
    ['leak', '--rate', '20000', '--duration', '300s'],
    ['kernel', '--rate', '200000', '--duration', '300s'],
    ['hotspot', '--rate', '200000', '--duration', '300s'],
  ]) {
    const { pid } = await processes.start(
      workload[0] ?? '',
      ['native/build/labels/stats_dump', ...workload, '--no-text', '--no-json'],
      {
        env: { TSLAB_DIR: processes.directory },
      },
    );
    pids.push(String(pid));
  }
  process.env['TSLAB_DIR'] = processes.directory;
  const target = await startServe(processes, { selection: pids.flatMap((pid) => ['--pid', pid]) });
  const targets = { api: [target] };
  const rules = ['alerts/recording.yml', 'alerts/alerts.yml'];
  servers.Prometheus = await startPrometheus(processes, { targets, rules });
  servers.VictoriaMetrics = await startVictoriaMetrics(processes, { targets });
  await startVmalert(processes, { rules: ['alerts/recording.yml'], victoriaMetrics: servers.VictoriaMetrics });
  if (REPORT) writeFileSync(REPORT, '');
});
afterAll(() => processes.stop());

describe.each(NAMES)('%s', (name) => {
  test.each(DASHBOARDS)('every panel has data: $title', async ({ title, panels }) => {
    for (const panel of panels)
      for (const { expr } of panel.queries) {
        const found = await until(
          60,
          async () => {
            const result = await query(servers[name], everything(expr));
            return result.length > 0 && result.every(({ value }) => Number.isFinite(value)) && result;
          },
          () => `for ${title} / ${panel.title}: ${everything(expr)}`,
        );
        if (REPORT)
          appendFileSync(
            REPORT,
            `${name} | ${title} | ${panel.title} | ${found.length} series | ${found
              .slice(0, 3)
              .map(
                ({ metric: { label, object_size, pid }, value }) =>
                  `${[label, object_size, pid].filter(Boolean).join('/')}=${value}`,
              )
              .join(' ')}\n`,
          );
      }
  });

  test.each(recordRules())('is recorded: $record', async ({ record }) => {
    const found = await until(60, async () => {
      const result = await query(servers[name], record);
      return result.length > 0 && result;
    });
    expect(found.every(({ value }) => Number.isFinite(value))).toBe(true);
    // Fleet series carry nothing that grows with the fleet.
    for (const { metric } of found) {
      expect(Object.keys(metric)).not.toContain('pid');
      expect(Object.keys(metric)).not.toContain('instance');
    }
  });
});
