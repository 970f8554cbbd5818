// dist/page/: what tslab serve shows in a browser, from src/page/. One script, one style sheet, everything inside.
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as esbuild from 'esbuild';

/** @param {string} root the package's directory @returns {Promise<string[]>} the files that went in */
export async function buildPage(root) {
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: { page: 'src/page/main.ts' },
    outdir: 'dist/page',
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'iife',
    target: ['chrome111', 'firefox115', 'safari16.4'],
    metafile: true,
    logLevel: 'warning',
    legalComments: 'none',
  });
  for (const name of ['index.html', 'icon.svg'])
    await copyFile(join(root, 'src/page', name), join(root, 'dist/page', name));
  return Object.keys(metafile.inputs);
}
