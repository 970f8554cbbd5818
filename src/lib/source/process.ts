import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { InputError, systemErrorCode } from '../errors.ts';
import { samplesIn } from './bytes.ts';
import { abortable } from './file.ts';
import type { Source } from './source.ts';

export interface Program {
  /** For messages. */
  readonly name: string;
  /** Program and arguments; a single shell command line where `shell` is true. */
  readonly command: string;
  readonly args?: readonly string[];
  readonly shell?: boolean;
  /** What to try when it cannot be started or fails. */
  readonly hint?: string;
  /** Takes what the program writes to stderr, hostile text in pieces of any size. Without it, that goes to ours. */
  readonly onStderr?: ((text: string) => void) | undefined;
}

export class ProgramFailed extends InputError {
  /** null: it could not be started, or was ended by a signal. */
  readonly programExitCode: number | null;
  constructor({ name, hint }: Program, { why, code }: Failure) {
    super('command-failed', `${name}: ${why}`, hint);
    this.programExitCode = code;
  }
}

interface Failure {
  readonly why: string;
  readonly code: number | null;
}

/**
 * Runs a program and reads what it prints. Its stderr goes to ours. It is ended when the caller stops reading.
 * @throws InputError (while reading) where it cannot be started or ends with a failure, after what it printed has been given
 */
export function processSource(program: Program): Source {
  return { name: program.name, read: (signal) => run(program, signal) };
}

async function* run(program: Program, signal?: AbortSignal) {
  const { name, command, args = [], shell = false, onStderr } = program;
  // A shell command may be a pipeline: its own process group lets all of it be ended.
  const child = spawn(command, args, {
    shell,
    stdio: ['ignore', 'pipe', onStderr ? 'pipe' : 'inherit'],
    detached: shell,
  }) as ChildProcessByStdio<null, Readable, Readable | null>;
  const ended = outcome(child);
  // Where there are no descriptors for pipes there are no streams, and the error comes later.
  if (!child.stdout) throw new ProgramFailed(program, (await ended) ?? { why: 'no pipes', code: null });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => onStderr?.(text));
  const end = () => stop(child, shell);
  process.once('exit', end);
  let failure: InputError | undefined;
  let finished = false;
  try {
    yield* samplesIn(abortable(child.stdout, signal), name);
    finished = !signal?.aborted;
  } catch (error) {
    // A command that failed explains an empty output better than the emptiness does.
    if (!(error instanceof InputError)) throw error;
    failure = error;
    // Where the caller has had enough, its silence says nothing of the command's end.
    finished = !signal?.aborted && (error.code === 'empty' || error.code === 'no-snapshot');
  } finally {
    if (!finished) end();
    process.off('exit', end);
  }
  // The child was told to end and no longer keeps this process alive: waiting for it could end us first.
  if (signal?.aborted) return;
  const problem = await ended;
  if (problem !== null) throw new ProgramFailed(program, problem);
  if (failure) throw failure;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such program',
  EACCES: 'not executable',
  EMFILE: 'no file descriptors left',
  ENFILE: 'no file descriptors left',
};

/** @returns null for a success */
async function outcome(child: ChildProcess): Promise<Failure | null> {
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    return code === 0 ? null : { why: code === null ? `ended by ${signal}` : `exit code ${code}`, code };
  } catch (error) {
    const code = systemErrorCode(error);
    return { why: REASONS[code ?? ''] ?? String(code), code: null };
  }
}

function stop(child: ChildProcess, group: boolean): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(group ? -child.pid : child.pid, 'SIGTERM');
  } catch {
    // It ended in between.
  }
  child.unref();
}
