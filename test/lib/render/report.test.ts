import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ReportBuilder } from '../../../src/lib/analysis/report/report.ts';
import { diagnose } from '../../../src/lib/diagnose/diagnose.ts';
import { html } from '../../../src/lib/render/report/html.ts';
import { reportPage } from '../../../src/lib/render/report/page.ts';
import { scaleTo, ticksAlong } from '../../../src/lib/render/report/scale.ts';
import type { Snapshot } from '../../../src/lib/snapshot/model.ts';
import { fixtureSnapshot } from '../../fixtures.ts';
import { hostileText } from '../../hostile-text.ts';

test('markup nests, everything else is text', () => {
  const inner = html`<b>${'<i>&"'}</b>`;
  expect(html`<p>${inner}${[1, undefined, false, null, 'x']}${2n}</p>`.text).toBe(
    '<p><b>&#60;i&#62;&#38;&#34;</b>1x2</p>',
  );
});

test('a scale reaches the highest value in few steps, in powers of two for bytes', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e19, noNaN: true }), fc.constantFrom(2, 10), (highest, base) => {
      const { max, ticks, step } = scaleTo(highest, base as 2 | 10);
      expect(max).toBeGreaterThanOrEqual(highest * (1 - 1e-12));
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(ticks.length).toBeLessThanOrEqual(7);
      if (base === 2) expect(Math.log2(step)).toBe(Math.round(Math.log2(step)));
    }),
  );
  expect(scaleTo(7, 10).ticks).toEqual([0, 2, 4, 6, 8]);
  expect(scaleTo(3 * 1024 * 1024, 2).ticks).toEqual([0, 1048576, 2097152, 3145728]);
});

test('an axis has few ticks, none beyond its end', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 1e10, noNaN: true }), fc.boolean(), (length, whole) => {
      const { ticks } = ticksAlong(length, 8, whole);
      expect(ticks.length).toBeLessThanOrEqual(18);
      expect(ticks.at(-1)).toBeLessThanOrEqual(length * (1 + 1e-9));
    }),
  );
  expect(ticksAlong(600, 8, false).ticks).toEqual([0, 120, 240, 360, 480, 600]);
});

function pageOf(snapshots: Snapshot[], name = 'run'): string {
  const builder = new ReportBuilder();
  for (const snapshot of snapshots) builder.add(snapshot);
  const report = builder.report();
  const diagnosis = diagnose(snapshots);
  if (!report || !diagnosis) throw new Error('no snapshot');
  return reportPage(report, diagnosis, { name, version: '1.2.3', styleHash: 'HASH', notes: [] });
}

test('any label, name of the recording or of the allocator is text', () => {
  fc.assert(
    fc.property(hostileText({ maxLength: 31 }), (text) => {
      const snapshot = structuredClone(fixtureSnapshot('generation-7.json'));
      const hostile = `<img src=x onerror=alert(1)>"'>${text}</script><script>`;
      snapshot.allocator = { name: hostile };
      for (const epoch of snapshot.epochs ?? []) epoch.label = hostile;
      snapshot.label_registry = { labels: { 0: '', 1: hostile } };
      const later = { ...structuredClone(snapshot), timestamp_ns: 1770486522361625487n };
      const page = pageOf([snapshot, later], hostile);
      expect(page).not.toMatch(/<img|<script/);
      expect(page.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(page.match(/<\/html>/g)).toHaveLength(1);
    }),
    { numRuns: 20 },
  );
});

test.each([
  1, 2, 3, 4, 5, 6, 7,
])('generation %i has a page with every section and no undefined, NaN or null in it', (generation) => {
  const snapshot = fixtureSnapshot(`generation-${generation}.json`);
  const time = snapshot.timestamp_ns;
  const later = { ...snapshot, ...(time !== undefined && { timestamp_ns: BigInt(time) + 1_000_000_000n }) };
  for (const page of [pageOf([snapshot]), pageOf([snapshot, later])]) {
    expect(page.match(/<section /g)).toHaveLength(7);
    expect(page).not.toMatch(/undefined|NaN|Infinity|\bnull\b|\[object/);
  }
});

test('what closes offered and what RSS did are facts; their correlation stands apart, as a heuristic', () => {
  const MIB = 1024 * 1024;
  const epoch = {
    epoch_id: 1,
    epoch_era: 2,
    state: 'CLOSING' as const,
    rss_before_close: 9 * MIB,
    rss_after_close: 6 * MIB,
  };
  const closed = (madvise_bytes: number) =>
    pageOf([{ ...fixtureSnapshot('generation-7.json'), epochs: [{ ...epoch, madvise_bytes }] }]);
  const page = closed(4 * MIB);
  expect(page).toContain('Correlation, a heuristic: over the 1 of these closes');
  expect(page).toContain('4 MiB were offered and RSS fell by 3 MiB: 75 %');
  expect(page).not.toMatch(/score/i);
  expect(closed(1024)).not.toContain('Correlation');
});
