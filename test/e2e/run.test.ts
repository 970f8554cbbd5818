import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { elfFile } from '../lib/launch/elf-file.ts';
import { installed, tslab } from './installed.ts';
import { TestTerminal } from './tmux.ts';
import { ended, until } from './waiting.ts';

const scratch = mkdtempSync(join(tmpdir(), 'tslab-run-'));
const counters = join(scratch, 'counters');
const env = { TSLAB_DIR: counters, TSLAB_UTC_OFFSET: '0' };
const native = join(installed.directory, 'node_modules/temporal-slab/native');
const started: ChildProcess[] = [];
const at = (name: string) => join(scratch, name);

beforeAll(() => {
  // What the message tells people to do who have just installed it: the packed sources must be all that it takes.
  expect(tslab(['run', '--', 'true'], { env })).toMatchObject({
    code: 4,
    stderr: expect.stringContaining(`make -C ${native}`),
  });
  execFileSync('make', ['-s', '-j2', '-C', native], { stdio: 'ignore', timeout: 250_000 });
  for (const name of ['signals', 'leak', 'steady'])
    execFileSync('gcc', ['-O1', '-fno-builtin', '-o', at(name), `test/e2e/programs/${name}.c`]);
  execFileSync('gcc', ['-static', '-o', at('static'), '-x', 'c', '-'], { input: 'int main(void) { return 0; }' });
}, 300_000);
afterEach(async () => {
  for (const child of started.splice(0)) await ended(child);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** tslab run at work, with pipes. */
function start(...args: string[]): ChildProcess {
  const child = spawn(installed.bin, ['run', ...args], { env: { ...process.env, ...env } });
  started.push(child);
  return child;
}

/** @returns what it has printed, as soon as that holds the text */
async function says(child: ChildProcess, wanted: RegExp): Promise<RegExpExecArray> {
  let said = '';
  for await (const text of child.stdout?.setEncoding('utf8').iterator({ destroyOnReturn: false }) ?? []) {
    said += text;
    const found = wanted.exec(said);
    if (found) return found;
  }
  throw new Error(`it ended, and said only: ${said}`);
}

const MODES = [[[]], [['--report']]];

describe.each(MODES)('a program run with %j', (mode) => {
  test.each([
    ['exit 0', 0, null],
    ['exit 7', 7, null],
    ['exit 255', 255, null],
    ['kill -TERM $$', null, 'SIGTERM'],
    ['kill -KILL $$', null, 'SIGKILL'],
    ['ulimit -c 0; kill -SEGV $$', null, 'SIGSEGV'],
    ['kill -INT $$', null, 'SIGINT'],
  ])('%s: its status is ours', (script, code, signal) => {
    const { status, signal: endedBy } = spawnSync(installed.bin, ['run', ...mode, '--', 'sh', '-c', script], {
      env: { ...process.env, ...env },
    });
    expect([status, endedBy]).toEqual([code, signal]);
  });

  test('gets arguments, environment and standard input byte for byte', () => {
    const words = String.raw`$'a b' '' $'\xff\xfe\n' --report -- '*' ü`;
    const script = `"$TSLAB" run ${mode.join(' ')} -- sh -c 'printf "%s|" "$@"; printf %s "$ODD"; cat' - ${words}`;
    const input = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 256));
    const odd = Buffer.from('odd \xff', 'latin1');
    const { stdout } = spawnSync('bash', ['-c', `export ODD=$'odd \\xff'; ${script}`], {
      input,
      env: { ...process.env, ...env, TSLAB: installed.bin },
      maxBuffer: 1 << 24,
    });
    const wanted = Buffer.concat([
      Buffer.from('a b||'),
      Buffer.from([0xff, 0xfe, 10]),
      Buffer.from('|--report|--|*|ü|'),
      odd,
      input,
    ]);
    expect(Buffer.compare(stdout, wanted)).toBe(0);
  });

  test('has the descriptors, the signals and the limits of core files that it would have had', () => {
    const status = 'grep -E "^Sig(Blk|Ign|Cgt)" /proc/self/status';
    const script = `${status}; ls /proc/self/fd | wc -l; cat <&5`;
    const run = (command: string, args: string[]) =>
      spawnSync(command, args, {
        stdio: ['ignore', 'pipe', 'pipe', 'ignore', 'ignore', openSync('package.json', 'r')],
        encoding: 'utf8',
        env: { ...process.env, ...env, TSLAB_COUNTERS: 'off' },
      }).stdout;
    const alone = run('sh', ['-c', script]).split('\n');
    // The library's own are for the tests of the library.
    const preloaded = run(installed.bin, ['run', ...mode, '--', 'sh', '-c', script]).split('\n');
    expect(preloaded.slice(0, 3)).toEqual(alone.slice(0, 3));
    expect(Number(preloaded[3])).toBeLessThanOrEqual(Number(alone[3]));
    expect(preloaded.slice(4)).toEqual(alone.slice(4));
  });

  test('is ended by a reader that leaves, as ever', () => {
    const line = `"$TSLAB" run ${mode.join(' ')} -- yes | head -1; echo "\${PIPESTATUS[0]}"`;
    const { stdout } = spawnSync('bash', ['-c', line], {
      encoding: 'utf8',
      env: { ...process.env, ...env, TSLAB: installed.bin },
    });
    expect(stdout).toBe('y\n141\n');
  });

  test.each([
    'SIGTERM',
    'SIGINT',
    'SIGHUP',
    'SIGQUIT',
    'SIGUSR1',
    'SIGUSR2',
  ] as const)('%s reaches it, once', async (signal) => {
    const child = start(...mode, '--', at('signals'));
    const closed = once(child, 'close');
    const heard: string[] = [];
    child.stdout?.setEncoding('utf8').on('data', (text: string) => heard.push(text));
    await until(() => heard.join('').includes('ready'));
    for (let i = 1; i <= 3; i++) {
      child.kill(signal);
      await until(() => heard.join('').split('got').length > i);
    }
    expect(await closed).toEqual([3, null]);
    expect(heard.join('').match(/got \d+/g)).toEqual(Array(3).fill(`got ${constants.signals[signal]}`));
  });

  test('in a terminal: Ctrl-C once, Ctrl-Z and fg, settings untouched', async () => {
    const terminal = new TestTerminal();
    try {
      const before = await terminal.settings();
      terminal.run(`export TSLAB_DIR=${counters}; ${installed.bin} run ${mode.join(' ')} -- ${at('signals')}`);
      await terminal.see(/^ready \d+$/m);
      terminal.press('C-c');
      await terminal.see(/got 2$/m);
      terminal.press('C-z');
      await terminal.see(/Stopped/);
      terminal.run('jobs -l');
      await terminal.see(/\d+ Stopped/);
      // What is typed before the program has the terminal is the shell's.
      expect(terminal.foreground()).toBe('bash');
      terminal.run('fg');
      await until(() => terminal.foreground() !== 'bash');
      terminal.press('C-c');
      await terminal.see((screen) => screen.split('got 2').length === 3);
      terminal.press('C-\\');
      terminal.run('echo "status $?"');
      const screen = await terminal.see(/status 3/);
      expect(screen.match(/got \d+/g)).toEqual(['got 2', 'got 2', 'got 3']);
      expect(await terminal.settings()).toBe(before);
    } finally {
      terminal.close();
    }
  });

  test.each([
    ['nothing', ['']],
    ['no such program', ['no-such-program']],
    ['no such path', ['/no/such/program']],
    ['a script whose interpreter is missing', [at('orphan')]],
  ])('%s: 127', (_, words) => {
    writeFileSync(at('orphan'), '#!/no/such/interpreter\n', { mode: 0o755 });
    expect(tslab(['run', ...mode, '--', ...words], { env })).toMatchObject({
      code: 127,
      stdout: '',
      stderr: expect.stringContaining('no such program'),
    });
  });

  test.each([
    ['a folder', scratch, 'is no program file'],
    ['not executable', at('plain'), 'may not be executed'],
    ['linked statically', at('static'), 'linked statically'],
    ['a script for a static program', at('static-script'), 'linked statically'],
    ['env to a static program', at('env-script'), 'linked statically'],
    ['of another machine', at('foreign'), 'built for another machine (ARM64, 64 bits)'],
    ['with another C library', at('musl'), 'musl'],
    ['set-user-ID', at('setuid'), 'more rights than yours'],
  ])('%s: 126, and why', (_, path, why) => {
    writeFileSync(at('plain'), 'echo', { mode: 0o644 });
    writeFileSync(at('static-script'), `#!${at('static')}\n`, { mode: 0o755 });
    writeFileSync(at('env-script'), `#!/usr/bin/env -S A=1 ${at('static')} -x\n`, { mode: 0o755 });
    const machine = process.arch === 'x64' ? 62 : 183;
    const bits = 64;
    const big = false;
    writeFileSync(at('foreign'), elfFile({ bits, big, machine: 245 - machine, interpreter: '/lib/ld-linux.so' }), {
      mode: 0o755,
    });
    writeFileSync(at('musl'), elfFile({ bits, big, machine, interpreter: '/lib/ld-musl-x86_64.so.1' }), {
      mode: 0o755,
    });
    if (!existsSync(at('setuid'))) copyFileSync('/bin/true', at('setuid'));
    chownSync(at('setuid'), 65534, 65534);
    chmodSync(at('setuid'), 0o4755);
    const { code, stdout, stderr } = tslab(['run', ...mode, '--', path], { env });
    expect([code, stdout]).toEqual([126, '']);
    expect(stderr).toContain(why.replace('ARM64', process.arch === 'x64' ? 'ARM64' : 'x86-64'));
  });

  test.each([
    ['ls -l /proc/self/exe', 0],
    ['env A=1 sh -c exit', 0],
    ['nohup sh -c exit', 0],
  ])('%s needs no --', (line, code) => {
    expect(tslab(['run', ...mode, ...line.split(' ')], { env }).code).toBe(code);
  });
});

describe('wrong usage', () => {
  test.each([
    [[]],
    [['--report']],
    [['--epoch', '1ms', 'true']],
    [['--epoch', '25h', 'true']],
    [['--epoch', 'soon', 'true']],
    [['--name', '', 'true']],
    [['--name', 'x'.repeat(64), 'true']],
    [['--name', 'a\nb', 'true']],
    [['--no-such-flag', '--', 'true']],
    [['--print-env', 'true']],
  ])('%j: 2', (args) => {
    expect(tslab(['run', ...args], { env })).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('what is run', () => {
  test('has the process id that the shell knows', async () => {
    const child = start('--', 'sh', '-c', 'echo $$');
    expect((await says(child, /\d+/))[0]).toBe(String(child.pid));
  });

  test('is seen by ps and top while it runs, and its leak is found by its second', async () => {
    const name = `leak-${process.pid}`;
    const child = start('--epoch', '1s', '--name', name, '--', at('leak'), '2');
    const [, second] = await says(child, /(\d\d:\d\d:\d\d) \d+\n/);
    const pid = String(child.pid);
    const ps = JSON.parse(tslab(['ps', '--json'], { env }).stdout).instances.find(
      (one: { pid: number }) => String(one.pid) === pid,
    );
    expect(ps).toMatchObject({ live: true, name, command: 'leak' });
    for (const source of [
      ['--pid', pid],
      ['--name', name],
    ]) {
      const { code, stdout } = tslab(['top', '--epochs', '--by', 'live_objects', '--n', '1', '--json', ...source], {
        env,
      });
      const { rows } = JSON.parse(stdout);
      expect([code, rows[0].label]).toEqual([0, second]);
      expect(rows[0].value).toBeGreaterThanOrEqual(3000);
    }
    const [largest] = JSON.parse(tslab(['top', '--by', 'live_objects', '--json', '--pid', pid], { env }).stdout).rows;
    expect(largest.object_size).toBe(256);
    child.stdin?.end();
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(readdirSync(counters).filter((file) => file.startsWith(`${pid}-`))).toEqual([]);
  });

  test('and in the report, when it has ended', async () => {
    const child = start('--report', '--output', at('last.json'), '--', at('leak'));
    let report = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      report += text;
    });
    const [, second, pid] = await says(child, /(\S+) (\d+)\n/);
    child.stdin?.end();
    expect(await once(child, 'close')).toEqual([0, null]);
    const lines = report.split('\n');
    expect(lines[0]).toMatch(/leak ended with exit code 0\. It still held 75\d KiB in 3,\d\d\d objects/);
    expect(lines.find((line) => line.startsWith(second as string))).toMatch(/ 3,\d\d\d +75\d KiB +\S+$/);
    expect(lines.find((line) => line.startsWith('256 B'))).toMatch(/ 3,0\d\d /);
    expect(readdirSync(counters).filter((file) => file.startsWith(`${pid}-`))).toEqual([]);
    const { rows } = JSON.parse(tslab(['top', '--epochs', '--by', 'live_bytes', '--json', at('last.json')]).stdout);
    expect(rows[0].label).toBe(second);
  });

  test.each(['1s', '10s'])('a steady leak has one rate, in the slices of %s where it began and ended too', (epoch) => {
    const { stderr } = tslab(['run', '--report', '--epoch', epoch, '--', at('steady'), '1400'], { env });
    const rows = [...stderr.matchAll(/^\d\d:\d\d:\d\d +([\d,]+) .* (\S+)$/gm)];
    expect(rows.length).toBeGreaterThan(0);
    for (const [row, objects, rate] of rows) {
      // In a slice of few objects, one more or less makes a difference.
      if (Number(objects?.replace(',', '')) < 100) continue;
      const perSecond = rate?.endsWith('k') ? Number(rate.slice(0, -1)) * 1000 : Number(rate);
      expect(Math.abs(perSecond - 1000), row).toBeLessThan(250);
    }
  });

  test('reports on the program that was meant, behind env and nohup', () => {
    for (const wrapper of [['env', 'A=1'], ['nohup']]) {
      const { code, stderr } = tslab(['run', '--report', '--', ...wrapper, at('leak')], { env });
      expect([code, / 3,0\d\d objects/.test(stderr)]).toEqual([0, true]);
    }
  });

  test('with children: each has counters of its own, and the report is on the first', () => {
    const script = `${at('leak')} </dev/null & wait; exit 5`;
    const { code, stderr } = tslab(['run', '--report', '--', 'sh', '-c', script], { env });
    expect(code).toBe(5);
    expect(stderr).not.toContain('3,0');
  });

  test('was killed: the report is on what it left', async () => {
    const child = start('--report', '--', at('leak'));
    let report = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      report += text;
    });
    const [, pid] = await says(child, / (\d+)\n/);
    process.kill(Number(pid), 'SIGKILL');
    expect(await once(child, 'close')).toEqual([null, 'SIGKILL']);
    // Killed at work, it has up to a hundred objects more than it has forgotten.
    expect(report).toMatch(/leak was ended by SIGKILL\. It still held (7[5-9]|8[0-3])\d KiB in 3,[01]\d\d objects/);
  });

  test('without counters: the report says so, and the status stays', () => {
    const { code, stderr } = tslab(['run', '--report', '--', 'sh', '-c', 'exit 3'], {
      env: { ...env, TSLAB_COUNTERS: 'off' },
    });
    expect([code, stderr.includes('It left no counters')]).toEqual([3, true]);
  });

  test('allocates nothing small: counters come with the first object, and the report says so first', () => {
    execFileSync('gcc', ['-o', at('idle'), '-x', 'c', '-'], { input: 'int main(void) { return 0; }' });
    const { code, stderr } = tslab(['run', '--report', '--', at('idle')], { env });
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(
        /idle ended with exit code 0\. It left no counters: it allocated nothing of up to 768 bytes, or /,
      ),
    ]);
  });

  test.each(['/no/such/folder/x', '/bin/sh/x', scratch, ''])('is not started where %j cannot be written', (output) => {
    expect(tslab(['run', '--report', '--output', output, '--', 'sh', '-c', 'echo started'], { env })).toEqual({
      code: output === '' ? 2 : 4,
      stdout: '',
      stderr: expect.stringMatching(/^tslab: (cannot write .*: (no such directory|is a directory)|--output needs)/),
    });
  });

  test('a file that can no longer be written costs neither its status nor the report', () => {
    mkdirSync(at('folder'));
    const script = `rmdir ${at('folder')}; exit 3`;
    const { code, stderr } = tslab(['run', '--report', '-o', at('folder/x'), '--', 'sh', '-c', script], { env });
    expect(code).toBe(3);
    expect(stderr).toMatch(/sh ended with exit code 3\. It (still held|freed)/);
    expect(stderr).toContain(`its last snapshot is lost: cannot write ${at('folder/x')}: no such directory`);
  });

  test('goes on with what was preloaded before, behind the allocator', () => {
    const library = execFileSync('gcc', ['-print-file-name=libm.so.6'], { encoding: 'utf8' }).trim();
    const { stdout } = tslab(['run', '--', 'sh', '-c', 'echo $LD_PRELOAD'], { env: { ...env, LD_PRELOAD: library } });
    expect(stdout).toBe(`${join(native, 'build/libtslab_preload.so')}:${library}\n`);
  });

  test('--print-env gives what env takes', () => {
    const { stdout } = tslab(['run', '--epoch', '1m', '--name', 'api', '--print-env'], { env });
    expect(stdout.split('\n')).toEqual([
      `LD_PRELOAD=${join(native, 'build/libtslab_preload.so')}`,
      'TSLAB_EPOCH=60000ms',
      'TSLAB_NAME=api',
      '',
    ]);
    const line = `env $("$TSLAB" run --print-env) sh -c 'grep -c libtslab_preload /proc/self/maps'`;
    const mapped = spawnSync('sh', ['-c', line], {
      encoding: 'utf8',
      env: { ...process.env, ...env, TSLAB: installed.bin },
    });
    expect(Number(mapped.stdout)).toBeGreaterThan(0);
  });

  test('where LD_PRELOAD cannot name the library, nothing is run', () => {
    const folder = at('with space');
    mkdirSync(folder);
    execFileSync('cp', ['-r', join(installed.directory, 'node_modules/temporal-slab'), folder]);
    const { status, stderr } = spawnSync(process.execPath, [join(folder, 'temporal-slab/bin/run.js'), 'run', 'true'], {
      encoding: 'utf8',
    });
    expect([status, stderr.includes('cannot name a path')]).toEqual([4, true]);
  });
});

test('--report stops and goes on with the program', async () => {
  const child = start('--report', '--', at('signals'));
  const [, pid] = await says(child, /ready (\d+)/);
  const stateOf = (id: unknown) => readFileSync(`/proc/${id}/stat`, 'utf8').split(') ')[1]?.[0];
  process.kill(Number(pid), 'SIGSTOP');
  await until(() => stateOf(child.pid) === 'T');
  child.kill('SIGCONT');
  await until(() => stateOf(pid) !== 'T' && stateOf(child.pid) !== 'T');
});
