import { InputError, type TslabError, UsageError } from '../errors.ts';
import { statsDump } from './harness.ts';
import { ProgramFailed, processSource } from './process.ts';
import type { Source } from './source.ts';

/** Which allocator of which process. */
export interface Target {
  /** A process id, or the name of an instance or command: one of the two. */
  readonly pid?: string | undefined;
  readonly name?: string | undefined;
  /** The number of the instance, where the process has several. */
  readonly instance?: string | undefined;
  /** What a process that has ended left, and nothing of a live one. */
  readonly postMortem?: boolean | undefined;
}

/** What stats_dump said of its own failure is a line or two. */
const KEEP_CHARS = 4096;

/**
 * A process at work, or what a dead one left, read by the bundled stats_dump. The process notices nothing.
 * The last snapshot of a process that ends meanwhile has `process.live` false, and the source ends.
 * @param intervalMs time between snapshots, at least 1; undefined: one snapshot
 */
export function attachedSource(target: Target, intervalMs?: number): Source {
  const name = target.pid === undefined ? `'${target.name}'` : `process ${target.pid}`;
  const command = statsDump();
  const args = [
    ...arguments_(target),
    ...(intervalMs === undefined ? [] : ['--interval', `${Math.max(1, intervalMs)}ms`]),
  ];
  return {
    name,
    async *read(signal) {
      let said = '';
      const onStderr = (text: string) => {
        if (said.length < KEEP_CHARS) said += text;
      };
      try {
        yield* processSource({ name, command, args, onStderr }).read(signal);
      } catch (error) {
        throw error instanceof ProgramFailed ? inItsWords(error, said) : error;
      }
    },
  };
}

function arguments_({ pid, name, instance, postMortem }: Target): string[] {
  return [
    ...(pid === undefined ? [] : ['--pid', pid]),
    ...(name === undefined ? [] : [`--name=${name}`]),
    ...(instance === undefined ? [] : ['--instance', instance]),
    ...(postMortem ? ['--post-mortem'] : []),
  ];
}

/** Several instances to choose from, which a flag settles. */
const AMBIGUOUS = 2;

function inItsWords(error: ProgramFailed, said: string): TslabError {
  const [line] = said.match(/^stats_dump: .+/m) ?? [];
  const message = line?.replace('stats_dump: ', '');
  if (message === undefined) return error;
  return error.programExitCode === AMBIGUOUS
    ? new UsageError('ambiguous-process', message)
    : new InputError('no-counters', message, `tslab ps lists what can be read`);
}
