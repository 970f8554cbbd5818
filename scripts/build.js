// Bundles src/ into dist/: one lazy chunk per command, everything they share in common chunks, all dependencies inside.
// Before that, compiles the JSON Schemas to validators; after it, writes oclif.manifest.json and the licences of what was bundled.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';
import { writeCommandTable } from './build/command-table.js';
import { joinStart } from './build/join-start.js';
import { writeLicences } from './build/licences.js';
import { buildPage } from './build/page.js';
import { OCLIF, slimOclif } from './build/slim-oclif.js';
import { compileValidators } from './build/validators.js';

/** What runs on a thread of its own is started by its file's name. */
const WORKERS = ['src/lib/server/password-worker.ts'];

const root = fileURLToPath(new URL('..', import.meta.url));

/** Builds everything that is not committed. */
export async function build() {
  await compileValidators(root);
  const commands = await writeCommandTable(root);
  const bundle = await esbuild.build({
    absWorkingDir: root,
    entryPoints: ['src/cli.ts', ...commands, ...WORKERS],
    outdir: 'dist',
    outbase: 'src',
    write: false,
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    metafile: true,
    logLevel: 'warning',
    legalComments: 'none',
    define: { 'import.meta.dirname': '__dirname' },
    plugins: [slimOclif],
  });
  await rm(join(root, 'dist'), { recursive: true, force: true });
  const chunks = await Promise.all(bundle.outputFiles.map(asCommonJs));
  for (const [path, code] of Object.entries(joinStart(root, Object.fromEntries(chunks), bundle.metafile.outputs))) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, code);
  }
  const oclif = await esbuild.build({
    absWorkingDir: root,
    stdin: { contents: OCLIF, resolveDir: root },
    outfile: 'dist/oclif.js',
    bundle: true,
    minify: true,
    keepNames: true,
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
    metafile: true,
    logLevel: 'warning',
    legalComments: 'none',
    // oclif loads it only to run commands from TypeScript sources, which a bundle has none of.
    external: ['typescript'],
  });
  await writeFile(join(root, 'dist/package.json'), '{"type":"commonjs","imports":{"#oclif":"./oclif.js"}}\n');
  const page = await buildPage(root);
  await writeLicences(root, [...Object.keys({ ...bundle.metafile.inputs, ...oclif.metafile.inputs }), ...page]);
  await writeManifest();
}

/**
 * esbuild splits ES modules only, and Node starts faster with CommonJS: each chunk is converted on its own.
 * @param {import('esbuild').OutputFile} chunk @returns {Promise<[path: string, code: string]>}
 */
async function asCommonJs({ path, text }) {
  const { code } = await esbuild.transform(text, {
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    supported: { 'dynamic-import': false },
    minify: true,
    // Stack traces of a bug report must name functions.
    keepNames: true,
  });
  return [path, code];
}

/** oclif reads command names, flags and help from the manifest and loads the one command that runs. */
async function writeManifest() {
  const { Plugin } = await import('@oclif/core');
  const plugin = new Plugin({
    root,
    type: 'core',
    ignoreManifest: true,
    errorOnManifestCreate: true,
    respectNoCacheDefault: true,
  });
  await plugin.load();
  await writeFile(join(root, 'oclif.manifest.json'), `${JSON.stringify(plugin.manifest, null, 2)}\n`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await build();
