import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fixturePath, fixtureText } from '../fixtures.ts';
import { expectGolden, installed, tslab } from './installed.ts';

describe('stats', () => {
  test.each([1, 2, 3, 4, 5, 6, 7])('shows a snapshot of generation %i', (generation) => {
    const { code, stdout, stderr } = tslab(['stats', fixturePath(`generation-${generation}.json`)]);
    expect([code, stderr]).toEqual([0, '']);
    expectGolden(`stats-generation-${generation}.golden.txt`, stdout);
  });

  test.each(['--all', '--classes', '--epochs', '--labels', '--fields'])('%s', (flag) => {
    const { code, stdout } = tslab(['stats', fixturePath('generation-7.json'), flag]);
    expect(code).toBe(0);
    expectGolden(`stats${flag}.golden.txt`, stdout);
  });

  test('neutralises hostile labels', () => {
    const { code, stdout } = tslab(['stats', '--all', fixturePath('hostile-labels.json')]);
    expect(code).toBe(0);
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expectGolden('stats-hostile-labels.golden.txt', stdout);
  });

  test('--json changes no digit', () => {
    const { stdout } = tslab(['stats', '--json', fixturePath('u64-max.json')]);
    expect(stdout).toBe(fixtureText('u64-max.json'));
    expect(tslab(['stats', '--json', '-'], { input: fixtureText('generation-7.json') }).stdout).toContain(
      '"timestamp_ns": 1770486521361625487,',
    );
  });

  test('--json of hostile labels is the same JSON, safe on a terminal', () => {
    const { stdout } = tslab(['stats', '--json', fixturePath('hostile-labels.json')]);
    expect(stdout).not.toMatch(/[\u007f-\u009f\u200b\u202e\u2066]/);
    expect(JSON.parse(stdout)).toEqual(JSON.parse(fixtureText('hostile-labels.json')));
  });

  test('reads the same from a file, stdin, gzip and a command', () => {
    const wanted = tslab(['stats', fixturePath('stream.ndjson')]).stdout;
    const bytes = readFileSync(fixturePath('stream.ndjson.gz'));
    expect(tslab(['stats', fixturePath('stream.ndjson.gz')]).stdout).toBe(wanted);
    expect(tslab(['stats', '-'], { input: bytes }).stdout).toBe(wanted);
    expect(tslab(['stats', '--stdin'], { input: fixtureText('stream.ndjson') }).stdout).toBe(wanted);
    expect(tslab(['stats', '--exec', `cat ${fixturePath('stream.ndjson')}`]).stdout).toBe(wanted);
  });

  test('--first does not wait for an endless stream to end', () => {
    const endless = `while cat ${fixturePath('stream.ndjson')}; do sleep 0.05; done`;
    const { code, stdout } = tslab(['stats', '--first', '--json', '--exec', endless]);
    expect(code).toBe(0);
    expect(stdout).toContain('1770486521361625487');
  });

  test('shows what was good before a source broke, and still says that it broke', () => {
    const { code, stdout, stderr } = tslab(['stats', '--exec', `cat ${fixturePath('stream.ndjson')}; exit 7`]);
    expect(stdout).toContain('Slow path');
    expect(stderr).toContain('exit code 7');
    expect(code).toBe(4);
  });

  test('warns in one line of what is odd', () => {
    const { code, stderr } = tslab(['stats', fixturePath('reclaimable-underflow.json')]);
    expect(code).toBe(0);
    expect(stderr.trim().split('\n')).toEqual([expect.stringContaining('reclaimable-underflow')]);
  });
});

describe('validate', () => {
  test.each([
    ['generation-1.json', 0],
    ['generation-7.json', 0],
    ['stream.ndjson', 0],
    ['total-is-not-sum.json', 3],
    ['counter-went-down.ndjson', 3],
    ['missing-comma.json', 3],
    ['stream-second-truncated.ndjson', 4],
    ['schema-version-2.json', 4],
    ['wrong-type.json', 4],
    ['empty.json', 4],
    ['no-json.txt', 4],
  ])('%s ends with %i', (name, expected) => {
    const { code, stdout, stderr } = tslab(['validate', '-'], { input: readFileSync(fixturePath(name)) });
    expect(code).toBe(expected);
    expectGolden(`validate-${name}.golden.txt`, `${stdout}--- stderr\n${stderr}`);
  });
});

describe('exit codes and habits', () => {
  test.each([
    [['stats', '--no-such-flag'], 2],
    [['no-such-command'], 2],
    [['stats', '-', '--stdin'], 2],
    [['stats', '--url', 'ftp://x'], 2],
    [['stats', '/does/not/exist'], 4],
    [['stats', '--exec', 'exit 3'], 4],
    [['--help'], 0],
    [['stats', '--help'], 0],
    [['--version'], 0],
  ])('%j ends with %i', (args, expected) => {
    expect(tslab(args).code).toBe(expected);
  });

  test('a reader that goes away ends it quietly', () => {
    const { stdout, stderr } = spawnSync(
      'bash',
      ['-c', `${installed.bin} validate --json ${fixturePath('stream.ndjson')} | head -c 1; echo " \${PIPESTATUS[0]}"`],
      { encoding: 'utf8' },
    );
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^\{ (0|141)\n$/);
  });

  test('a full disk is told as such', () => {
    const { status, stderr } = spawnSync(
      'bash',
      ['-c', `${installed.bin} stats ${fixturePath('generation-7.json')} > /dev/full`],
      { encoding: 'utf8' },
    );
    expect(stderr).toContain('no space left');
    expect(status).toBe(4);
  });

  test('schema prints the published schema', () => {
    expect(tslab(['schema']).stdout).toBe(readFileSync('schemas/snapshot.schema.json', 'utf8'));
  });
});
