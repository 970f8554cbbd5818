import { describe, expect, test } from 'vitest';
import { fixturePath } from '../fixtures.ts';
import { tslab } from './installed.ts';

/** Input of which every number is extreme, every text hostile, or not every part there. */
const INPUTS = [
  'above-u64.json',
  'counter-went-down.ndjson',
  'generation-1.json',
  'hostile-labels.ndjson',
  'label-not-utf8.json',
  'negative.json',
  'reclaimable-underflow.json',
  'stream-cut-gzip.ndjson.gz',
  'stream-second-truncated-no-newline.ndjson',
  'torn.json',
  'u64-max.json',
];

const BASELINE = fixturePath('generation-7.json');
const COMMANDS: [string, (input: string) => string[]][] = [
  ['stats', (input) => ['stats', '--all', input]],
  ['top', (input) => ['top', input]],
  ['top --epochs', (input) => ['top', '--epochs', '--by', 'age_sec', input]],
  ['top --window', (input) => ['top', '--window', '1s', '--json', input]],
  ['watch', (input) => ['watch', '--count', '1', input]],
  ['doctor', (input) => ['doctor', input]],
  ['diff', (input) => ['diff', '--mode', 'two-runs', '--by', 'total,class,label', '--all', BASELINE, input]],
  ['record', (input) => ['record', input, '--output', '-']],
  ['report', (input) => ['report', input, '--output', '-']],
  ['export prometheus', (input) => ['export', 'prometheus', input]],
];

/** What a terminal acts on; a page may break its lines. */
const STEERS = /[^\P{Cc}\n]|\p{Cf}/u;

describe.each(COMMANDS)('%s', (_, args) => {
  test.each(INPUTS)('of %s: an exit code that says what is the matter, and text that is only text', (name) => {
    const { code, stdout, stderr } = tslab(args(fixturePath(name)));
    // 1 would be a bug of tslab, 2 a wrong command line.
    expect([code, stderr]).toEqual([expect.toBeOneOf([0, 3, 4, 5]), expect.not.stringContaining('bug')]);
    expect([stdout, stderr].map((text) => STEERS.test(text))).toEqual([false, false]);
    expect(stdout).not.toMatch(/\bNaN\b|\bundefined\b|\[object /);
    if (code === 4) expect(stderr).toMatch(/^tslab: /m);
  });
});

test.each([
  ['a file', (text: string) => ['stats', text]],
  ['a metric', (text: string) => ['top', '--by', text, BASELINE]],
  ['a flag', (text: string) => ['stats', `--${text}`]],
  ['a command', (text: string) => [text]],
  ['a program', (text: string) => ['stats', '--exec', `echo ${text} >&2; exit 3`]],
  ['a code', (text: string) => ['doctor', '--explain', text]],
  ['a baseline', (text: string) => ['diff', text, BASELINE]],
])('what is said of %s that is not there cannot steer a terminal', (what, args) => {
  const { code, stderr } = tslab(args('no\u001b[2J\u202e\u0007such'));
  expect([code, stderr]).toEqual([expect.toBeOneOf([2, 4]), expect.stringMatching(/\\(x1b|u001b)\[2J/)]);
  // What a command itself writes to stderr goes there as it is.
  if (what !== 'a program') expect(stderr).not.toMatch(STEERS);
});
