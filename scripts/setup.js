// Makes a fresh clone usable: node_modules, compiler, built harness, built tslab. Needs nothing but Node itself.
// What can be installed is installed (npm ci; apt-get as root); what cannot is named exactly, with the command that would do it.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Programs that must be there: the command that proves it, and Debian's package.
 * npm start needs those for `start`, npm run demo:monitoring those for `demo` too, npm run bench those for `bench` too, npm test all.
 * Add a row for what a suite needs.
 * @type {{ command: string, package: string, for: 'start' | 'demo' | 'bench' | 'test' }[]}
 */
const PROGRAMS = [
  { command: 'gcc --version', package: 'gcc', for: 'start' },
  { command: 'make --version', package: 'make', for: 'start' },
  { command: 'echo "#include <stdio.h>" | gcc -E -x c - -o /dev/null', package: 'libc6-dev', for: 'start' },
  { command: 'git --version', package: 'git', for: 'test' },
  { command: 'unshare --version && setpriv --version', package: 'util-linux', for: 'test' },
  { command: 'valgrind --version', package: 'valgrind', for: 'bench' },
  { command: library('libjemalloc.so.2'), package: 'libjemalloc2', for: 'bench' },
  { command: library('libmimalloc.so.2'), package: 'libmimalloc2.0', for: 'bench' },
  { command: library('libtcmalloc_minimal.so.4'), package: 'libtcmalloc-minimal4', for: 'bench' },
  { command: 'sqlite3 --version', package: 'sqlite3', for: 'bench' },
  {
    command: 'redis-server --version && redis-cli --version && redis-benchmark --version',
    package: 'redis-server',
    for: 'bench',
  },
  { command: '/usr/bin/python3 --version', package: 'python3', for: 'bench' },
  { command: 'aarch64-linux-gnu-gcc --version', package: 'gcc-aarch64-linux-gnu', for: 'bench' },
  { command: 'test -e /usr/aarch64-linux-gnu/include/stdio.h', package: 'libc6-dev-arm64-cross', for: 'bench' },
  { command: 'strace --version', package: 'strace', for: 'test' },
  { command: 'tmux -V', package: 'tmux', for: 'test' },
  { command: 'xmllint --version', package: 'libxml2-utils', for: 'test' },
  { command: 'zsh --version', package: 'zsh', for: 'test' },
  { command: 'prometheus --version && promtool --version', package: 'prometheus', for: 'demo' },
  { command: 'prometheus-alertmanager --version && amtool --version', package: 'prometheus-alertmanager', for: 'demo' },
  { command: 'prometheus-node-exporter --version', package: 'prometheus-node-exporter', for: 'test' },
  { command: 'command -v victoria-metrics vmalert', package: 'victoria-metrics', for: 'test' },
  { command: 'systemd-analyze --version', package: 'systemd', for: 'test' },
  {
    command: '/usr/bin/python3 -c "import prometheus_client.openmetrics.parser"',
    package: 'python3-prometheus-client',
    for: 'test',
  },
  { command: '/usr/bin/chromium --version', package: 'chromium', for: 'test' },
  { command: 'fish --version', package: 'fish', for: 'test' },
  // Programs that are run under the preload library.
  { command: 'g++ --version', package: 'g++', for: 'test' },
  { command: 'test -e /usr/lib/python3.11/test/test_dict.py', package: 'libpython3.11-testsuite', for: 'test' },
  { command: 'memcached --version', package: 'memcached', for: 'test' },
  { command: '/usr/sbin/nginx -v', package: 'nginx-light', for: 'test' },
  { command: 'ab -V', package: 'apache2-utils', for: 'test' },
  { command: 'curl --version', package: 'curl', for: 'test' },
  { command: 'openssl version', package: 'openssl', for: 'test' },
];

/** A shared library that the compiler, and so the dynamic linker, finds. @param {string} file */
function library(file) {
  return `test "$(gcc -print-file-name=${file})" != ${file}`;
}

/** Ends setup with what is missing and how to get it. */
export class SetupFailed extends Error {}

/**
 * @param {'start' | 'demo' | 'bench' | 'test'} purpose
 * @throws {SetupFailed}
 */
export function setup(purpose) {
  checkNode();
  installPrograms(
    PROGRAMS.filter((program) => purpose === 'test' || program.for === 'start' || program.for === purpose),
  );
  installPackages();
  run('building the harness', 'make', ['-s', '-C', 'native', '-j2']);
  run('building tslab', process.execPath, ['scripts/build.js']);
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    throw new SetupFailed(`Node 20.19 or later is needed, this is ${process.version}`);
}

/** @param {typeof PROGRAMS} programs */
function installPrograms(programs) {
  const missing = programs.filter(({ command }) => !works(command)).map((program) => program.package);
  if (missing.length === 0) return;
  const command = `apt-get install -y ${missing.join(' ')}`;
  if (process.getuid?.() !== 0 || !works('apt-get --version'))
    throw new SetupFailed(`missing: ${missing.join(', ')}. Install with: ${command}`);
  say(`installing ${missing.join(', ')}`);
  // RUNLEVEL 1: no service of an installed package is started.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const apt = (/** @type {string} */ line) =>
    spawnSync('sh', ['-c', line], { stdio: ['ignore', 2, 2], env }).status === 0;
  // Servers are for tests to start; installing one must not.
  const policy = '/usr/sbin/policy-rc.d';
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  const installed =
    apt(`${command} --no-install-recommends`) || (apt('apt-get update') && apt(`${command} --no-install-recommends`));
  if (ours) rmSync(policy);
  if (!installed) throw new SetupFailed(`could not install: ${missing.join(', ')} (tried: ${command})`);
}

/** npm ci, unless node_modules was made from this very lock file by this Node version. */
function installPackages() {
  const stamp = join(root, 'node_modules', '.made-from');
  const wanted = `${createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')} ${process.version}\n`;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  run('npm ci', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(stamp, wanted);
}

/** @param {string} what @param {string} command @param {string[]} args */
function run(what, command, args) {
  say(what);
  // Progress belongs to stderr: stdout of npm start is tslab's.
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new SetupFailed(`failed: ${command} ${args.join(' ')}`);
}

/** @param {string} command */
function works(command) {
  return spawnSync('sh', ['-c', command], { stdio: 'ignore' }).status === 0;
}

/** @param {string} text */
function say(text) {
  process.stderr.write(`setup: ${text}\n`);
}

/** @param {unknown} error */
export function reportAndExit(error) {
  if (!(error instanceof SetupFailed)) throw error;
  process.stderr.write(`setup: ${error.message}\n`);
  process.exit(1);
}
