import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fixturePath } from '../fixtures.ts';
import { installed } from './installed.ts';
import { TestTerminal } from './tmux.ts';
import { until } from './waiting.ts';

const DUMP = `${process.cwd()}/native/build/stats_dump`;
const STREAM = `${DUMP} steady --duration forever --rate 20000 --interval 200ms --no-text`;
const TSLAB = `NO_COLOR= ${installed.bin}`;
const EVENTS = fixturePath('watch-events.ndjson');

let terminal: TestTerminal;
beforeEach(() => {
  terminal = new TestTerminal();
});
afterEach(() => terminal.close());

/** Sends it to the one process of this terminal that has such a command line. */
function signal(terminal: TestTerminal, name: NodeJS.Signals, commandLine: RegExp): void {
  const found = terminal.pids(commandLine);
  expect(found).toHaveLength(1);
  process.kill(found[0] as number, name);
}

describe('the view', () => {
  test('shows a stream at work, and quits with the terminal as it was', async () => {
    const before = await terminal.settings();
    terminal.run(`${STREAM} | ${TSLAB} watch -; echo "left: $?"`);
    await terminal.see(/allocs\/s +\d.*k .*[▁▂▃▄▅▆▇█]/, /● live/, /1 Classes {2}2 Epochs {2}3 Labels/);
    expect(terminal.isFullScreen()).toBe(true);
    terminal.press('q');
    await terminal.see(/left: 0/);
    expect(terminal.isFullScreen()).toBe(false);
    expect(await terminal.settings()).toBe(before);
  });

  test('reads a command, and what that writes to stderr is a notice', async () => {
    terminal.run(`${TSLAB} watch --exec 'printf "a %s from the producer\\n" word >&2; ${STREAM}'`);
    await terminal.see(
      /allocs\/s +\d/,
      /a word from the producer/,
      (screen) => screen.split('\n').filter((line) => line.includes('a word')).length === 1,
    );
    terminal.press('q');
    await terminal.see(/^ready>\s*$/m);
  });

  test('without a source, the bundled harness works', async () => {
    terminal.run(`make -s -C ${process.cwd()}/native && node ${process.cwd()}/bin/run.js watch`);
    await terminal.see(/● live/);
    const [harness, ...others] = terminal.pids(/stats_dump/);
    expect([harness, others]).toEqual([expect.any(Number), []]);
    terminal.press('q');
    await terminal.see((screen) => !screen.includes('live'));
    await until(() => !existsSync(`/proc/${harness}`));
  });

  test('keys: tables, sort, reverse, filter, help, totals', async () => {
    terminal.run(`${TSLAB} watch ${EVENTS}`);
    await terminal.see(/ENDED/);
    terminal.press('2');
    await terminal.see(/CLOSING +background-worker-3/);
    terminal.press('3');
    await terminal.see(/epochs +domains.*RSS▼/);
    terminal.press('Tab');
    await terminal.see(/size +allocs\/s▼/);
    terminal.press('s');
    await terminal.see(/frees\/s▼/);
    terminal.press('r');
    await terminal.see(/frees\/s▲/);
    terminal.press('S');
    await terminal.see(/allocs\/s▲/);
    terminal.press('t');
    await terminal.see(/totals[\s\S]*allocs▲/);
    terminal.press('2', '/');
    await terminal.see(/filter: ▏/);
    terminal.type('WORK');
    await terminal.see(/1 of 3 shown.*filter: WORK▏/, (screen) => !screen.includes('ACTIVE'));
    terminal.press('Enter', '?');
    await terminal.see(/any key goes back/, /one sample back or forward/);
    terminal.press('x');
    await terminal.see(/filter: WORK$/m);
    terminal.press('Escape');
    await terminal.see(/3 shown/);
  });

  test('scrolls back through history, with the events where they happened', async () => {
    terminal.run(`${TSLAB} watch ${EVENTS}`);
    await terminal.see(/ENDED/);
    terminal.press('Left');
    await terminal.see(/PAUSED 15\/16[\s\S]*! the clock jumped/);
    terminal.press('Home');
    await terminal.see(/PAUSED 1\/16/);
    terminal.press('Right', 'Right', 'Right', 'Right', 'Right');
    await terminal.see(/PAUSED 6\/16[\s\S]*! 4 samples missed/);
    terminal.press('Right', 'Right');
    await terminal.see(/PAUSED 8\/16[\s\S]*! 3 counters went down/);
    terminal.press('End');
    await terminal.see(/ENDED/);
  });

  test('pauses while samples go on being recorded', async () => {
    terminal.run(`${STREAM} | ${TSLAB} watch -`);
    await terminal.see(/● live/);
    terminal.press('Space');
    const first = await terminal.see(/PAUSED \d+\/\d+/);
    const [at = 'no time'] = /\d\d:\d\d:\d\d\.\d{3} UTC/.exec(first) ?? [];
    await terminal.see(
      (screen) => {
        const [, shown = '', kept = ''] = /PAUSED (\d+)\/(\d+)/.exec(screen) ?? [];
        return Number(kept) > Number(shown) + 2;
      },
      (screen) => screen.includes(at),
    );
    terminal.press('Space');
    await terminal.see(/● live/);
  });

  test('takes another interval', async () => {
    terminal.run(`${TSLAB} watch --interval 500ms --exec '${DUMP} mixed --ops 10 --threads 1 --no-text'`);
    await terminal.see(/every 500ms/);
    terminal.press('-');
    await terminal.see(/every 200ms/);
    terminal.press('+', '+');
    await terminal.see(/every 1s/);
  });

  test('every run of a command is another process: no rates, and it says so', async () => {
    terminal.run(`${TSLAB} watch --interval 100ms --exec '${DUMP} mixed --ops 10 --threads 1 --no-text'`);
    await terminal.see(/! another process: pid \d+ → \d+/);
  });

  test('fits every size', async () => {
    terminal.run(`${TSLAB} watch ${EVENTS}`);
    await terminal.see(/ENDED/);
    for (const [columns, rows] of [
      [200, 50],
      [80, 24],
      [40, 10],
      [20, 5],
      [5, 2],
      [1, 1],
    ] as const) {
      terminal.resize(columns, rows);
      await terminal.see((screen) => screen.split('\n').slice(0, -1).length <= rows);
      expect(terminal.isFullScreen()).toBe(true);
    }
    terminal.resize(100, 30);
    await terminal.see(/ENDED/, /q quit/, /128B/, (screen) => screen.trimEnd().split('\n').length === 30);
  });

  test('hostile labels stay text, and no line is wider than the screen', async () => {
    terminal.run(`${TSLAB} watch ${fixturePath('hostile-labels.ndjson')}`);
    await terminal.see(/ENDED/);
    terminal.resize(140, 40);
    terminal.press('2');
    const screen = await terminal.see(
      /last close {4}epoch 1 .*: 32 KiB offered back, RSS .*, fell by/,
      (screen) => screen.includes('\\x1b[2J\\x1b]0;owned\\x07'),
      (screen) => screen.includes('\\u{202e}gnp.exe'),
      (screen) => screen.trimEnd().split('\n').length === 40,
    );
    expect(screen.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(screen.split('\n')[0]).toContain('\\x1b[31mred');
  });
});

describe('every way out puts the terminal back', () => {
  test.each([
    ['Ctrl-C', 130, (terminal: TestTerminal) => terminal.press('C-c')],
    ['SIGTERM', 143, (terminal: TestTerminal) => signal(terminal, 'SIGTERM', /node .*tslab watch/)],
    ['SIGHUP', 129, (terminal: TestTerminal) => signal(terminal, 'SIGHUP', /node .*tslab watch/)],
    ['SIGQUIT', 131, (terminal: TestTerminal) => signal(terminal, 'SIGQUIT', /node .*tslab watch/)],
  ])('%s', async (_, code, leave) => {
    const before = await terminal.settings();
    terminal.run(`${STREAM} | ${TSLAB} watch -; echo "left: $?"`);
    await terminal.see(/● live/);
    leave(terminal);
    await terminal.see(new RegExp(`left: ${code}`));
    expect(terminal.isFullScreen()).toBe(false);
    expect(await terminal.settings()).toBe(before);
  });

  test('an uncaught error is printed where it can be read', async () => {
    const before = await terminal.settings();
    const crash = "setTimeout(() => { throw new Error('crashed on purpose') }, 1500)";
    terminal.run(
      `NODE_OPTIONS='--import data:text/javascript,${encodeURIComponent(crash)}' ${TSLAB} watch ${EVENTS}; echo "left: $?"`,
    );
    const screen = await terminal.see(/left: \d+/);
    expect(screen).toContain('crashed on purpose');
    expect(terminal.isFullScreen()).toBe(false);
    expect(await terminal.settings()).toBe(before);
  });

  test('the producer killed: what was seen stays, and the exit code says it', async () => {
    const before = await terminal.settings();
    terminal.run(`${TSLAB} watch --exec '${STREAM}'; echo "left: $?"`);
    // Two snapshots: a command that ended after one would be asked again.
    await terminal.see(/allocs\/s +\d/);
    signal(terminal, 'SIGKILL', /^\S*stats_dump /);
    const why = /ended by SIGKILL|exit code 137/;
    await terminal.see(/ENDED/, /allocs\/s +\d/, why);
    terminal.press('q');
    expect(await terminal.see(/left: 4/)).toMatch(why);
    expect(await terminal.settings()).toBe(before);
  });

  test('Ctrl-Z gives the terminal back, and fg takes it again', async () => {
    terminal.run(`${TSLAB} watch ${EVENTS}`);
    await terminal.see(/ENDED/);
    terminal.press('C-z');
    await terminal.see(/Stopped/);
    expect(terminal.isFullScreen()).toBe(false);
    terminal.run('fg');
    await terminal.see(/ENDED/);
    terminal.press('q');
    await terminal.see(/^ready>\s*$/m);
  });

  test('no such file: said on the normal screen', async () => {
    const before = await terminal.settings();
    terminal.run(`${TSLAB} watch /does/not/exist; echo "left: $?"`);
    expect(await terminal.see(/left: 4/)).toContain('no such file');
    expect(await terminal.settings()).toBe(before);
  });

  test('--count ends the view', async () => {
    terminal.run(`${STREAM} | ${TSLAB} watch - --count 3; echo "left: $?"`);
    await terminal.see(/left: 0/);
  });
});

describe('top --watch', () => {
  test('refreshes in place until q', async () => {
    const before = await terminal.settings();
    terminal.run(`${STREAM} | ${TSLAB} top --window 200ms --by allocs --watch -; echo "left: $?"`);
    const first = await terminal.see(/classes by bitmap_alloc_attempts over [\s\S]*q quit/);
    await terminal.see(/q quit/, (screen) => screen !== first);
    terminal.press('q');
    await terminal.see(/left: 0/);
    expect(terminal.isFullScreen()).toBe(false);
    expect(await terminal.settings()).toBe(before);
  });
});
