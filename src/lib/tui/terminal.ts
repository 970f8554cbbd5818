import { closeSync, openSync, writeSync } from 'node:fs';
import { emitKeypressEvents } from 'node:readline';
import { ReadStream } from 'node:tty';

/** One key as a person pressed it: `a`, `G`, `up`, `pageup`, `return`, `escape`, `ctrl-c`. */
export type Key = string;

// Alternate screen, no cursor, no wrapping: a line that is measured too short is cut by the terminal instead of pushing the others down.
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';
// Terminals that know synchronised updates show the frame at once; the others ignore the marks.
const FRAME = '\x1b[?2026h\x1b[H';
const FRAME_END = '\x1b[?2026l';
// Before the text: after it, the cursor may stand on the last cell and not behind it.
const CLEAR_LINE = '\x1b[2K';

const STDOUT = 1;
const SIGQUIT_CODE = 131;

/**
 * The terminal in full-screen mode. However the process ends, short of SIGKILL, the terminal is as it was: process 'exit' fires on
 * every other way out, and before an uncaught error is printed its stack must have a screen to stand on.
 */
export class Terminal {
  readonly #input: ReadStream | undefined;
  readonly #ownsInput: boolean;
  #open = false;
  #onKey: (key: Key) => void = () => {};
  #onResize: () => void = () => {};

  constructor() {
    this.#ownsInput = process.stdin.isTTY !== true;
    this.#input = this.#ownsInput ? controllingTerminal() : process.stdin;
    if (this.#input) {
      emitKeypressEvents(this.#input);
      this.#input.on('keypress', this.#keypress);
      this.#input.on('error', () => {});
    }
    process.on('exit', this.leave);
    process.on('uncaughtExceptionMonitor', this.leave);
    process.on('SIGCONT', this.#continued);
    process.once('SIGQUIT', () => process.exit(SIGQUIT_CODE));
    process.stdout.on('resize', this.#resized);
    this.#enter();
  }

  /** 80 × 24 where the terminal does not say. */
  get columns(): number {
    return process.stdout.columns || 80;
  }
  get rows(): number {
    return process.stdout.rows || 24;
  }

  onKey(listener: (key: Key) => void): void {
    this.#onKey = listener;
  }

  onResize(listener: () => void): void {
    this.#onResize = listener;
  }

  /** Shows the lines from the top, all of the screen: what another process wrote into it is gone. @param lines as many as rows, safe text and colours only */
  draw(lines: readonly string[]): void {
    if (this.#open) process.stdout.write(`${FRAME}${lines.map((line) => CLEAR_LINE + line).join('\r\n')}${FRAME_END}`);
  }

  /** Leaves for good. */
  close(): void {
    this.leave();
    process.off('exit', this.leave);
    process.off('uncaughtExceptionMonitor', this.leave);
    process.off('SIGCONT', this.#continued);
    process.stdout.off('resize', this.#resized);
    this.#input?.off('keypress', this.#keypress);
    if (this.#ownsInput) this.#input?.destroy();
    else this.#input?.pause();
  }

  /** Suspends as the shell's Ctrl-Z does: the whole job, with the terminal given back meanwhile. */
  suspend(): void {
    this.leave();
    process.kill(0, 'SIGTSTP');
  }

  #enter(): void {
    this.#open = true;
    this.#input?.setRawMode(true);
    this.#input?.resume();
    writeNow(ENTER);
  }

  /** Synchronous: a process that ends has no other way of writing. */
  readonly leave = (): void => {
    if (!this.#open) return;
    this.#open = false;
    writeNow(LEAVE);
    try {
      this.#input?.setRawMode(false);
    } catch {
      // The terminal itself is gone.
    }
  };

  readonly #continued = (): void => {
    if (!this.#open) this.#enter();
    this.#onResize();
  };

  readonly #resized = (): void => this.#onResize();

  readonly #keypress = (
    text: string | undefined,
    key: { name?: string; ctrl?: boolean; meta?: boolean; sequence?: string },
  ): void => {
    if (key.ctrl && key.name === 'z') this.suspend();
    else if (key.ctrl && key.name) this.#onKey(`ctrl-${key.name}`);
    else if (key.meta && key.name && key.name !== 'escape') {
      // Terminals send Alt as Escape in front: somebody who types both fast means both.
      this.#onKey('escape');
      this.#onKey(key.name);
    }
    // What is printable is the character itself, so that `G` is not `g`.
    else if (text !== undefined && text.length > 0 && !/[\p{Cc}]/u.test(text)) this.#onKey(text);
    else if (key.name) this.#onKey(key.name);
  };
}

/** Keys come from the terminal even where stdin is the pipe that brings snapshots. @returns undefined where there is none */
function controllingTerminal(): ReadStream | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync('/dev/tty', 'r+');
    return new ReadStream(descriptor);
  } catch {
    if (descriptor !== undefined) closeSync(descriptor);
    return undefined;
  }
}

function writeNow(text: string): void {
  try {
    writeSync(STDOUT, text);
  } catch {
    // Nobody is there to see it.
  }
}
