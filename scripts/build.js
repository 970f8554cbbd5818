// Bundles src/ into dist/: one lazy chunk per command, everything they share in common chunks, all dependencies inside.
// Before that, compiles the JSON Schemas to validators; after it, writes oclif.manifest.json and the licences of what was bundled.
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';
import { lazyPackages } from './build/lazy-packages.js';
import { writeLicences } from './build/licences.js';
import { compileValidators } from './build/validators.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Builds everything that is not committed. */
export async function build() {
  await compileValidators(root);
  await rm(join(root, 'dist'), { recursive: true, force: true });
  const commands = (await readdir(join(root, 'src/commands'), { recursive: true })).filter((name) =>
    name.endsWith('.ts'),
  );
  const result = await esbuild.build({
    absWorkingDir: root,
    entryPoints: ['src/cli.ts', ...commands.map((name) => join('src/commands', name))],
    outdir: 'dist',
    outbase: 'src',
    bundle: true,
    splitting: true,
    minify: true,
    // Stack traces of a bug report must name functions.
    keepNames: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    metafile: true,
    logLevel: 'warning',
    legalComments: 'none',
    // oclif loads it only to run commands from TypeScript sources, which a bundle has none of.
    external: ['typescript'],
    plugins: [lazyPackages],
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
  });
  await writeLicences(root, Object.keys(result.metafile.inputs));
  await writeManifest();
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
