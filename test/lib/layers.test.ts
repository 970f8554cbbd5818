import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { expect, test } from 'vitest';

/** Which folders of src/ a folder may import from, besides itself. What is not listed may not be imported. */
const MAY_IMPORT: Record<string, string[]> = {
  commands: [
    'lib',
    'lib/analysis',
    'lib/diagnose',
    'lib/launch',
    'lib/metrics',
    'lib/otlp',
    'lib/record',
    'lib/render',
    'lib/server',
    'lib/snapshot',
    'lib/source',
    'lib/watch',
  ],
  'lib/launch': ['lib', 'lib/source'],
  'lib/record': ['lib', 'lib/source'],
  'lib/source': ['lib', 'lib/snapshot'],
  'lib/snapshot': ['lib', 'lib/metrics', 'generated'],
  'lib/metrics': ['lib/snapshot'],
  'lib/analysis': ['lib', 'lib/metrics', 'lib/snapshot', 'lib/source', 'generated'],
  'lib/diagnose': ['lib', 'lib/analysis', 'lib/metrics', 'lib/snapshot', 'generated'],
  'lib/render': ['lib', 'lib/analysis', 'lib/diagnose', 'lib/metrics', 'lib/snapshot'],
  'lib/tui': ['lib', 'lib/render'],
  'lib/watch': ['lib', 'lib/analysis', 'lib/diagnose', 'lib/render', 'lib/snapshot', 'lib/source', 'lib/tui'],
  'lib/server': [
    'lib',
    'lib/analysis',
    'lib/diagnose',
    'lib/metrics',
    'lib/record',
    'lib/render',
    'lib/snapshot',
    'lib/source',
  ],
  'lib/otlp': ['lib', 'lib/analysis', 'lib/render', 'lib/server', 'lib/snapshot'],
  lib: ['lib/analysis', 'lib/metrics', 'lib/snapshot', 'lib/source', 'lib/render'],
  '': ['lib', 'lib/render', 'lib/source', 'generated'],
  generated: ['commands'],
  page: ['lib/server'],
};

/** Folders whose files compute and phrase only: no input, no output, no clock. */
const PURE = ['lib/analysis', 'lib/diagnose', 'lib/metrics', 'lib/snapshot', 'lib/render'];
const PURE_MAY_USE = ['node:buffer'];

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.ts') && !name.endsWith('.d.ts'),
);

function importsOf(file: string): { specifier: string; type: boolean }[] {
  const text = readFileSync(join('src', file), 'utf8');
  return [...text.matchAll(/(import|export)\s+(type\s)?[^;]*?from\s+'([^']+)'|import\('([^']+)'\)/g)].map(
    ([, , type, from, lazy]) => ({
      specifier: (from ?? lazy) as string,
      type: type !== undefined,
    }),
  );
}

test('imports run one way', () => {
  const wrong = files.flatMap((file) =>
    importsOf(file)
      .filter(({ specifier }) => specifier.startsWith('.'))
      .map(({ specifier }) => normalize(join(dirname(file), specifier)))
      .filter((target) => {
        const [from, to] = [folder(file), folder(target)];
        return from !== to && !(MAY_IMPORT[from] ?? []).includes(to);
      })
      .map((target) => `${file} imports ${target}`),
  );
  expect(wrong).toEqual([]);
});

test('analysis, diagnose, snapshot, metrics and render do no input or output and read no clock', () => {
  const wrong = files
    .filter((file) => PURE.includes(folder(file)))
    .flatMap((file) => {
      const text = readFileSync(join('src', file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
      const modules = importsOf(file).filter(
        ({ specifier, type }) => specifier.startsWith('node:') && !type && !PURE_MAY_USE.includes(specifier),
      );
      const uses =
        text.match(/\bDate\.now|\bnew Date\(\)|performance\.now|process\.(?!env\.)\w+|console\.\w+|\bfetch\(/g) ?? [];
      return [
        ...modules.map(({ specifier }) => `${file} imports ${specifier}`),
        ...uses.map((use) => `${file} uses ${use}`),
      ];
    });
  expect(wrong).toEqual([]);
});

function folder(file: string): string {
  const [first = '', second] = relative('.', dirname(file)).split('/');
  return first === 'lib' && second ? `lib/${second}` : first;
}
