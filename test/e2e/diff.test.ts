import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { forMarkdown } from '../../src/lib/render/safe-text.ts';
import { fixturePath, fixtureText } from '../fixtures.ts';
import { expectGolden, tslab } from './installed.ts';

const directory = mkdtempSync(join(tmpdir(), 'tslab-diff-'));
const at = (name: string) => join(directory, name);
const outputSchema = JSON.parse(readFileSync('schemas/diff.schema.json', 'utf8'));
const isDiff = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(outputSchema);

/** A file with the fixture's text, some of its numbers replaced; its lines of one process stay one process. */
function write(name: string, fixture: string, ...changes: [from: string | RegExp, to: string][]): string {
  writeFileSync(
    at(name),
    changes.reduce((text, [from, to]) => text.replace(from, to), fixtureText(fixture)),
  );
  return at(name);
}

function text(name: string, content: string): string {
  writeFileSync(at(name), content);
  return at(name);
}

const otherPid: [string, string] = ['"pid": 4242', '"pid": 5000'];
const slower: [RegExp, string] = [/"total_slow_path_hits": \d+/, '"total_slow_path_hits": 1500'];

/** Output without what differs from machine to machine. */
function stable(text: string): string {
  const paths: [string, string][] = [
    [directory, 'DIR'],
    [resolve('test/fixtures'), 'FIXTURES'],
  ];
  return paths.reduce((text, [path, name]) => text.replaceAll(path, name).replaceAll(forMarkdown(path), name), text);
}

describe('every format of one failing comparison', () => {
  const before = fixturePath('generation-7.json');
  const worse = () =>
    write('after.json', 'generation-7.json', otherPid, slower, [
      '"total_madvise_failures": 0',
      '"total_madvise_failures": 3',
    ]);

  test.each(['table', 'json', 'markdown', 'junit', 'github'])('--format %s', (format) => {
    // All metrics would make a long document; two show its shape.
    const few = ['--threshold', 'default=off', '--threshold', 'slow_path_rate=+10%', '--threshold', 'rss=+10%'];
    const { code, stdout, stderr } = tslab([
      'diff',
      before,
      worse(),
      '--format',
      format,
      ...(format === 'json' ? few : []),
    ]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^(tslab: warning: .*total-is-not-sum.*\n)?$/);
    expectGolden(`diff-${format}.golden.txt`, stable(stdout));
  });

  test('several at once, into files, without colour', () => {
    const { code, stdout } = tslab(
      [
        'diff',
        before,
        worse(),
        '--json',
        ...['junit', 'markdown', 'github', 'table'].flatMap((format) => [
          '--output',
          `${format}=${at(`out.${format}`)}`,
        ]),
      ],
      { env: { FORCE_COLOR: '1' } },
    );
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ exit_code: 3, outcome: 'regression' });
    for (const format of ['junit', 'markdown', 'github', 'table'])
      expect(stable(readFileSync(at(`out.${format}`), 'utf8'))).toBe(
        readFileSync(`test/golden/diff-${format}.golden.txt`, 'utf8'),
      );
  });

  test('a report that cannot be written is told', () => {
    expect(tslab(['diff', before, worse(), '--output', 'json=/does/not/exist/x'])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('tslab: cannot write /does/not/exist/x: no such directory\n'),
    });
    expect(tslab(['diff', before, worse(), '--output', 'json=/dev/full'])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('no space left'),
    });
  });
});

describe('hostile labels', () => {
  const args = () => [
    'diff',
    fixturePath('hostile-labels.json'),
    write(
      'hostile.json',
      'hostile-labels.json',
      ['"pid":4242', '"pid":5000'],
      ['"live_objects":490', '"live_objects":491'],
      [/"estimated_rss_bytes":\d+(?=[^}]*"label":"<script)/, '"estimated_rss_bytes":999999'],
    ),
    '--by',
    'label',
    '--all',
  ];

  test.each(['table', 'json', 'markdown', 'junit', 'github'])('are neutralised by --format %s', (format) => {
    const { stdout } = tslab([...args(), '--format', format]);
    expect(stdout).toContain('estimated_rss_bytes');
    expect(stdout).not.toContain('&&#');
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    if (format === 'markdown' || format === 'junit') expect(stdout).not.toContain('<script');
    if (format === 'github')
      for (const line of stdout.trimEnd().split('\n')) expect(line).toMatch(/^::(error|warning|notice) title=[^:,]*::/);
    if (format === 'markdown')
      for (const line of stdout.split('\n').filter((line) => line.startsWith('| ')))
        expect(line.split('|').length).toBe(10);
  });

  test.each([[[] as string[]], [['--by', 'label']]])('JUnit is well-formed XML: %j', (more) => {
    const { stdout } = tslab([...args().slice(0, 3), ...more, '--format', 'junit']);
    const { status, stderr } = spawnSync('xmllint', ['--noout', '-'], { input: stdout, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });
});

describe('JSON is as the schema says', () => {
  test.each<[string, string[]]>([
    ['two runs', [fixturePath('generation-7.json'), fixturePath('generation-1.json')]],
    [
      '64 bits',
      [
        fixturePath('u64-max.json'),
        fixturePath('generation-7.json'),
        '--mode',
        'two-runs',
        '--by',
        'total,class,label',
      ],
    ],
    ['one process', ['-', fixturePath('stream.ndjson')]],
    ['self-test', ['--self-test']],
  ])('%s', (_, args) => {
    const { stdout } = tslab(['diff', ...args, '--json'], {
      input: fixtureText('generation-7.json').replace('1770486521361625487', '1770486520361625487'),
    });
    expect(isDiff(JSON.parse(stdout)), JSON.stringify(isDiff.errors)).toBe(true);
  });

  test('every digit of a 64-bit count stands in it', () => {
    const { stdout } = tslab([
      'diff',
      fixturePath('generation-7.json'),
      fixturePath('u64-max.json'),
      '--mode',
      'two-runs',
      '--json',
      '--fail-on',
      'never',
    ]);
    expect(stdout).toContain('"amount": 18446744073709551615');
  });

  test('schema prints both schemas', () => {
    for (const name of ['diff', 'diff-config'])
      expect(tslab(['schema', name]).stdout).toBe(readFileSync(`schemas/${name}.schema.json`, 'utf8'));
  });
});

describe('exit codes', () => {
  const same = fixturePath('generation-7.json');
  const other = () => write('other.json', 'generation-7.json', otherPid);
  test.each<[number, string, () => string[]]>([
    [0, 'fine', () => [same, other()]],
    [
      0,
      'worse, and only told',
      () => [same, write('slow.json', 'generation-7.json', otherPid, slower), '--fail-on', 'never'],
    ],
    [0, 'self-test', () => ['--self-test']],
    [2, 'one side', () => [same]],
    [2, 'flags and positions', () => ['--before', same, '--', other()]],
    [2, 'three sides', () => [same, '--', other(), '--', same]],
    [2, 'unknown metric', () => [same, other(), '--threshold', 'x=+1%']],
    [2, 'bad format', () => [same, other(), '--format', 'html']],
    [2, 'bad configuration', () => [same, other(), '--config', text('bad.json', '{"threshold": {}}')]],
    [3, 'worse', () => [same, write('slow.json', 'generation-7.json', otherPid, slower)]],
    [3, 'a gate that cannot fail', () => ['--self-test', '--fail-on', 'never']],
    [4, 'no such baseline', () => ['/does/not/exist', same]],
    [4, 'empty baseline', () => [fixturePath('empty.json'), same]],
    [4, 'baseline of another schema', () => [fixturePath('schema-version-2.json'), same]],
    [4, 'cut baseline', () => [fixturePath('truncated.json'), same]],
    [4, 'cut archive', () => [fixturePath('stream-cut-gzip.ndjson.gz'), same]],
    [4, 'after side that is no JSON', () => [same, fixturePath('no-json.txt')]],
    [4, 'the same snapshot twice', () => [same, same]],
    [
      4,
      'the same snapshot twice, without a time',
      () => [fixturePath('generation-1.json'), fixturePath('generation-1.json')],
    ],
    [4, 'nothing in common', () => [text('bare.json', '{"classes": []}'), same]],
    [
      4,
      'a named metric that one side lacks',
      () => [fixturePath('generation-1.json'), same, '--threshold', 'occupancy=-5%'],
    ],
    [4, 'no such configuration', () => [same, other(), '--config', '/does/not/exist']],
    [4, 'configuration that is no JSON', () => [same, other(), '--config', fixturePath('no-json.txt')]],
    [
      5,
      'a named noisy metric, one sample a side',
      () => [same, write('fat.json', 'generation-7.json', otherPid, ['9437184', '9999999']), '--threshold', 'rss=+5%'],
    ],
  ])('%i: %s', (code, _, args) => {
    expect(tslab(['diff', ...args()]).code).toBe(code);
  });

  test('the configuration beside is taken, --no-config leaves it', () => {
    mkdirSync(at('project'), { recursive: true });
    writeFileSync(
      join(at('project'), 'tslab.diff.json'),
      '{"thresholds": {"slow_path_rate": "off", "default": {"relative": 100}}}',
    );
    const slow = write('slow.json', 'generation-7.json', otherPid, slower);
    const inProject = (...more: string[]) => tslab(['diff', same, slow, ...more], { cwd: at('project') });
    expect(inProject()).toMatchObject({ code: 0, stderr: expect.stringContaining('tslab.diff.json') });
    expect(inProject('--no-config').code).toBe(3);
    expect(inProject('--threshold', 'slow_path_rate=+10%').code).toBe(3);
  });
});

describe('real runs of the harness', () => {
  const harness = resolve('native/build/stats_dump');
  const dump = (name: string, ...args: string[]) => {
    const { stdout, status } = spawnSync(harness, [...args, '--json', '--no-text'], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    expect(status).toBe(0);
    writeFileSync(at(name), stdout);
    return at(name);
  };
  const seeded = (name: string, workload: string) =>
    dump(name, workload, '--threads', '1', '--ops', '20000', '--seed', '7');
  let first: string;
  beforeAll(() => {
    first = seeded('first.json', 'burst');
  });

  test('the same seed, one thread, as many operations: no change, from one sample a side', () => {
    const { code, stdout } = tslab(['diff', first, seeded('second.json', 'burst'), '--fail-on', 'change', '--json']);
    const { comparisons } = JSON.parse(stdout) as { comparisons: { exact: boolean; status: string }[] };
    expect(code).toBe(0);
    expect(new Set(comparisons.filter(({ exact }) => exact).map(({ status }) => status))).toEqual(new Set(['same']));
    expect(comparisons.filter(({ exact }) => exact).length).toBeGreaterThan(50);
  });

  test('another workload: a regression', () => {
    const { code, stdout } = tslab(['diff', first, seeded('steady.json', 'steady')]);
    expect(code).toBe(3);
    expect(stdout).toContain('REGRESSION');
  });

  test('every metric of a real snapshot can fail the gate', () => {
    const { code, stdout } = tslab(['diff', '--self-test', seeded('steady.json', 'steady')]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d{2} caught, 0 missed, 0 failing already, \d+ absent$/m);
  });

  test('one process at two times', () => {
    const recording = dump('recording.ndjson', 'burst', '--threads', '1', '--duration', '400ms', '--interval', '100ms');
    const lines = readFileSync(recording, 'utf8').trimEnd().split('\n');
    writeFileSync(at('early.json'), lines[0] as string);
    writeFileSync(at('late.json'), lines.at(-1) as string);
    expect(tslab(['diff', at('early.json'), at('late.json')]).stdout).toContain('same process');
    expect(tslab(['diff', at('late.json'), at('early.json')])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('taken later'),
    });
  });

  test('several runs a side: another workload is told from noise, too few runs are told to be', () => {
    const runs = (name: string, workload: string, count: number) =>
      Array.from({ length: count }, (_, i) =>
        dump(`${name}${i}.json`, workload, '--threads', '1', '--ops', '2000', '--seed', String(i + 1)),
      );
    const [burst, other] = [runs('burst', 'burst', 8), runs('other', 'steady', 8)];
    expect(tslab(['diff', ...burst, '--', ...other, '--fail-on', 'regression'])).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('corrected by Holm'),
    });
    expect(tslab(['diff', '--before', ...burst.slice(0, 2), '--after', ...burst.slice(2, 4)])).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/need at least \d+ a side/),
    });
  });
});
