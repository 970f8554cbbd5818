import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Diagnosis, diagnose } from '../../../src/lib/diagnose/diagnose.ts';
import { atLeast } from '../../../src/lib/diagnose/finding.ts';
import { CATALOGUE, type Scope } from '../../../src/lib/metrics/catalogue.ts';
import { FORMATS, findingsReport } from '../../../src/lib/render/findings/report.ts';
import { parseExact } from '../../../src/lib/snapshot/exact-json.ts';
import type { Snapshot } from '../../../src/lib/snapshot/model.ts';
import { asSnapshot } from '../../../src/lib/snapshot/parse.ts';
import { canonical, U64_MAX } from '../../../src/lib/snapshot/u64.ts';
import { plainStyle } from '../../../src/lib/style.ts';
import { fixtureSnapshot } from '../../fixtures.ts';
import { hostileText } from '../../hostile-text.ts';
import { MIB, snapshotOf } from './model.ts';

const u64 = fc.oneof(
  fc.constantFrom(0, 1, canonical(2n ** 53n), canonical(2n ** 63n), canonical(U64_MAX)),
  fc.nat(100_000),
  fc.bigInt({ min: 0n, max: U64_MAX }).map(canonical),
);
const hostile = fc.oneof(
  hostileText({ maxLength: 31 }),
  fc.constantFrom('', '\x1b[2J', '<script>', '::error::x', 'a|b', '\u202eevil', '`rm`'),
);

/** Any of the numbers of a scope, or not. */
const numbers = (scope: Scope) =>
  fc.record(
    Object.fromEntries(
      CATALOGUE[scope].map(({ field, type }) => [
        field,
        type === 'f64' ? fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }) : u64,
      ]),
    ),
    { requiredKeys: [] },
  );
const split = fc.dictionary(fc.constantFrom('0', '1', '15', '99'), u64);
const classes = fc.array(
  fc
    .tuple(
      numbers('class'),
      u64,
      fc.option(
        fc.record(
          {
            lock_fast_acquire: split,
            lock_contended: split,
            bitmap_alloc_cas_retries: split,
            bitmap_free_cas_retries: split,
          },
          { requiredKeys: [] },
        ),
        { nil: undefined },
      ),
    )
    .map(([fields, object_size, contention_by_label]) => ({
      ...fields,
      object_size,
      ...(contention_by_label && { contention_by_label }),
    })),
  { maxLength: 8 },
);
const epochs = fc.array(
  fc
    .tuple(
      numbers('epoch'),
      u64,
      fc.record(
        { state: fc.constantFrom('ACTIVE' as const, 'CLOSING' as const), label: hostile },
        { requiredKeys: [] },
      ),
    )
    .map(([fields, epoch_id, more]) => ({ ...fields, epoch_id, ...more })),
  { maxLength: 16 },
);
const anySnapshot = fc
  .tuple(
    numbers('top'),
    classes,
    fc.record(
      {
        epochs,
        torn: fc.boolean(),
        label_registry: fc.record(
          { count: u64, max_labels: u64, labels: fc.dictionary(fc.constantFrom('0', '1', '15'), hostile) },
          { requiredKeys: [] },
        ),
        process: fc.record({ command: hostile, name: hostile, live: fc.boolean() }, { requiredKeys: [] }),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([top, classes, more]) => ({ ...top, schema_version: 1, classes, ...more }) as Snapshot);

/** One process over time, or several. */
const anySnapshots = fc.oneof(
  fc.array(anySnapshot, { minLength: 1, maxLength: 4 }),
  fc.tuple(anySnapshot, fc.array(fc.nat(10_000), { minLength: 1, maxLength: 4 })).map(([one, steps]) =>
    steps.map((_, i) => ({
      ...one,
      timestamp_ns: canonical(1_770_486_521_361_625_487n + BigInt(i) * 1_000_000_000n),
      pid: 1,
    })),
  ),
);
const view = { name: 'a\x1b[31mb', style: plainStyle, all: true, exitCode: 0, version: '0' };
const UNSAFE = /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

test('never fails on a valid snapshot, says the same twice, and prints nothing that steers a terminal', () => {
  fc.assert(
    fc.property(anySnapshots, (snapshots) => {
      for (const snapshot of snapshots) asSnapshot(snapshot);
      const first = diagnose(snapshots, { nowNs: canonical(U64_MAX) }) as Diagnosis;
      expect(diagnose(snapshots, { nowNs: canonical(U64_MAX) })?.findings).toEqual(first.findings);
      for (const format of FORMATS) {
        const text = findingsReport(first, format, view);
        expect(text).not.toMatch(UNSAFE);
        if (format === 'json' || format === 'sarif') parseExact(text);
        if (format === 'github')
          expect(
            text
              .split('\n')
              .slice(0, -1)
              .every((line) => /^::(error|warning|notice) /.test(line)),
          ).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});

test.each([1, 2, 3, 4, 5, 6, 7])('generation %i with every number at its largest', (generation) => {
  const snapshot = fixtureSnapshot(`generation-${generation}.json`);
  const largest = parseExact(
    JSON.stringify(snapshot, (_, value) => (typeof value === 'bigint' ? Number(value) : value)),
  ) as Snapshot;
  const raise = (holder: object) => {
    for (const [key, value] of Object.entries(holder)) {
      if (typeof value === 'object' && value !== null) raise(value);
      else if (typeof value === 'number' && key !== 'schema_version')
        (holder as Record<string, unknown>)[key] = Number.isInteger(value) ? U64_MAX : 1;
    }
  };
  raise(largest);
  for (const snapshots of [[largest], [snapshot, largest], [largest, snapshot]])
    for (const format of FORMATS) findingsReport(diagnose(snapshots) as Diagnosis, format, view);
});

/** A service that does as it should: epochs come, are used, are closed and drain; whatever its size and speed. */
const calmService = fc
  .record({
    threads: fc.integer({ min: 1, max: 64 }),
    epochs: fc.array(
      fc.record({
        age: fc.nat(50),
        refcount: fc.nat(64),
        slabs: fc.nat(5000),
        fill: fc.double({ min: 0.6, max: 1, noNaN: true }),
        label: fc.string({ maxLength: 20 }),
        closing: fc.boolean(),
      }),
      { minLength: 1, maxLength: 16 },
    ),
    allocs: fc.integer({ min: 1_000_000, max: 2_000_000_000 }),
    slowShare: fc.double({ min: 0, max: 0.05, noNaN: true }),
    missShare: fc.double({ min: 0, max: 0.3, noNaN: true }),
    lockShare: fc.double({ min: 0, max: 0.045, noNaN: true }),
    retryShare: fc.double({ min: 0, max: 0.009, noNaN: true }),
    closes: fc.nat(1_000_000),
    looks: fc.integer({ min: 1, max: 5 }),
  })
  .map((service) =>
    Array.from({ length: service.looks }, (_, at) => {
      // Counters grow from look to look; 50 s of them before the first.
      const total = (share: number) => Math.round(service.allocs * share * (1 + at / 50));
      const plans = service.epochs.map(({ age, refcount, slabs, fill, label, closing }, i) => ({
        era: 100 - i,
        state: closing && i > 0 ? ('CLOSING' as const) : ('ACTIVE' as const),
        label,
        age: age + at,
        refcount: closing && i > 0 ? 0 : refcount,
        partial: slabs,
        live: Math.round(slabs * 128 * fill),
        slotAllocs: 100_000 + at * 1000,
      }));
      return snapshotOf({
        at,
        epochs: plans,
        cls: {
          bitmap_alloc_attempts: total(1),
          slow_path_hits: total(service.slowShare),
          slow_path_cache_miss: total(service.slowShare * service.missShare),
          lock_fast_acquire: total(1 - service.lockShare),
          lock_contended: total(service.lockShare),
          bitmap_alloc_cas_retries: total(service.retryShare),
          epoch_close_calls: service.closes + at,
          epoch_close_total_ns: (service.closes + at) * 5000,
        },
        top: { thread_count: service.threads, rss_bytes_current: 500 * MIB },
      });
    }),
  );

test('a service that does as it should has no problem', () => {
  fc.assert(
    fc.property(calmService, (snapshots) => {
      const found = diagnose(snapshots)?.findings ?? [];
      expect(found.filter(({ severity }) => atLeast(severity, 'warning'))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
