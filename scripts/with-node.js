// node scripts/with-node.js VERSION COMMAND [ARGUMENT...]: runs a command of node_modules/.bin, and every node it starts, on another version of Node.
// The version comes as the npm package that holds nothing but the binary, once, into node_modules/.cache.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [version = '', command = '', ...args] = process.argv.slice(2);
const directory = join(root, 'node_modules/.cache', `node-${version}`);
if (!existsSync(directory)) fetchNode();
const path = [join(directory, 'bin'), join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter);
const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, PATH: path } });
process.exitCode = status ?? 1;

function fetchNode() {
  const part = `${directory}.part`;
  const name = `node-${process.platform}-${process.arch}@${version}`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  run('npm', ['pack', '--silent', '--pack-destination', part, name]);
  run('sh', ['-c', 'tar xzf *.tgz --strip-components=1 && rm *.tgz && bin/node --version'], part);
  renameSync(part, directory);

  /** @param {string} program @param {string[]} words @param {string} [cwd] */
  function run(program, words, cwd) {
    if (spawnSync(program, words, { stdio: ['ignore', 2, 2], cwd }).status === 0) return;
    console.error(`cannot get Node ${version}: ${program} ${words.join(' ')} failed`);
    process.exit(1);
  }
}
