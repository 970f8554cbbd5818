// npm run bench [-- --help]: bundles scripts/bench/main.ts and runs it.
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { reportAndExit, setup } = await import('./setup.js');
try {
  setup('bench');
} catch (error) {
  reportAndExit(error);
}
const esbuild = await import('esbuild');
const directory = await mkdtemp(join(root, 'node_modules/.bench-'));
try {
  const outfile = join(directory, 'main.mjs');
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: ['scripts/bench/main.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'warning',
  });
  const { main } = await import(pathToFileURL(outfile).href);
  process.exitCode = await main(process.argv.slice(2), root);
} finally {
  await rm(directory, { recursive: true });
}
