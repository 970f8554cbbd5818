import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A fenced block of a page whose first line is a command: `$ tslab stats docs/examples/leak.json`. */
const BLOCK = /^```console\n\$ tslab ([^\n]*)\n[\s\S]*?^```$/gm;

/**
 * @param path the page's file, for messages
 * @param page its text, with such blocks; their arguments are separated by single spaces, there is no shell
 * @returns the page, each block with what the command prints now
 */
export function withOutputs(path: string, page = readFileSync(path, 'utf8')): string {
  return page.replace(BLOCK, (_, line: string) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/dev.js', ...line.split(' ')], {
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1' },
    });
    // 3 is a finding, which a page may well show.
    if (status !== 0 && status !== 3) throw new Error(`${path}: tslab ${line} ends with ${status}: ${stderr}`);
    return `\`\`\`console\n$ tslab ${line}\n${stdout}\`\`\``;
  });
}
