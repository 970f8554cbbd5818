// npm run generate             rewrites the committed files that follow from the metric catalogue
// npm run generate -- --check  fails, naming them, where they differ
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const check = process.argv.includes('--check');
const directory = await mkdtemp(join(root, 'node_modules/.generate-'));
let drifted = 0;
try {
  const outfile = join(directory, 'files.mjs');
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: ['scripts/generate/files.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
  });
  const { FILES } = await import(pathToFileURL(outfile).href);
  for (const [path, make] of Object.entries(FILES)) {
    const wanted = make();
    const found = await readFile(join(root, path), 'utf8').catch(() => '');
    if (wanted === found) continue;
    drifted++;
    if (!check) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), wanted);
    }
    console.log(`${check ? 'differs' : 'wrote'}: ${path}`);
  }
} finally {
  await rm(directory, { recursive: true });
}
if (check && drifted > 0) {
  console.log("run 'npm run generate' and commit what it wrote");
  process.exitCode = 1;
}
