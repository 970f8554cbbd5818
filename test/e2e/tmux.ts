import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PATIENT } from './waiting.ts';

const DEADLINE_MS = PATIENT.timeout;

/** A real terminal with a shell in it, which nobody else uses: a tmux server of its own. */
export class TestTerminal {
  readonly #socket = `tslab-test-${process.pid}-${Math.random().toString(36).slice(2)}`;
  readonly #scratch = mkdtempSync(join(tmpdir(), 'tslab-terminal-'));

  constructor(columns = 100, rows = 30) {
    this.#tmux(
      '-f',
      '/dev/null',
      'new-session',
      '-d',
      '-x',
      String(columns),
      '-y',
      String(rows),
      'bash --norc --noprofile',
    );
    this.#tmux('set-option', '-g', 'remain-on-exit', 'on');
    this.type("PS1='ready> '; PATH=$PATH");
    this.press('Enter');
  }

  /** Types text as it is. */
  type(text: string): void {
    this.#tmux('send-keys', '-l', text);
  }

  /** @param keys tmux's names: Enter, Escape, Left, C-c, or single characters */
  press(...keys: string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  run(command: string): void {
    this.type(command);
    this.press('Enter');
  }

  resize(columns: number, rows: number): void {
    this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** @returns the lines on the screen, colours left out */
  screen(): string {
    return this.#tmux('capture-pane', '-p');
  }

  /** @returns the same with the escape sequences that colour it */
  colours(): string {
    return this.#tmux('capture-pane', '-p', '-e');
  }

  /** @returns the window's title, which a program may set */
  title(): string {
    return this.#tmux('display-message', '-p', '#{pane_title}');
  }

  /** @returns the name of the program that has the terminal now: the one that keys such as Ctrl-C reach */
  foreground(): string {
    return this.#tmux('display-message', '-p', '#{pane_current_command}').trim();
  }

  /** @returns the process ids of what the shell started, and what that started, and has such a command line */
  pids(commandLine: RegExp): number[] {
    const below = new Set([Number(this.#tmux('display-message', '-p', '#{pane_pid}'))]);
    const found: number[] = [];
    // Parents come before their children.
    const all = execFileSync('ps', ['-eo', 'pid=,ppid=,args=', '--sort', 'start_time'], { encoding: 'utf8' });
    for (const [, pid, parent, line = ''] of all.matchAll(/^ *(\d+) +(\d+) (.*)$/gm)) {
      if (!below.has(Number(parent))) continue;
      below.add(Number(pid));
      if (commandLine.test(line)) found.push(Number(pid));
    }
    return found;
  }

  /** @returns true while a full-screen program has the screen */
  isFullScreen(): boolean {
    return this.#tmux('display-message', '-p', '#{alternate_on}').trim() === '1';
  }

  /**
   * @param wanted all of it: a screen may be looked at while it is half drawn, so what a test expects below or after something else is to be
   *   wanted as well, not expected of what is returned
   * @returns the screen as soon as it holds what is wanted
   * @throws Error with the last screen where it never does
   */
  async see(...wanted: (RegExp | ((screen: string) => boolean))[]): Promise<string> {
    for (const end = Date.now() + DEADLINE_MS; ; ) {
      const screen = this.screen();
      const missing = wanted.filter((one) => !(typeof one === 'function' ? one(screen) : one.test(screen)));
      if (missing.length === 0) return screen;
      if (Date.now() > end) throw new Error(`never on the screen: ${missing.join(' and ')}\n${screen}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** @returns all of the terminal's settings, as stty prints them in the shell itself */
  async settings(): Promise<string> {
    const path = join(this.#scratch, `stty-${Math.random()}`);
    this.run(`stty -a > ${path}; echo "wrote"_settings`);
    await this.see(/wrote_settings/);
    this.run('clear');
    await this.see((screen) => !screen.includes('wrote_settings'));
    return readFileSync(path, 'utf8');
  }

  close(): void {
    spawnSync('tmux', ['-L', this.#socket, 'kill-server']);
    rmSync(this.#scratch, { recursive: true, force: true });
  }

  #tmux(...args: string[]): string {
    const env = { ...process.env, LC_ALL: 'C.UTF-8', TMUX: '' };
    return execFileSync('tmux', ['-L', this.#socket, ...args], { encoding: 'utf8', env });
  }
}
