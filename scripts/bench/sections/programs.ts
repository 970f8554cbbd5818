import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { CONTENDERS, type Contender, libraryPath, run } from '../contenders.ts';
import type { Run } from '../results.ts';
import { interleaved, type Plan, type Section } from '../task.ts';

/** Only who can be preloaded. */
const preloadable = CONTENDERS.filter(({ program }) => program === 'malloc');
const REDIS_REQUESTS = 200_000;

export const programs: Section = {
  name: 'programs',
  about: 'real programs, each allocator preloaded',
  timed: true,
  tasks: (plan) =>
    interleaved('programs', plan.quick ? 1 : 5, Object.keys(PROGRAMS), preloadable, (name, contender) => {
      const program = PROGRAMS[name];
      if (!program) throw new Error(name);
      return program(plan, contender);
    }),
};

const PROGRAMS: Record<string, (plan: Plan, contender: Contender) => Run | Promise<Run>> = {
  sqlite3: (plan, contender) =>
    used(plan, contender, ['sh', '-c', `exec sqlite3 :memory: < ${plan.root}/native/bench/programs/workload.sql`]),
  gcc: (plan, contender) => used(plan, contender, ['gcc', '-O1', '-c', '-o', '/dev/null', source(plan)]),
  python3: (plan, contender) =>
    used(plan, contender, ['/usr/bin/python3', `${plan.root}/native/bench/programs/workload.py`], {
      PYTHONMALLOC: 'malloc',
    }),
  redis,
};

/** How `usage` (native/bench/programs) is called; it sets LD_PRELOAD for the command alone. */
function usage(plan: Plan, contender: Contender, env: NodeJS.ProcessEnv = {}) {
  // Some programs link an allocator of their own choice: the C library's is asked for by name, too.
  const preload = contender.preload ? libraryPath(contender.preload, plan.build) : libraryPath('libc.so.6', plan.build);
  return {
    file: `${plan.build}/bench/usage`,
    result: `${plan.scratch}/usage.json`,
    env: { ...process.env, ...env, TSLAB_DIR: `${plan.scratch}/counters`, USAGE_PRELOAD: preload },
  };
}

/** What a command used. @throws when it fails */
function used(plan: Plan, contender: Contender, command: string[], extra: NodeJS.ProcessEnv = {}): Run {
  const { file, result, env } = usage(plan, contender, extra);
  const { status, stderr } = spawnSync(file, [result, ...command], { env, encoding: 'utf8', maxBuffer: 1 << 24 });
  if (status !== 0) throw new Error(`${command.join(' ')} under ${contender.id} ends with ${status}: ${stderr}`);
  return JSON.parse(readFileSync(result, 'utf8')) as Run;
}

/** A large C file, always the same: many functions with loops, tables and calls of each other. */
function source(plan: Plan): string {
  const path = `${plan.scratch}/large.c`;
  if (existsSync(path)) return path;
  const functions = Array.from(
    { length: plan.quick ? 100 : 700 },
    (_, i) => `
struct s${i} { int a, b; double c[${(i % 7) + 1}]; struct s${Math.max(0, i - 1)} *next; };
static const int table${i}[] = {${Array.from({ length: 16 }, (_, k) => (i * 37 + k * 101) % 997).join(', ')}};
int f${i}(struct s${i} *s, int n) {
  int sum = ${i};
  for (int i = 0; i < n; i++) {
    switch ((s->a + i) & 7) { ${Array.from({ length: 8 }, (_, k) => `case ${k}: sum += table${i}[(sum + ${k}) & 15] * s->b; break;`).join(' ')} }
    s->c[i % ${(i % 7) + 1}] += sum / (double)(i + 1);
  }
  return ${i > 0 ? `s->next ? f${i - 1}(s->next, n - 1) + sum : sum` : 'sum'};
}`,
  );
  writeFileSync(path, functions.join('\n'));
  return path;
}

/** The server under the allocator; the load comes from a program that is not. */
async function redis(plan: Plan, contender: Contender): Promise<Run> {
  const { file, result, env } = usage(plan, contender);
  const socket = `${plan.scratch}/redis.sock`;
  const server = spawn(
    file,
    [
      result,
      'redis-server',
      '--port',
      '0',
      '--unixsocket',
      socket,
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      plan.scratch,
    ],
    { env, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const ended = new Promise<number | null>((resolve) => server.on('close', resolve));
  try {
    for (let tries = 0; run('redis-cli', ['-s', socket, 'ping']) !== 'PONG'; tries++) {
      if (tries > 200 || server.exitCode !== null) throw new Error(`redis-server does not start under ${contender.id}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const requests = plan.quick ? REDIS_REQUESTS / 20 : REDIS_REQUESTS;
    const tests = 'set,get,lpush,hset,zadd';
    const load = [
      '-s',
      socket,
      '-n',
      `${requests}`,
      '-r',
      '50000',
      '-d',
      '200',
      '-c',
      '20',
      '-P',
      '16',
      '-t',
      tests,
      '-q',
    ];
    const started = process.hrtime.bigint();
    const { status, stderr } = spawnSync('redis-benchmark', load, { encoding: 'utf8' });
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    if (status !== 0) throw new Error(`redis-benchmark ends with ${status}: ${stderr}`);
    spawnSync('redis-cli', ['-s', socket, 'shutdown', 'nosave']);
    const serverStatus = await ended;
    if (serverStatus !== 0) throw new Error(`redis-server under ${contender.id} ends with ${serverStatus}`);
    return {
      ...(JSON.parse(readFileSync(result, 'utf8')) as Run),
      requests_per_sec: (requests * tests.split(',').length) / seconds,
    };
  } finally {
    if (server.exitCode === null) spawnSync('redis-cli', ['-s', socket, 'shutdown', 'nosave']);
  }
}
