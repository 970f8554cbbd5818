import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { saidOfThisMachine } from '../../scripts/matrix/kernel.js';
import { forMarkdown } from '../../src/lib/render/safe-text.ts';
import { fixturePath, fixtureText } from '../fixtures.ts';
import { expectGolden, installed, tslab } from './installed.ts';
import { ended as endOf, until } from './waiting.ts';

const DUMP = resolve('native/build/stats_dump');
const directory = mkdtempSync(join(tmpdir(), 'tslab-doctor-'));
const env = { TSLAB_DIR: directory };
const at = (name: string) => join(directory, name);
const isFindings = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(
  JSON.parse(readFileSync('schemas/findings.schema.json', 'utf8')),
);
const isConfig = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(
  JSON.parse(readFileSync('schemas/doctor-config.schema.json', 'utf8')),
);

beforeAll(() => {
  // What make -C native does in an installed package.
  cpSync(DUMP, join(installed.directory, 'node_modules/temporal-slab/native/build/stats_dump'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function write(name: string, text: string): string {
  writeFileSync(at(name), text);
  return at(name);
}

/** A snapshot of a workload that has come to its end. */
function ended(...args: string[]): string {
  const { stdout, status } = spawnSync(DUMP, [...args, '--no-text'], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: 1 << 26,
  });
  expect(status).toBe(0);
  return stdout;
}

/** The generation 7 fixture has a domain that was left behind; here its label is hostile as well. */
const HOSTILE = '"label": "\\u001b[31m<b>`rm`|::error::\\u202e"';
const hostile = () =>
  write('hostile.json', fixtureText('generation-7.json').replaceAll('"label": "background-worker-3"', HOSTILE));

/** Output without what differs from machine to machine. */
const stable = (text: string) =>
  [directory, forMarkdown(directory), encodeURI(directory)]
    .reduce((text, path) => text.replaceAll(path, 'DIR'), text)
    .replace(/"version": "\d[^"]*"(,\n\s*"rules")/, '"version": "V"$1');

describe('every format of one diagnosis', () => {
  test.each(['text', 'json', 'markdown', 'sarif', 'github'])('--format %s', (format) => {
    const { code, stdout, stderr } = tslab(['doctor', hostile(), '--format', format]);
    expect([code, stderr]).toEqual([3, '']);
    expect(stdout).not.toMatch(/[^\P{Cc}\n]|\u202e/u);
    expectGolden(`doctor-${format}.golden.txt`, stable(stdout));
  });

  test('a healthy process', () => {
    const { code, stdout } = tslab(['doctor', fixturePath('generation-1.json')]);
    expect(code).toBe(0);
    expectGolden('doctor-healthy.golden.txt', stdout.replaceAll(resolve('test/fixtures'), 'FIXTURES'));
  });

  test('--explain', () =>
    expectGolden('doctor-explain.golden.txt', tslab(['doctor', '--explain', 'refcount-leak']).stdout));
  test('--help', () => expectGolden('doctor-help.golden.txt', tslab(['doctor', '--help']).stdout));

  test('JSON is as its schema says, and its label as the program set it', () => {
    const { stdout } = tslab(['doctor', hostile(), '--json']);
    const document = JSON.parse(stdout);
    expect([isFindings(document), isFindings.errors]).toEqual([true, null]);
    expect(document.findings[0].owner.label).toBe('\u001b[31m<b>`rm`|::error::\u202e');
  });

  test('SARIF is a log of version 2.1.0: what the standard requires is there, and every reference leads somewhere', () => {
    const log = JSON.parse(tslab(['doctor', hostile(), '--format', 'sarif']).stdout);
    expect(log.version).toBe('2.1.0');
    expect(log.$schema).toMatch(/sarif-schema-2\.1\.0\.json$/);
    for (const run of log.runs) {
      const { name, rules } = run.tool.driver;
      expect(name).toBe('tslab doctor');
      expect(new Set(rules.map(({ id }: { id: string }) => id)).size).toBe(rules.length);
      expect(run.results.length).toBeGreaterThan(0);
      for (const { ruleId, ruleIndex, level, message, locations } of run.results) {
        expect(rules[ruleIndex].id).toBe(ruleId);
        expect(['none', 'note', 'warning', 'error']).toContain(level);
        expect(message.text).not.toBe('');
        for (const { physicalLocation } of locations)
          expect(() => new URL(physicalLocation.artifactLocation.uri, 'file:///')).not.toThrow();
      }
    }
  });

  test('reports to files, beside the one on stdout', () => {
    const outputs = ['json', 'markdown', 'sarif', 'github', 'text'].flatMap((format) => [
      '--output',
      `${format}=${at(format)}`,
    ]);
    const { code, stdout } = tslab(['doctor', hostile(), ...outputs]);
    expect(code).toBe(3);
    expect(readFileSync(at('text'), 'utf8')).toBe(stdout);
    expect(isFindings(JSON.parse(readFileSync(at('json'), 'utf8')))).toBe(true);
    expect(readFileSync(at('markdown'), 'utf8')).toContain('| refcount-leak |');
  });
});

describe('exit codes', () => {
  const leak = fixturePath('generation-7.json');
  test.each([
    [0, ['--fail-on', 'never', leak]],
    [0, ['--threshold', 'refcount-leak=off', leak]],
    [0, ['--threshold', 'refcount-leak.age=2h', '--threshold', 'refcount-leak.closing-age=1h', leak]],
    [0, [fixturePath('generation-2.json')]],
    [2, ['--threshold', 'refcount-leak.years=1', leak]],
    [2, ['--threshold', 'no-such-code=off', leak]],
    [2, ['--threshold', 'refcount-leak.age=soon', leak]],
    [2, ['--threshold', 'refcount-leak', leak]],
    [2, ['--explain', 'no-such-code']],
    [2, ['--fail-on', 'everything', leak]],
    [2, ['--output', 'pdf=x', leak]],
    [4, ['--output', 'json=/does/not/exist/x', leak]],
    [4, ['--output', 'json=/tmp', leak]],
    [2, ['--window', 'soon', leak]],
    [3, [leak]],
    [3, ['--fail-on', 'error', leak]],
    [3, ['--fail-on', 'info', leak]],
    [3, [fixturePath('stream.ndjson')]],
    [3, [fixturePath('total-is-not-sum.json')]],
    [4, [fixturePath('no-json.txt')]],
    [4, [fixturePath('truncated.json')]],
    [4, ['/no/such/file']],
    [4, ['--config', '/no/such/file', leak]],
    [4, ['--pid', '2147483646']],
    [5, ['--threshold', 'refcount-leak=off', '--window', '10h', fixturePath('stream.ndjson')]],
  ] as const)('%i: %j', (code, args) => {
    const run = tslab(['doctor', ...args], { env });
    expect([run.code, run.stderr]).toEqual([code, run.stderr]);
    if (code === 2 || code >= 4) expect(run.stderr).toMatch(/^tslab: /);
  });

  test('a source that breaks off is judged as far as it came, and is no success', () => {
    const exec = `cat ${fixturePath('generation-7.json')}; exit 7`;
    const off = ['refcount-leak', 'source-stale'].flatMap((code) => ['--threshold', `${code}=off`]);
    const { code, stdout } = tslab(['doctor', ...off, '--exec', exec]);
    expect([code, stdout]).toEqual([4, expect.stringContaining('checks made')]);
    expect(tslab(['doctor', '--exec', exec])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('exit code 7'),
    });
  });

  test('a configuration file, and the command line after it', () => {
    const config = {
      failOn: 'error',
      ignore: ['law-broken'],
      thresholds: { 'refcount-leak': { age: '2h', 'closing-age': 7200 } },
    };
    expect(isConfig(config)).toBe(true);
    write('tslab.doctor.json', JSON.stringify(config));
    const run = (...args: string[]) => tslab(['doctor', leak, ...args], { cwd: directory });
    expect(run()).toMatchObject({ code: 0, stderr: expect.stringContaining('tslab.doctor.json') });
    expect(run('--no-config').code).toBe(3);
    expect(run('--threshold', 'refcount-leak.closing-age=60s').code).toBe(3);
    for (const wrong of [
      '{"thresholds":{"refcount-leak":{"age":-1}}}',
      '{"thresholds":{"x":{}}}',
      '{"failOn":"x"}',
      '{"more":1}',
      '[]',
    ])
      expect(tslab(['doctor', leak, '--config', write('wrong.json', wrong)]).code).toBe(2);
    expect(tslab(['doctor', leak, '--config', write('wrong.json', '{')]).code).toBe(4);
  });
});

describe('real workloads', () => {
  test('leak: the label of the domain that was left behind, and the bug in words', () => {
    const { code, stdout } = tslab(['doctor', '-'], { input: ended('leak', '--duration', '500ms') });
    expect(code).toBe(3);
    expect(stdout).toMatch(
      /ERROR refcount-leak[^\n]*\n {2}epoch \d+ \(background-worker-3\): refcount 1, .*one missing domain exit\. Application bug, not the allocator\./,
    );
  });

  test.each([
    'mixed',
    'burst',
    'steady',
    'hotspot',
  ])('%s: no problem, from one snapshot and from a recording', (workload) => {
    const off = () => saidOfThisMachine().flatMap((code) => ['--threshold', `${code}=off`]);
    const judge = (input: string) => tslab(['doctor', '-', ...off()], { input });
    const once = judge(ended(workload, '--duration', '500ms'));
    expect([once.code, once.stdout]).toEqual([0, expect.stringContaining('no problem found')]);
    const recorded = judge(ended(workload, '--duration', '1s', '--interval', '100ms'));
    // A busy machine may interrupt a reading for so long that it is torn: one of them is a note.
    expect([recorded.code, recorded.stdout]).toEqual([
      0,
      expect.stringMatching(/\d+ snapshots over [\s\S]*(no problem found|^1 note )/m),
    ]);
    expect(recorded.stdout).not.toMatch(/^(?:ERROR|WARNING|INFO (?!source-torn))/m);
  });

  test('a live process, once and over a window; what it left when it was killed', async () => {
    const child: ChildProcess = spawn(
      DUMP,
      ['steady', '--duration', '60s', '--rate', '50000', '--no-json', '--no-text'],
      { stdio: 'ignore', env: { ...process.env, ...env } },
    );
    const pid = String(child.pid);
    try {
      await until(() => tslab(['stats', '--pid', pid], { env }).code === 0);
      expect(tslab(['doctor', '--pid', pid], { env })).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('one snapshot'),
      });
      const window = tslab(['doctor', '--pid', pid, '--window', '2s', '--json'], { env });
      const { source, checks } = JSON.parse(window.stdout);
      expect([window.code, source.snapshots]).toEqual([0, expect.any(Number)]);
      expect(source.snapshots).toBeGreaterThan(2);
      expect(checks.filter(({ judged }: { judged: string }) => judged === 'since-start')).toEqual([]);
    } finally {
      await endOf(child);
    }
    const left = tslab(['doctor', '--pid', pid, '--post-mortem'], { env });
    expect([left.code, left.stdout]).toEqual([0, expect.stringContaining('the last state it left')]);
  });

  test('a file that nobody writes any more is stale in a window, and says so', () => {
    const { code, stdout } = tslab([
      'doctor',
      '--window',
      '300ms',
      '--threshold',
      'refcount-leak=off',
      fixturePath('generation-7.json'),
    ]);
    expect([code, stdout]).toEqual([3, expect.stringContaining('WARNING source-stale')]);
  });
});

/** The commands of a page's shell blocks that are tslab's alone, with what stands for a process replaced by a recording. */
function commandsOf(page: string): string[][] {
  return [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) =>
    block
      .split('\n')
      .map((line) => line.replace(/\s+#.*$/, '').trim())
      .filter((line) => line.startsWith('tslab '))
      .map((line) => (line.match(/'[^']*'|\S+/g) ?? []).slice(1).map((word) => word.replace(/^'|'$/g, ''))),
  );
}

const pages = readdirSync('docs/runbooks').filter((name) => name.endsWith('.md') && name !== 'README.md');
test.each(pages)('every tslab command of %s is one', (name) => {
  for (const words of commandsOf(readFileSync(`docs/runbooks/${name}`, 'utf8'))) {
    const process = words.indexOf('--pid');
    const live =
      ['record', 'ps', 'diff'].includes(words[0] ?? '') || words.includes('--watch') || words.includes('--post-mortem');
    // Those that need a process are asked for one that is not there: any other answer than that is a wrong command.
    const args = live
      ? words.map((word) => (word === '4242' ? '2147483646' : word))
      : words
          .filter((_, i) => process < 0 || (i !== process && i !== process + 1))
          .map((word) => (/^(run\.tslab|snapshot\.json)/.test(word) ? fixturePath('stream.ndjson') : word))
          .map((word) => (word === 'report.html' ? at('report.html') : word))
          .concat(process < 0 ? [] : [fixturePath('stream.ndjson')]);
    const { code, stderr } = tslab(args, { env, cwd: directory });
    expect([code, stderr, args].slice(0, 1), `${args.join(' ')}: ${stderr}`).toEqual([
      live && words[0] !== 'ps' ? 4 : expect.not.toBeOneOf([1, 2, 4]),
    ]);
  }
});
