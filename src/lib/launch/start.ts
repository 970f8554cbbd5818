import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { StartError } from '../errors.ts';
import { checkSettings, preloadLibrary, type Settings, variablesFor } from './environment.ts';
import { loadLauncher } from './launcher.ts';
import { judgeProgram } from './program.ts';

/** How a program ended: one of the two. */
export type Ending = { readonly exitCode: number } | { readonly signal: number };

export interface Ended {
  readonly pid: number;
  /** Both since 1970. */
  readonly startedMs: number;
  readonly endedMs: number;
  readonly ending: Ending;
}

/** @returns what the program's environment will have, `NAME=value` each @throws as startProgram */
export function environmentFor(settings: Settings): string[] {
  checkSettings(settings);
  const before = process.env['LD_PRELOAD'];
  return [`LD_PRELOAD=${preloadLibrary()}${before ? `:${before}` : ''}`, ...variables(settings)];
}

function variables(settings: Settings): string[] {
  return variablesFor(settings, process.env);
}

/**
 * Becomes a program, with the allocator preloaded.
 * @param words program and arguments; the last words of our own command line
 * @throws StartError where it cannot be started; UsageError; InputError where a part of tslab is not built
 */
export function becomeProgram(words: readonly string[], settings: Settings): never {
  const { launcher, library } = prepare(words, settings);
  throw notStarted(words, launcher.become(words.length, library, variables(settings)));
}

/** Runs a program, and waits for it, as a shell would. @throws as becomeProgram */
export function runProgram(words: readonly string[], settings: Settings): Ended {
  const { launcher, library } = prepare(words, settings);
  const startedMs = Date.now();
  const { pid, status } = launcher.run(words.length, library, variables(settings));
  const endedMs = Date.now();
  if (status < 0) throw notStarted(words, -status);
  const signal = status & 0x7f;
  return { pid, startedMs, endedMs, ending: signal === 0 ? { exitCode: (status >> 8) & 0xff } : { signal } };
}

/** Ends this process as the program has ended. */
export function endAs(ending: Ending): never {
  if ('signal' in ending) loadLauncher().endBy(ending.signal);
  process.exit('signal' in ending ? 128 + ending.signal : ending.exitCode);
}

/** @returns e.g. `ended with exit code 3`, `was ended by SIGSEGV` */
export function endingText(ending: Ending): string {
  if ('exitCode' in ending) return `ended with exit code ${ending.exitCode}`;
  const [name] = Object.entries(constants.signals).find(([, number]) => number === ending.signal) ?? [];
  return `was ended by ${name ?? `signal ${ending.signal}`}`;
}

function prepare(words: readonly string[], settings: Settings) {
  checkSettings(settings);
  const [library, launcher] = [preloadLibrary(), loadLauncher()];
  judgeProgram(words[0] ?? '', { library, launcher, env: process.env });
  return { library, launcher };
}

/** Of execvp(3) and fork(2). */
function notStarted([word]: readonly string[], errno: number): StartError {
  const code = getSystemErrorName(-errno);
  return code === 'ENOENT'
    ? new StartError('not-found', `${word}: no such program, or the interpreter that it asks for is missing`)
    : new StartError('not-started', `${word}: ${code === 'E2BIG' ? 'too many arguments, or too long' : code}`);
}
