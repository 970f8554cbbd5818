import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  linkSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { fixturePath, fixtureText } from '../fixtures.ts';
import { installed, tslab } from './installed.ts';

const scratch = mkdtempSync(join(tmpdir(), 'tslab-overwriting-'));
const at = (name: string) => join(scratch, name);
const [input, symlink, link] = [at('input.ndjson'), at('symlink.ndjson'), at('link.ndjson')];
symlinkSync(input, symlink);
beforeEach(() => {
  rmSync(link, { force: true });
  copyFileSync(fixturePath('stream.ndjson'), input);
  linkSync(input, link);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const COMMANDS: [string, (output: string) => string[]][] = [
  ['record', (output) => ['record', '--force', '--output', output]],
  ['report', (output) => ['report', '--output', output]],
  ['doctor', (output) => ['doctor', '--output', `json=${output}`]],
  ['export prometheus', (output) => ['export', 'prometheus', '--output', output]],
  ['diff', (output) => ['diff', fixturePath('generation-7.json'), '--output', `json=${output}`]],
];

describe.each(COMMANDS)('%s', (_, args) => {
  test.each([
    ['by its name', input],
    ['through a symlink', symlink],
    ['through a second link', link],
  ])('does not overwrite what it reads: %s', (_, output) => {
    expect(tslab([...args(output), input])).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(`${output}: output file is input file\n`),
    });
    expect(readFileSync(input, 'utf8')).toBe(fixtureText('stream.ndjson'));
  });

  test('does not overwrite what it reads on stdin', () => {
    const { status } = spawnSync(installed.bin, [...args(input), '-'], {
      stdio: [openSync(input, 'r'), 'pipe', 'pipe'],
    });
    expect([status, readFileSync(input, 'utf8')]).toEqual([2, fixtureText('stream.ndjson')]);
  });

  test('takes another file of the same content', () => {
    writeFileSync(at('other'), fixtureText('stream.ndjson'));
    expect(tslab([...args(at('other')), input]).code).not.toBe(2);
  });
});
