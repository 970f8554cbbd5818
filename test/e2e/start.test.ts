import { spawnSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { fixturePath } from '../fixtures.ts';
import { installed, tslab } from './installed.ts';

/** Runs tslab with a script loaded before it. */
function withPreload(script: string, args: string[], env: Record<string, string> = {}) {
  const path = join(installed.directory, 'preload.cjs');
  writeFileSync(path, script);
  return spawnSync(process.execPath, ['--require', path, installed.bin, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
}

/** Prints what was loaded: Node's own modules by name, files by path. */
const LOADED = `process.on('exit', () => {
  const builtin = process.moduleLoadList.filter((name) => name.startsWith('NativeModule ')).map((name) => name.slice(13));
  process.stderr.write(JSON.stringify({ builtin, files: Object.keys(require.cache) }));
})`;

function loadedBy(...args: string[]): { builtin: string[]; files: string[] } {
  const { stderr, status } = withPreload(LOADED, args);
  expect(status).toBe(0);
  return JSON.parse(stderr.slice(stderr.lastIndexOf('\n') + 1)) as { builtin: string[]; files: string[] };
}

/** Their cost is why they are loaded only when needed: node:http alone takes as long as all of tslab's own code. */
const DEAR = [
  'http',
  'https',
  'http2',
  'tls',
  'child_process',
  'zlib',
  'readline',
  'worker_threads',
  'dgram',
  'inspector',
];

test('stats loads a small part of tslab, and nothing that serves, fetches, unpacks or draws', () => {
  const { builtin, files } = loadedBy('stats', fixturePath('generation-7.json'));
  expect(builtin.filter((name) => DEAR.includes(name))).toEqual([]);
  const own = files.filter((path) => path.includes('temporal-slab'));
  expect(own.map((path) => basename(path))).not.toContain('oclif.js');
  expect(own.filter((path) => dirname(path).endsWith('commands')).map((path) => basename(path))).toEqual(['stats.js']);
  expect(own.length).toBeLessThan(8);
  const bytes = own.reduce((total, path) => total + statSync(path).size, 0);
  expect(bytes).toBeLessThan(250_000);
});

test('the guard sees what it guards against', () => {
  expect(loadedBy('stats', fixturePath('stream.ndjson.gz')).builtin).toContain('zlib');
  expect(loadedBy('stats', '--help').files.map((path) => basename(path))).toContain('oclif.js');
});

test('a defect of tslab itself ends with 1 and asks for a report', () => {
  const broken = `String.prototype.padEnd = () => { throw new TypeError('broken on purpose'); }`;
  const { status, stderr } = withPreload(broken, ['stats', fixturePath('generation-7.json')]);
  expect(status).toBe(1);
  expect(stderr).toContain('broken on purpose');
  expect(stderr).toContain('this is a bug in tslab');
});

test('compiled code is kept only in a home of our own, and nothing fails without one', () => {
  const file = fixturePath('generation-7.json');
  const wanted = tslab(['stats', file]).stdout;
  for (const env of [
    { HOME: '', XDG_CACHE_HOME: '' },
    { HOME: '/does/not/exist', XDG_CACHE_HOME: '' },
    { XDG_CACHE_HOME: '/proc' },
  ])
    expect(tslab(['stats', file], { env })).toEqual({ code: 0, stdout: wanted, stderr: '' });
});

test.each(['-h', '--help'])('%s helps anywhere, except behind --', (flag) => {
  expect(tslab([flag]).stdout).toContain('COMMANDS');
  expect(tslab(['stats', 'x', flag]).stdout).toContain('USAGE');
  expect(tslab(['stats', '--', flag]).code).toBe(4);
});

test.each([
  [
    ['top', '--n', '0'],
    'tslab: --n: expected an integer greater than or equal to 1 but received: 0\n  hint: see --help\n',
  ],
  [['stats', '--pid', 'abc'], 'tslab: --pid: expected a whole number above 0, found "abc"\n'],
  [['stats', '--clases'], 'tslab: Nonexistent flag: --clases\n  hint: did you mean --classes?\n'],
  [['stat'], 'tslab: no such command: stat\n  hint: did you mean tslab stats?\n'],
  [['stat', '--help'], 'tslab: no such command: stat\n  hint: did you mean tslab stats?\n'],
  [
    ['export', 'promethus'],
    'tslab: no such command: export promethus\n  hint: did you mean tslab export prometheus?\n',
  ],
  [['no-such-thing'], 'tslab: no such command: no-such-thing\n  hint: see --help\n'],
])('%j: says what is wrong and what was meant', (args, stderr) => {
  expect(tslab(args)).toEqual({ code: 2, stdout: '', stderr });
});

test.each([[[]], [['stats']], [['export']], [['export', 'prometheus']]])('help %j is --help', (words) => {
  expect(tslab(['help', ...words])).toEqual(tslab([...words, '--help']));
});

test.each(
  Object.keys(JSON.parse(readFileSync('oclif.manifest.json', 'utf8')).commands),
)('the usage of %s has no empty places', (id) => {
  const { code, stdout } = tslab([...id.split(':'), '--help']);
  expect([code, stdout]).toEqual([0, expect.stringContaining('USAGE')]);
  expect(stdout.replace(/\s+/g, ' ')).not.toMatch(/\| \||\[ | \]/);
});
