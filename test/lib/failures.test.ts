import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { describeFailures, endOf, lineFailures, listFailures } from '../../scripts/test/failures.js';

const scratch = mkdtempSync(join(tmpdir(), 'tslab-failures-'));
symlinkSync(resolve('node_modules'), join(scratch, 'node_modules'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test('each with its name and what it said, without colours', () => {
  const failures = [
    { name: 'b.test.ts > wrong', lines: ['\u001b[31mexpected 1\u001b[39m', '', '  at b'] },
    { name: 'c.test.ts', lines: ['cannot load'] },
  ];
  expect(describeFailures('unit', failures)).toBe(
    'FAILED unit: b.test.ts > wrong\n    expected 1\n      at b\nFAILED unit: c.test.ts\n    cannot load',
  );
});

test('vitest tells of a difference, of time that ran out, and of a file that does not load', () => {
  const at = (name: string) => join(scratch, name);
  writeFileSync(
    at('wrong.test.ts'),
    `import { expect, test } from 'vitest';
test('fine', () => {});
test('wrong', () => expect('a\\nb').toBe('a\\nc'));
test('slow', { timeout: 10 }, () => new Promise(() => {}));
test.skip('left out', () => {});`,
  );
  writeFileSync(at('unloaded.test.ts'), `import './nothing.ts';`);
  const { status } = spawnSync(
    'node_modules/.bin/vitest',
    ['run', '--root', scratch, '--reporter', resolve('scripts/test/reporter.js')],
    { env: { ...process.env, TSLAB_TEST_REPORT: at('report.json') } },
  );
  expect(status).toBe(1);
  const { passed, skipped, failures } = JSON.parse(readFileSync(at('report.json'), 'utf8'));
  expect([passed, skipped, failures.length]).toEqual([1, 1, 3]);
  const text = describeFailures('s', failures);
  expect(text).toMatch(/FAILED s: wrong\.test\.ts > wrong\n[\s\S]*- c\n +\+ b\n[\s\S]*wrong\.test\.ts:3/);
  expect(text).toMatch(/FAILED s: wrong\.test\.ts > slow\n +Test timed out in 10ms/);
  expect(text).toMatch(/FAILED s: unloaded\.test\.ts\n +.*nothing\.ts/);
});

test('of lines: what follows a FAIL line, up to the next test or an empty line', () => {
  const output = ['PASS a', 'FAIL b: 3', '     why', 'PASS c', 'FAIL d', 'so', '', 'a table', '2 passed, 2 failed', ''];
  expect(lineFailures(output)).toEqual([
    { name: 'b: 3', lines: ['     why'] },
    { name: 'd', lines: ['so'] },
  ]);
});

test('in a list each has one line', () => {
  const failures = [
    { name: 'a', lines: ['', '  why', 'more'] },
    { name: 'b', lines: [] },
    { name: 'c', lines: ['x'.repeat(1000)] },
  ];
  expect(listFailures('s', failures)).toEqual(['s: a  why', 's: b', `s: c  ${'x'.repeat(154)}…`]);
});

test('however much was said, little is shown', () => {
  const lines = Array.from({ length: 1000 }, () => 'x'.repeat(100_000));
  const many = Array.from({ length: 1000 }, (_, i) => ({ name: `n${i}`, lines }));
  const text = describeFailures('s', many);
  expect(text.length).toBeLessThan(400_000);
  expect(text).toContain('… 980 more lines');
  expect(text).toContain('FAILED s: 960 more');
  expect(endOf(lines)[0]?.lines).toHaveLength(20);
});
