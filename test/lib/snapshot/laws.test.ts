import { describe, expect, test } from 'vitest';
import { generationOf } from '../../../src/lib/snapshot/generation.ts';
import { checkLaws, checkMonotonic, LAWS } from '../../../src/lib/snapshot/laws.ts';
import { phrase } from '../../../src/lib/snapshot/phrases.ts';
import type { WarningCode } from '../../../src/lib/snapshot/warning.ts';
import { fixtureSnapshot } from '../../fixtures.ts';

const GENERATIONS = [1, 2, 3, 4, 5, 6, 7] as const;

describe.each(GENERATIONS)('generation %i', (generation) => {
  const snapshot = fixtureSnapshot(`generation-${generation}.json`);
  test('is recognised', () => expect(generationOf(snapshot)).toBe(generation));
  test('obeys every law', () => expect(checkLaws(snapshot)).toEqual([]));
});

test.each<[WarningCode]>([
  ['total-is-not-sum'],
  ['classes-disagree-with-epochs'],
  ['mapped-is-not-sum'],
  ['live-is-not-allocs-minus-frees'],
  ['labels-disagree-with-total'],
  ['causes-exceed-slow-path'],
  ['epoch-listed-twice'],
  ['reclaimable-underflow'],
  ['current-epoch-unwrapped'],
  ['net-slabs-clamped'],
  ['torn'],
])('%s is named, and nothing else', (code) => {
  const warnings = checkLaws(fixtureSnapshot(`${code}.json`));
  expect(warnings.map((warning) => warning.code)).toEqual([code]);
  expect(warnings.map(phrase)).toMatchSnapshot();
});

test('a sum of underflowed counts is known as such', () => {
  expect(checkLaws(fixtureSnapshot('reclaimable-underflow-sum.json')).map((warning) => warning.code)).toEqual([
    'reclaimable-underflow',
  ]);
});

test('reclaimable slabs beyond those held, frees beyond allocations', () => {
  const snapshot = fixtureSnapshot('generation-7.json');
  const [first, , busy] = snapshot.classes;
  if (!first || !busy) throw new Error('fixture has no classes');
  first.total_reclaimable_slabs = 5;
  busy.bitmap_free_attempts = 200_000;
  const codes = checkLaws(snapshot).map((warning) => warning.code);
  expect(codes).toEqual(expect.arrayContaining(['reclaimable-exceeds-held', 'frees-exceed-allocs']));
});

test('counters may not go down', () => {
  const [before, after] = [fixtureSnapshot('generation-7.json'), fixtureSnapshot('generation-7.json')];
  expect(checkMonotonic(before, after)).toEqual([]);
  after.mmap_calls = 0;
  after.rss_bytes_current = 0;
  expect(checkMonotonic(before, after)).toEqual([
    { code: 'counter-went-down', pointer: '/mmap_calls', before: 1, after: 0 },
  ]);
});

test('laws hold at 64 bits', () => {
  expect(checkLaws(fixtureSnapshot('u64-max.json'))).toEqual([]);
  expect(LAWS.length).toBeGreaterThan(8);
});
