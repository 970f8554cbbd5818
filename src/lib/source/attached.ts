import { spawnSync } from 'node:child_process';
import { InputError, type TslabError, UsageError } from '../errors.ts';
import { samplesInWhole } from './bytes.ts';
import { statsDump } from './harness.ts';
import type { Rejected, Sample, Source } from './source.ts';

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
  const reader: Reader = { name, command: statsDump(), args: arguments_(target) };
  if (intervalMs === undefined) return { name, read: () => readOnce(reader) };
  const args = [...reader.args, '--interval', `${Math.max(1, intervalMs)}ms`];
  return { name, read: (signal) => readOn({ ...reader, args }, signal) };
}

interface Reader {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** A millisecond or two, for which nothing else need go on: waiting for it costs less than a stream. */
async function* readOnce({ name, command, args }: Reader): AsyncGenerator<Sample | Rejected> {
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  if (status === 0) {
    yield* samplesInWhole(stdout, name);
    return;
  }
  const why = error ? error.message : signal ? `ended by ${signal}` : `exit code ${status}`;
  const failure = new InputError('command-failed', `${name}: ${why}`);
  throw inItsWords(failure, status, error ? '' : stderr.toString('utf8').slice(0, KEEP_CHARS));
}

async function* readOn(reader: Reader, signal?: AbortSignal): AsyncGenerator<Sample | Rejected> {
  const { ProgramFailed, processSource } = await import('./process.ts');
  let said = '';
  const onStderr = (text: string) => {
    if (said.length < KEEP_CHARS) said += text;
  };
  try {
    yield* processSource({ ...reader, onStderr }).read(signal);
  } catch (error) {
    throw error instanceof ProgramFailed ? inItsWords(error, error.programExitCode, said) : error;
  }
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

function inItsWords(error: InputError, exitCode: number | null, said: string): TslabError {
  const [line] = said.match(/^stats_dump: .+/m) ?? [];
  const message = line?.replace('stats_dump: ', '');
  if (message === undefined) return error;
  return exitCode === AMBIGUOUS
    ? new UsageError('ambiguous-process', message)
    : new InputError('no-counters', message, `tslab ps lists what can be read`);
}
