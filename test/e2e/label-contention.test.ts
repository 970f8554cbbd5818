import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { oddities, tslab } from './installed.ts';

/** A build with ENABLE_LABEL_CONTENTION, and one without: the same service, the same contention. */
const BUILDS = { labels: 'native/build/labels', default: 'native/build' } as const;
const SERIES = ['lock_fast_acquire', 'lock_contended', 'bitmap_alloc_cas_retries', 'bitmap_free_cas_retries'] as const;
const MAX_LABELS = 16;
const directory = mkdtempSync(join(tmpdir(), 'tslab-labels-'));
const env = { TSLAB_DIR: directory };
const started: ChildProcess[] = [];

interface ClassJson {
  readonly class_index: number;
  readonly object_size: number;
  readonly contention_by_label?: Readonly<Record<(typeof SERIES)[number], Readonly<Record<string, number>>>>;
}
type Json = { readonly classes: readonly (ClassJson & Record<(typeof SERIES)[number], number>)[] } & {
  readonly label_registry: { readonly count: number; readonly labels: Readonly<Record<string, string>> };
  readonly label_registry_overflows: number;
};

beforeAll(() => {
  execFileSync('make', ['-s', '-C', 'native', '-j2', 'faults', 'all']);
  execFileSync('make', ['-s', '-C', 'native', '-j2', 'VARIANT=labels', 'LABEL_CONTENTION=1', 'faults', 'all']);
}, 300_000);

afterAll(async () => {
  for (const child of started) {
    const closed = once(child, 'close');
    child.stdin?.end();
    await closed;
  }
  rmSync(directory, { recursive: true, force: true });
});

/** A service in which hot-loader finds every third lock taken. @returns how to run that build's stats_dump on it */
async function contended(build: keyof typeof BUILDS, ...more: string[]): Promise<string[]> {
  const child = spawn(`${BUILDS[build]}/fault_service`, ['--fault', 'lock-busy=33', ...more], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  started.push(child);
  expect(String((await once(child.stdout as NodeJS.ReadableStream, 'data'))[0])).toBe('ready\n');
  return ['--exec', `${process.cwd()}/${BUILDS[build]}/stats_dump --no-text --pid ${child.pid}`];
}

const run = (args: readonly string[]) => tslab(args, { env });
const snapshotOf = (source: readonly string[]): { json: Json; text: string } => {
  const { stdout: text } = run(['stats', '--json', ...source]);
  return { json: JSON.parse(text), text };
};

describe('a build with ENABLE_LABEL_CONTENTION', () => {
  let source: string[];
  beforeAll(async () => {
    source = await contended('labels', '--fault', 'label-registry-full=40');
  });

  test('the laws hold at every instant', () => {
    const found = oddities(['--exec', `${source[1]} --interval 20ms --count 100`], env);
    expect([found.length, found.flat()]).toEqual([100, []]);
  });

  test('ids are bounded, later labels share id 0', () => {
    const { json } = snapshotOf(source);
    expect(json.label_registry.count).toBe(MAX_LABELS);
    expect(json.label_registry_overflows).toBeGreaterThan(0);
    for (const { contention_by_label: byLabel } of json.classes)
      for (const field of SERIES)
        expect(Object.keys(byLabel?.[field] ?? {}).map(Number)).toEqual(
          Array.from({ length: MAX_LABELS }, (_, i) => i),
        );
  });

  test('Prometheus has the four series, with the numbers of the snapshot', () => {
    const { json, text } = snapshotOf(source);
    const { stdout } = tslab(['export', 'prometheus', '-'], { input: text });
    const lines = new Set(stdout.split('\n'));
    let seen = 0;
    for (const { class_index, object_size, contention_by_label: byLabel } of json.classes)
      for (const field of SERIES)
        for (const [id, count] of Object.entries(byLabel?.[field] ?? {})) {
          const label = id === '0' ? 'unlabeled' : json.label_registry.labels[id];
          const name = `temporal_slab_class_${field}_by_label_total`;
          expect(lines).toContain(
            `${name}{class="${class_index}",object_size="${object_size}",label="${label}"} ${count}`,
          );
          seen++;
        }
    expect(seen).toBe(json.classes.length * SERIES.length * MAX_LABELS);
  });

  test('top --labels names the one that waits', () => {
    const command = `${source[1]} --interval 1s`;
    const { code, stdout } = run([
      'top',
      '--labels',
      '--by',
      'lock_contended',
      '--window',
      '1s',
      '--json',
      '--exec',
      command,
    ]);
    expect(code).toBe(0);
    const { rows } = JSON.parse(stdout);
    expect(rows[0]).toMatchObject({ rank: 1, label: 'hot-loader' });
    expect(rows[0].delta).toBeGreaterThan(10 * (rows[1].delta ?? 0));
  });
});

test('a build without says nothing by label, nowhere', async () => {
  const source = await contended('default');
  const { json, text } = snapshotOf(source);
  expect(json.classes.some((cls) => cls.lock_contended > 0)).toBe(true);
  expect(json.classes.every((cls) => cls.contention_by_label === undefined)).toBe(true);
  expect(tslab(['export', 'prometheus', '-'], { input: text }).stdout).not.toContain('_by_label');
  expect(oddities(source, env)).toEqual([[]]);
});
