// src/generated/commands.ts: every command's id with what loads it, from the files of src/commands/.
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** @param {string} root the package's directory @returns {Promise<string[]>} the commands' files, relative to the root */
export async function writeCommandTable(root) {
  const names = (await readdir(join(root, 'src/commands'), { recursive: true })).filter((name) => name.endsWith('.ts'));
  const rows = names.sort().map((name) => {
    const id = name.replace(/\.ts$/, '').replaceAll('/', ' ');
    return `  ${JSON.stringify(id)}: () => import('../commands/${name}'),\n`;
  });
  await mkdir(join(root, 'src/generated'), { recursive: true });
  await writeFile(
    join(root, 'src/generated/commands.ts'),
    `/** Command ids, words separated by a space. */\nexport const COMMANDS = {\n${rows.join('')}};\n`,
  );
  return names.map((name) => join('src/commands', name));
}
