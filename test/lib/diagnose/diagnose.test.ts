import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { diagnose } from '../../../src/lib/diagnose/diagnose.ts';
import { CODES, limitsWith } from '../../../src/lib/diagnose/thresholds.ts';
import { explain } from '../../../src/lib/render/findings/explain.ts';
import { action, headline, meaning } from '../../../src/lib/render/findings/prose.ts';
import { fixtureSnapshot } from '../../fixtures.ts';
import { BOUNDARIES, RETRIES } from './boundaries.ts';
import { CASES } from './cases.ts';
import { CALM, START_NS, snapshotOf } from './model.ts';

const codes = (snapshots: Parameters<typeof diagnose>[0]) => [
  ...new Set(diagnose(snapshots)?.findings.map(({ code }) => code)),
];

describe.each(CASES)('$code: $name', ({ code, fires, silent, names = '' }) => {
  test('fires, and nothing else does', () => {
    expect(codes(fires)).toEqual([code]);
    const [finding] = diagnose(fires)?.findings ?? [];
    expect(finding && headline(finding)).toContain(names);
  });
  test('just below, it is silent', () => expect(codes(silent)).toEqual([]));
  test('its evidence stands where its pointers point', () => {
    const last = fires.at(-1);
    for (const finding of diagnose(fires)?.findings ?? [])
      for (const { pointer, value, basis } of finding.evidence) {
        const found = pointer
          .split('/')
          .slice(1)
          .reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], last);
        if (basis !== 'window' && finding.code !== 'mapping-churn') expect([pointer, found]).toEqual([pointer, value]);
        else expect(found, pointer).toBeDefined();
      }
  });
});

describe.each(BOUNDARIES)('$name', ({ name, at, expects, beside, besideIs }) => {
  const of = (snapshots: typeof at) =>
    diagnose(snapshots)?.findings.find(({ code }) => name.startsWith(`${code}.`))?.severity ?? null;
  test('at the limit', () => expect(of(at)).toBe(expects));
  test('one step beside it', () => expect(of(beside)).toBe(besideIs));
});

test.each(RETRIES)('retries of a label: %s', (_, snapshots, found) => {
  const all = diagnose(snapshots)?.findings ?? [];
  expect(all.some(({ code, owner }) => code === 'label-contention' && owner.label === 'gc')).toBe(found);
});

test('a source that should be live is stale when its newest snapshot is old', () => {
  const staleAt = (seconds: number) =>
    diagnose([snapshotOf()], { nowNs: START_NS + BigInt(Math.round(seconds * 1e9)) })?.findings.map(({ code }) => code);
  expect(staleAt(60)).toEqual(['source-stale']);
  expect(staleAt(59.999)).toEqual([]);
  // Clocks of two machines differ.
  expect(staleAt(-5)).toEqual([]);
});

test("what does not add up in a snapshot that says it is torn is nobody's fault", () => {
  expect(codes([snapshotOf({ top: { torn: true, total_slow_path_hits: 1999 } })])).toEqual(['source-torn']);
});

test('every code has a case', () => expect(new Set(CASES.map(({ code }) => code))).toEqual(new Set(CODES)));

describe.each(CODES)('%s', (code) => {
  test('has a page with its sections', () => {
    const path = `docs/runbooks/${code}.md`;
    expect(existsSync(path)).toBe(true);
    const page = readFileSync(path, 'utf8');
    expect(page).toContain(`# ${code}\n`);
    for (const section of ['Impact', 'Diagnosis', 'What to do', 'When it is wrong', 'Thresholds'])
      expect(page).toContain(`\n## ${section}\n`);
    expect(page).toContain(meaning(code));
  });
  test('can be explained, with every threshold', () => {
    const text = explain(code);
    expect(text).toContain(meaning(code));
    for (const name of Object.keys(limitsWith()[code])) expect(text).toContain(`${code}.${name}=`);
  });
});

test('a calm process has no problem, however often it is looked at', () => {
  expect(codes([snapshotOf()])).toEqual([]);
  const looks = [0, 1, 2, 3].map((at) =>
    snapshotOf({
      at,
      epochs: CALM.map((epoch) => ({
        ...epoch,
        age: (epoch.age ?? 0) + at,
        slotAllocs: (epoch.slotAllocs ?? 0) + at * 1000,
      })),
    }),
  );
  expect(codes(looks)).toEqual([]);
});

test('says what could not be judged, and what that takes', () => {
  const checks = diagnose([fixtureSnapshot('generation-1.json')])?.checks ?? [];
  expect(checks.find(({ code }) => code === 'refcount-leak')).toEqual({
    code: 'refcount-leak',
    judged: 'no',
    lacks: { kind: 'numbers', paths: ['/epochs/*/refcount', '/epochs/*/age_sec'] },
  });
  expect(checks.find(({ code }) => code === 'rss-not-allocator')).toMatchObject({
    judged: 'no',
    lacks: { kind: 'window' },
  });
  expect(checks.find(({ code }) => code === 'madvise-failures')).toMatchObject({ judged: 'since-start' });
});

test('counts of a window are those of the window, not of the past', () => {
  const failed = { madvise_failures: 5 };
  const older = CALM.map((epoch) => ({ ...epoch, age: (epoch.age ?? 0) + 5 }));
  expect(codes([snapshotOf({ cls: failed })])).toEqual(['madvise-failures']);
  expect(codes([snapshotOf({ cls: failed }), snapshotOf({ at: 5, epochs: older, cls: failed })])).toEqual([]);
});

test('a restart begins anew', () => {
  const after = snapshotOf({ at: 5, top: { pid: 4243 } });
  const found = diagnose([snapshotOf({ cls: { madvise_failures: 5 } }), after]);
  expect(found?.findings).toEqual([]);
  expect(found?.observation).toMatchObject({ samples: 1, restarts: 1 });
});

test('the seed of it all', () => {
  const epochs = [
    ...CALM,
    ...Array.from({ length: 10 }, () => ({ era: 0, state: 'CLOSING' as const })),
    { era: 150, label: 'background-worker-3', age: 600, refcount: 2 },
  ];
  const [finding] = diagnose([snapshotOf({ epochs })])?.findings ?? [];
  expect(finding && headline(finding)).toBe(
    'epoch 12 (background-worker-3): open for 600 s, refcount 2: two missing domain exits. Application bug, not the allocator.',
  );
  expect(finding && action(finding)).toContain('domain');
});
