// npm run bench:cli [-- --rounds N] [--snapshots N] [--node PATH]...
// What tslab costs, beside what Node alone costs, in the same run: times are compared only with times taken in turn with them.
// Needs a built tslab (npm start builds it). Prints Markdown.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '21' },
    snapshots: { type: 'string', default: '100000' },
    node: { type: 'string', multiple: true, default: [process.execPath] },
  },
});
const [rounds, snapshots] = [Number(values.rounds), Number(values.snapshots)];
const tslab = join(root, 'bin/run.js');
const snapshot = join(root, 'test/fixtures/generation-7.json');
const scratch = mkdtempSync(join(tmpdir(), 'tslab-bench-'));
const recording = join(scratch, 'recording.ndjson');
const tenth = join(scratch, 'tenth.ndjson');
// Written by each process as it ends: what the kernel counted of it. CPU time is the steadier measure where the machine has other work.
const usage = join(scratch, 'usage.json');
const reportUsage = join(scratch, 'report-usage.cjs');
const plainParse = join(scratch, 'plain-parse.cjs');
const STREAMED = `const child = require('node:child_process').spawn(process.argv[1], ['--pid', process.argv[2]]);
  const chunks = [];
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  child.on('close', () => Buffer.concat(chunks));`;
const dump = join(root, 'native/build/stats_dump');
const watched = spawn(dump, ['steady', '--duration', 'forever', '--rate', '1000', '--no-json', '--no-text'], {
  stdio: 'ignore',
  env: { ...process.env, TSLAB_DIR: join(scratch, 'counters') },
});

try {
  writeFileSync(
    reportUsage,
    `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(usage)}, JSON.stringify(process.resourceUsage())))`,
  );
  writeFileSync(
    plainParse,
    `(async () => {
      let rest = '';
      for await (const chunk of require('node:fs').createReadStream(process.argv[2], { encoding: 'utf8', highWaterMark: 256 * 1024 })) {
        const lines = (rest + chunk).split('\\n');
        rest = lines.pop();
        for (const line of lines) JSON.parse(line);
      }
    })()`,
  );
  makeRecording(tenth, snapshots / 10);
  const gigabytes = makeRecording(recording, snapshots) / 1e9;
  console.log(`${cpus()[0]?.model.trim()}, ${cpus().length} cores; ${process.platform} ${process.arch}\n`);
  for (const node of values.node) startUp(node);
  for (const node of values.node) attaching(node);
  for (const node of values.node) reading(node, gigabytes);
} finally {
  watched.kill('SIGKILL');
  rmSync(scratch, { recursive: true });
}

/** @param {string} node */
function startUp(node) {
  const commands = {
    'node -e 0': by(node, '-e', '0'),
    'tslab --version': by(node, tslab, '--version'),
    'tslab stats FILE': by(node, tslab, 'stats', snapshot),
  };
  const taken = inTurn(commands, rounds);
  const base = taken['node -e 0'];
  const over = (/** @type {number[]} */ values, /** @type {number[]} */ floor) =>
    `+${median(values.map((one, i) => one - (floor[i] ?? 0))).toFixed(1)}`;
  const rows = Object.entries(taken).map(([name, { ms, cpuMs, mib }]) => [
    name,
    median(ms).toFixed(1),
    over(ms, base?.ms ?? []),
    (median(ms) / median(base?.ms ?? [])).toFixed(2),
    over(cpuMs, base?.cpuMs ?? []),
    mib.toFixed(0),
  ]);
  console.log(`### Start, ${version(node)}, median of ${rounds}\n`);
  table(['command', 'ms', 'over node -e 0', 'ratio', 'CPU ms over node -e 0', 'peak MiB'], rows);
}

/** A process should be read at the price of tslab's start and of starting stats_dump from Node, each taken by itself. @param {string} node */
function attaching(node) {
  const pid = String(watched.pid);
  const taken = inTurn(
    {
      'tslab stats FILE': by(node, tslab, 'stats', snapshot),
      'tslab stats --pid P': by(node, tslab, 'stats', '--pid', pid),
      'node -e 0': by(node, '-e', '0'),
      'node -e, starting stats_dump --pid P': by(
        node,
        '-e',
        `require('node:child_process').spawnSync(${JSON.stringify(dump)}, ['--pid', '${pid}'])`,
      ),
      'the same, read as a stream': by(node, '-e', STREAMED, dump, pid),
      'stats_dump --pid P': [dump, '--pid', pid],
    },
    rounds,
  );
  console.log(`### Attaching, ${version(node)}, median of ${rounds}\n`);
  table(
    ['command', 'ms'],
    Object.entries(taken).map(([name, { ms }]) => [name, median(ms).toFixed(1)]),
  );
  const [file = [], both = [], none = [], spawned = []] = Object.values(taken).map(({ ms }) => ms);
  const less = (/** @type {number[]} */ a, /** @type {number[]} */ b) => median(a.map((ms, i) => ms - (b[i] ?? 0)));
  console.log(
    `\`--pid\` takes ${less(both, file).toFixed(1)} ms more than a file, and starting stats_dump from Node alone ${less(spawned, none).toFixed(1)} ms: medians of the differences.\n`,
  );
}

/** @param {string} node @param {number} gigabytes */
function reading(node, gigabytes) {
  const commands = {
    'JSON.parse line by line': by(node, plainParse, recording),
    'tslab stats RECORDING': by(node, tslab, 'stats', recording),
    'tslab stats, a tenth of it': by(node, tslab, 'stats', tenth),
  };
  const taken = inTurn(commands, 3);
  const base = taken['JSON.parse line by line'];
  const rows = Object.entries(taken).map(([name, { ms, cpuMs, mib }]) => {
    const size = name.endsWith('tenth of it') ? 10 : 1;
    const speed = (/** @type {number[]} */ own, /** @type {number[]} */ plain) =>
      size === 1 ? `${((median(plain) * 100) / median(own)).toFixed(0)} %` : '';
    return [
      name,
      (median(ms) / 1000).toFixed(2),
      speed(ms, base?.ms ?? []),
      (median(cpuMs) / 1000).toFixed(2),
      speed(cpuMs, base?.cpuMs ?? []),
      mib.toFixed(0),
    ];
  });
  console.log(`### Reading ${snapshots} snapshots (${gigabytes.toFixed(2)} GB), ${version(node)}, median of 3\n`);
  table(['command', 's', 'speed', 'CPU s', 'speed by CPU', 'peak MiB'], rows);
}

/** A command that says what it has used. @param {string} node @param {string[]} args */
function by(node, ...args) {
  return [node, '--require', reportUsage, ...args];
}

/**
 * Runs the commands in turn, so that whatever else the machine does falls on all of them.
 * @param {Record<string, string[]>} commands each a program and its arguments @param {number} times
 */
function inTurn(commands, times) {
  /** @type {Record<string, { ms: number[], cpuMs: number[], mib: number }>} */
  const taken = {};
  for (let round = -1; round < times; round++) {
    for (const [name, [program = '', ...args]] of Object.entries(commands)) {
      const started = process.hrtime.bigint();
      const { status } = spawnSync(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
      const ms = Number(process.hrtime.bigint() - started) / 1e6;
      if (status !== 0) throw new Error(`${name} ends with ${status}`);
      const { maxRSS, userCPUTime, systemCPUTime } = JSON.parse(readFileSync(usage, 'utf8'));
      taken[name] ??= { ms: [], cpuMs: [], mib: 0 };
      // The first round warms the page cache and the compile cache.
      if (round < 0) continue;
      taken[name].ms.push(ms);
      taken[name].cpuMs.push((userCPUTime + systemCPUTime) / 1000);
      taken[name].mib = Math.max(taken[name].mib, maxRSS / 1024);
    }
  }
  return taken;
}

/**
 * The snapshots that the harness streams in two seconds, over and over.
 * @param {string} path @param {number} count @returns {number} bytes
 */
function makeRecording(path, count) {
  const { stdout, status } = spawnSync(
    join(root, 'native/build/stats_dump'),
    ['steady', '--interval', '20ms', '--no-text'],
    { maxBuffer: 1 << 28 },
  );
  if (status !== 0) throw new Error(`stats_dump ends with ${status}`);
  const lines = stdout.toString('utf8').trimEnd().split('\n');
  const file = openSync(path, 'w');
  for (let done = 0; done < count; done += lines.length)
    writeSync(file, `${lines.slice(0, count - done).join('\n')}\n`);
  closeSync(file);
  return statSync(path).size;
}

/** @param {string} node */
function version(node) {
  return `Node ${spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim().slice(1)}`;
}

/** @param {number[]} values */
function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

/** @param {string[]} head @param {string[][]} rows */
function table(head, rows) {
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`;
  console.log([line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n'));
}
