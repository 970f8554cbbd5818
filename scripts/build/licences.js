// The licences of bundled packages ask to travel with their code.
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * @param {string} root the package's directory
 * @param {string[]} inputs paths of the files that went into the bundle
 */
export async function writeLicences(root, inputs) {
  const packages = new Set(
    inputs
      .flatMap((path) => path.replace(/^lazy:/, '').match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0] ?? [])
      .map((path) => join(root, path.slice(path.indexOf('node_modules')))),
  );
  const parts = [];
  for (const directory of [...packages].sort()) {
    if (!existsSync(join(directory, 'package.json'))) continue;
    const { name, version, license } = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'));
    const file = (await readdir(directory)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
    const text = file ? await readFile(join(directory, file), 'utf8') : `Licence: ${license}\n`;
    parts.push(`${name} ${version}\n\n${text.trim()}\n`);
  }
  await writeFile(join(root, 'dist/THIRD-PARTY.txt'), parts.join(`\n${'-'.repeat(80)}\n\n`));
}
