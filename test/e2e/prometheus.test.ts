import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { fixturePath } from '../fixtures.ts';
import { expectGolden, installed, tslab } from './installed.ts';
import { sample, serving, unique } from './serving.ts';
import { ended, until } from './waiting.ts';

const scratch = mkdtempSync(join(tmpdir(), 'tslab-prometheus-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Every fixture that tslab can read, and one snapshot of each workload of the harness. */
const fixtures = readdirSync(fixturePath('.')).filter((name) => /\.(json|ndjson|txt)$/.test(name));
const WORKLOADS = ['mixed', 'burst', 'steady', 'leak', 'hotspot', 'kernel'];
const harness = (workload: string) => `native/build/stats_dump ${workload} --duration 300ms --no-text`;

const inputs: [string, string[]][] = [
  ...fixtures.map((name): [string, string[]] => [name, [fixturePath(name)]]),
  ...WORKLOADS.map((name): [string, string[]] => [`workload ${name}`, ['--exec', harness(name)]]),
];
const UNREADABLE = [
  'above-u64.json',
  'empty.json',
  'negative.json',
  'no-json.txt',
  'other-json.json',
  'schema-version-2.json',
  'truncated.json',
  'wrong-type.json',
];

interface Understood {
  readonly name: string;
  readonly type: string;
  readonly samples: { readonly name: string; readonly labels: Record<string, string>; readonly value: string }[];
}

function strictly(text: string): Understood[] {
  return JSON.parse(
    execFileSync('/usr/bin/python3', ['test/e2e/openmetrics-strict.py'], {
      input: text,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    }),
  ) as Understood[];
}

describe.each(inputs)('%s', (name, args) => {
  test('promtool finds nothing to say about the text format', () => {
    const { code, stdout } = tslab(['export', 'prometheus', ...args]);
    expect(code).toBe(UNREADABLE.includes(name) ? 4 : 0);
    if (code !== 0) return;
    const {
      status,
      stdout: said,
      stderr,
    } = spawnSync('promtool', ['check', 'metrics'], { input: stdout, encoding: 'utf8' });
    expect([said, stderr, status]).toEqual(['', '', 0]);
  });

  test('the strict OpenMetrics parser reads it', () => {
    const { code, stdout } = tslab(['export', 'prometheus', '--format', 'openmetrics', ...args]);
    if (code !== 0) return void expect(UNREADABLE).toContain(name);
    const families = strictly(stdout);
    const lines = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(families.flatMap((family) => family.samples).length).toBe(lines.length);
  });
});

test('generation 7 has more than 40 families, and a stale parser would be noticed', () => {
  const { stdout } = tslab(['export', 'prometheus', '--format', 'openmetrics', fixturePath('generation-7.json')]);
  expect(strictly(stdout).length).toBeGreaterThan(100);
  const broken = stdout.replace('# EOF\n', '');
  expect(spawnSync('/usr/bin/python3', ['test/e2e/openmetrics-strict.py'], { input: broken }).status).not.toBe(0);
  expect(spawnSync('promtool', ['check', 'metrics'], { input: 'a_count 1\n' }).status).not.toBe(0);
});

test.each(['generation-1', 'generation-3', 'generation-7'])('%s as text', (name) => {
  const { code, stdout } = tslab(['export', 'prometheus', fixturePath(`${name}.json`)]);
  expect(code).toBe(0);
  expectGolden(`prometheus-${name}.golden.txt`, stdout);
});

test('generation 7 as OpenMetrics: types, units and help', () => {
  const { stdout } = tslab(['export', 'prometheus', '--format', 'openmetrics', fixturePath('generation-7.json')]);
  expectGolden('prometheus-openmetrics-heads.golden.txt', stdout.replace(/^[^#].*\n/gm, ''));
});

test('hostile labels arrive as they are shown on a terminal', () => {
  const { stdout } = tslab(['export', 'prometheus', '--format', 'openmetrics', fixturePath('hostile-labels.json')]);
  expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  const labels = strictly(stdout)
    .find((family) => family.name === 'temporal_slab_epoch_refcount')
    ?.samples.map((sample) => sample.labels['label']);
  expect(labels).toEqual(
    expect.arrayContaining([
      'a"b\\c\\n\\r\\td',
      '<script>alert(1)</script>',
      '\\u{202e}gnp.exe\\u{2066}',
      '","pid":1,"x":"',
    ]),
  );
});

describe('--output', () => {
  const output = (name: string) => join(scratch, name);
  const write = (path: string, ...args: string[]) =>
    tslab(['export', 'prometheus', fixturePath('generation-7.json'), '--output', path, ...args]);

  test('writes what stdout would show, readable by all whatever the umask, and leaves nothing beside it', () => {
    const directory = output('textfile');
    mkdirSync(directory);
    const path = join(directory, 'slab.prom');
    const { status } = spawnSync('sh', [
      '-c',
      `umask 077; exec ${installed.bin} export prometheus ${fixturePath('generation-7.json')} --output ${path}`,
    ]);
    expect(status).toBe(0);
    expect(readFileSync(path, 'utf8')).toBe(tslab(['export', 'prometheus', fixturePath('generation-7.json')]).stdout);
    expect(statSync(path).mode & 0o777).toBe(0o644);
    expect(readdirSync(directory)).toEqual(['slab.prom']);
  });

  test('replaces by renaming: the old file is never written to', () => {
    const path = output('renamed.prom');
    writeFileSync(path, 'old');
    const before = statSync(path).ino;
    expect(write(path).code).toBe(0);
    expect(statSync(path).ino).not.toBe(before);
  });

  test('keeps a symlink and replaces its target', () => {
    writeFileSync(output('target.prom'), 'old');
    symlinkSync(output('target.prom'), output('link.prom'));
    expect(write(output('link.prom')).code).toBe(0);
    expect(lstatSync(output('link.prom')).isSymbolicLink()).toBe(true);
    expect(readFileSync(output('target.prom'), 'utf8')).toContain('temporal_slab_info');
  });

  test('refuses what is no regular file, and a directory that is not there', () => {
    const fifo = output('fifo');
    execFileSync('mkfifo', [fifo]);
    for (const path of [fifo, scratch, '/does/not/exist/x.prom']) {
      const { code, stderr } = write(path);
      expect([path, code]).toEqual([path, 4]);
      expect(stderr).toMatch(/^tslab: cannot write .*: (not a regular file|no such directory)\n$/);
    }
    expect(lstatSync(fifo).isFIFO()).toBe(true);
  });

  test('a full disk leaves the old file and nothing else', () => {
    const disk = output('tiny');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', disk]);
    try {
      const path = join(disk, 'slab.prom');
      writeFileSync(path, 'old\n');
      const { code, stderr } = write(path);
      expect([code, stderr]).toEqual([4, 'tslab: cannot write the output: no space left\n']);
      expect(readFileSync(path, 'utf8')).toBe('old\n');
      expect(readdirSync(disk)).toEqual(['slab.prom']);
    } finally {
      execFileSync('umount', [disk]);
    }
  });

  test('an unreadable source leaves the old file', () => {
    const path = output('kept.prom');
    writeFileSync(path, 'old');
    expect(tslab(['export', 'prometheus', fixturePath('truncated.json'), '--output', path]).code).toBe(4);
    expect(readFileSync(path, 'utf8')).toBe('old');
  });

  test('--follow writes it anew for every snapshot, and ends within the stream with a signal', async () => {
    const path = output('follow.prom');
    const command = `native/build/stats_dump steady --threads 1 --rate 1000 --duration 60s --interval 50ms --no-text`;
    const child = spawn(installed.bin, ['export', 'prometheus', '--exec', command, '--follow', '--output', path], {
      stdio: 'ignore',
    });
    const seen = new Set<string>();
    await until(() => {
      const found = existsSync(path)
        ? /snapshot_timestamp_seconds ([\d.]+)\n/.exec(readFileSync(path, 'utf8'))?.[1]
        : undefined;
      if (found) seen.add(found);
      return seen.size >= 3;
    });
    expect(await ended(child, 'SIGTERM')).toEqual([143, null]);
    expect(readdirSync(scratch).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

// Other processes of this machine count as well.
describe('--all', () => {
  const { env, workload } = serving();
  const all = (...args: string[]) =>
    tslab(['export', 'prometheus', '--all', ...args], { env: { TSLAB_DIR: env['TSLAB_DIR'] ?? '' } });

  test('says how many processes it left out, on stderr and in the file', async () => {
    for (const name of [unique('a'), unique('b'), unique('c')]) await workload('burst', name, '--rate', '1000');
    const path = join(scratch, 'all.prom');
    const few = all('--max-processes', '2', '--label', 'host=here', '--output', path);
    const written = readFileSync(path, 'utf8');
    const omitted = sample(written, 'tslab_processes_omitted{host="here"} ');
    expect(omitted).toBeGreaterThan(0);
    expect(few.code).toBe(0);
    expect(few.stderr).toContain(`tslab: ${omitted} more allocators are left out; see --max-processes\n`);
    expect(sample(written, 'tslab_processes{host="here"} ')).toBe(2);
    expect(written.match(/^temporal_slab_rss_bytes\{/gm)).toHaveLength(2);
    expect(spawnSync('promtool', ['check', 'metrics'], { input: written }).status).toBe(0);
    const every = all('--max-processes', '10000', '--format', 'openmetrics');
    expect(every.stderr).not.toContain('left out');
    expect(strictly(every.stdout).map(({ name }) => name)).toContain('tslab_processes_omitted');
    expect(sample(every.stdout, 'tslab_processes ')).toBeGreaterThanOrEqual(3);
    expect(sample(every.stdout, 'tslab_processes_omitted ')).toBe(0);
  });

  test('says that a counter file cannot be used', () => {
    const directory = env['TSLAB_DIR'] ?? '';
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const damaged = join(directory, `${process.pid}-1-1.tslab`);
    writeFileSync(damaged, 'no counters');
    const { code, stdout, stderr } = all();
    rmSync(damaged);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^tslab: \d+ counter files cannot be used; tslab ps says why$/m);
    expect(sample(stdout, 'tslab_unusable_files ')).toBeGreaterThanOrEqual(1);
  });
});

test.each([
  [['--format', 'protobuf'], 2],
  [['--all', '--max-processes', '0'], 2],
  [['--label', 'epoch=1'], 2],
  [['--label', 'a b=1'], 2],
  [['--follow'], 2],
  [['--output', ''], 2],
  [['/does/not/exist'], 4],
  [['--help'], 0],
])('%j ends with %i', (args, expected) => {
  expect(tslab(['export', 'prometheus', ...args]).code).toBe(expected);
});

test('--label is put on every sample, whatever its text', () => {
  const { stdout } = tslab([
    'export',
    'prometheus',
    fixturePath('generation-7.json'),
    '--label',
    'service=a"\x1b[31m\\b',
    '--format',
    'openmetrics',
  ]);
  const samples = strictly(stdout)
    .flatMap((family) => family.samples)
    .filter((sample) => !sample.name.startsWith('tslab_'));
  expect(new Set(samples.map((sample) => sample.labels['service']))).toEqual(new Set(['a"\\x1b[31m\\b']));
});

test('--help shows how to feed a textfile collector', () => {
  expectGolden('prometheus-help.golden.txt', tslab(['export', 'prometheus', '--help']).stdout);
});

test('a reader that goes away ends it quietly, a full disk is told as such', () => {
  const pipe = (to: string) =>
    spawnSync(
      'bash',
      ['-c', `${installed.bin} export prometheus ${fixturePath('generation-7.json')} ${to}; echo "\${PIPESTATUS[0]}"`],
      { encoding: 'utf8' },
    );
  expect(pipe('| head -c 1')).toMatchObject({ stdout: expect.stringMatching(/^#(0|141)\n$/), stderr: '' });
  expect(pipe('> /dev/full')).toMatchObject({
    stdout: '4\n',
    stderr: 'tslab: cannot write the output: no space left\n',
  });
});

test('a real Prometheus scrapes both formats and answers with the value and the label', async () => {
  const page = (format: string) =>
    tslab(['export', 'prometheus', '--format', format, '--label', `format=${format}`, fixturePath('u64-max.json')])
      .stdout;
  const hostile = tslab(['export', 'prometheus', '--format', 'openmetrics', fixturePath('hostile-labels.json')]).stdout;
  const pages: Record<string, [string, string]> = {
    '/text': ['text/plain; version=0.0.4; charset=utf-8', page('text')],
    '/openmetrics': ['application/openmetrics-text; version=1.0.0; charset=utf-8', page('openmetrics')],
    '/hostile': ['application/openmetrics-text; version=1.0.0; charset=utf-8', hostile],
  };
  const server = createServer((request, response) => {
    const [type, body] = pages[request.url ?? ''] ?? ['text/plain', ''];
    response.setHeader('content-type', type).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const target = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = join(scratch, 'prometheus.yml');
  const jobs = Object.keys(pages).map(
    (path) =>
      `  - job_name: ${path.slice(1)}\n    metrics_path: ${path}\n    static_configs: [{ targets: ['${target}'] }]\n`,
  );
  writeFileSync(config, `global: { scrape_interval: 1s }\nscrape_configs:\n${jobs.join('')}`);
  const port = await freePort();
  const prometheus = spawn(
    'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(scratch, 'tsdb')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  try {
    const query = async (expression: string) => {
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expression)}`).catch(
        () => null,
      );
      if (!answer?.ok) return [];
      const { data } = (await answer.json()) as {
        data: { result: { metric: Record<string, string>; value: [number, string] }[] };
      };
      return data.result;
    };
    await until(async () => (await query('up == 1')).length === 3);
    for (const format of ['text', 'openmetrics']) {
      const [found] = await query(`temporal_slab_class_slow_path_hits_total{class="2",format="${format}"}`);
      // Prometheus holds doubles: the nearest one to 18446744073709551605.
      expect(Number(found?.value[1])).toBe(Number(18446744073709551605n));
      expect(found?.metric).toMatchObject({ object_size: '128', job: format });
    }
    const [leak] = await query('temporal_slab_epoch_refcount{job="text",label="background-worker-3"}');
    expect(leak).toMatchObject({ metric: { epoch: '1', state: 'CLOSING' }, value: [expect.any(Number), '2'] });
    const labels = (await query('temporal_slab_epoch_refcount{job="hostile"}')).map(({ metric }) => metric['label']);
    expect(labels).toEqual(expect.arrayContaining(['a"b\\c\\n\\r\\td', '","pid":1,"x":"']));
  } finally {
    await ended(prometheus, 'SIGTERM');
    server.close();
    server.closeAllConnections();
  }
});
