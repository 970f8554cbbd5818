import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { InputError } from '../errors.ts';
import { statsDump } from './harness.ts';

/** Of 16 KB a snapshot, far above what the processes of one machine need. */
const MOST_CHARS = 1 << 28;
/** Who scrapes waits for ten seconds, as a rule: an answer that says why there is none must come before. */
const PATIENCE_MS = 8_000;
/** What it said of its own failure is a line or two. */
const KEEP_CHARS = 4096;

interface Asked {
  readonly resolve: (answer: string) => void;
  readonly reject: (error: InputError) => void;
  readonly timer: NodeJS.Timeout;
  readonly chunks: string[];
  chars: number;
}

/**
 * A stats_dump that answers each line on its standard input with lines and an empty line, so that a reading costs no new process.
 * It ends with ours, whatever ours ends of: its standard input does.
 */
export class OnRequest {
  readonly #args: readonly string[];
  #child: ChildProcessWithoutNullStreams | undefined;
  #asked: Asked | undefined;
  #before: Promise<unknown> = Promise.resolve();

  constructor(args: readonly string[]) {
    this.#args = args;
  }

  /**
   * @returns its lines, one question after the other
   * @throws InputError where it ends or is silent; the next question starts another
   */
  ask(): Promise<string> {
    const answer = this.#before.then(() => this.#ask());
    this.#before = answer.catch(() => {});
    return answer;
  }

  close(): void {
    // It has nothing to lose, and one that is stopped would not hear of anything else.
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }

  #ask(): Promise<string> {
    this.#child ??= this.#start();
    const { stdin } = this.#child;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#fail('no answer'), PATIENCE_MS);
      this.#asked = { resolve, reject, timer, chunks: [], chars: 0 };
      stdin.write('\n');
    });
  }

  #start(): ChildProcessWithoutNullStreams {
    const child = spawn(statsDump(), this.#args, { stdio: 'pipe' });
    // First of all: where there are no descriptors for pipes there are no streams, and the error comes later.
    child.on('error', (error) => child === this.#child && this.#fail(error.message));
    if (!child.stdin) throw cannotRead('stats_dump cannot be started: no file descriptors left');
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (said.length < KEEP_CHARS) said += text;
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => child === this.#child && this.#take(text));
    // It has ended, and 'close' says so.
    child.stdin.on('error', () => {});
    child.on('close', () => child === this.#child && this.#fail(said.trim() || 'stats_dump has ended'));
    return child;
  }

  #take(text: string): void {
    const asked = this.#asked;
    if (!asked) return;
    asked.chunks.push(text);
    asked.chars += text.length;
    if (asked.chars > MOST_CHARS) {
      this.#fail('an answer without end');
      return;
    }
    const end = (asked.chunks.at(-2)?.slice(-1) ?? '') + text.slice(-2);
    if (!end.endsWith('\n\n') && !(asked.chars === 1 && text === '\n')) return;
    clearTimeout(asked.timer);
    this.#asked = undefined;
    asked.resolve(asked.chunks.join(''));
  }

  #fail(why: string): void {
    this.close();
    const asked = this.#asked;
    this.#asked = undefined;
    clearTimeout(asked?.timer);
    asked?.reject(cannotRead(why));
  }
}

function cannotRead(why: string): InputError {
  return new InputError('command-failed', `the processes cannot be read: ${why}`);
}
