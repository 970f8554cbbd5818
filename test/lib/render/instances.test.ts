import { expect, test } from 'vitest';
import { unusableLines } from '../../../src/lib/render/instances.ts';

const unusable = [
  { path: '/a/1\u001b[31m.tslab', error: 'another build' },
  { path: '/a/2.tslab', error: 'too short' },
  { path: '/a/3.tslab', error: 'another build' },
];

test('files that cannot be used take a line for each reason, or each one of its own', () => {
  expect(unusableLines(unusable, false)).toEqual([
    'tslab: /a/1\\x1b[31m.tslab: another build (and 1 more such file)',
    'tslab: /a/2.tslab: too short',
  ]);
  expect(unusableLines(unusable, true)).toHaveLength(3);
  expect(unusableLines([], false)).toEqual([]);
});
