import { nativeBuild } from '../native.ts';

/** native/launch: what Node cannot do by itself. Arguments and environment reach the program byte for byte. */
export interface Launcher {
  /**
   * Becomes the program; returns only where that fails.
   * @param words how many words at the end of our command line are the program and its arguments
   * @param library put in front of LD_PRELOAD
   * @param variables `NAME=value`
   * @returns errno
   */
  become(words: number, library: string, variables: readonly string[]): number;
  /** Runs it as a child, passes signals on, stops when it stops. @returns status as of waitpid(2), or a negated errno where it was not started */
  run(words: number, library: string, variables: readonly string[]): { readonly pid: number; readonly status: number };
  /** Ends this process by a signal, without a core file. */
  endBy(signal: number): void;
  /** Whether the file has capabilities of its own, see capabilities(7). */
  givesCapabilities(path: string): boolean;
}

/** @throws InputError where it has not been built */
export function loadLauncher(): Launcher {
  const module = { exports: {} };
  process.dlopen(module, nativeBuild('launch.node', 'the launcher'));
  return module.exports as Launcher;
}
