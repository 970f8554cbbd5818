import { run } from '@oclif/core/run';
import { settings } from '@oclif/core/settings';
import { ExitCode, FindingsFound, systemErrorCode, TslabError } from './lib/errors.ts';
import { note, OutputClosed } from './lib/output.ts';
import { packageRoot } from './lib/package-root.ts';
import { forTerminal } from './lib/render/safe-text.ts';

/** 128 + signal number, as a shell reports a program that the signal ended. */
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
/** Nobody reads our output any more: what a program ended by SIGPIPE reports. Not 0, so that a gate whose verdict was never read does not pass. */
const SIGPIPE = 141;

/**
 * Runs tslab and sets the process's exit code: the only place that maps errors to exit codes.
 * Whatever must be undone on the way out (a terminal's mode, a child process) hangs on process 'exit', which every way out fires.
 * @param argv arguments without node and the script
 */
export async function main(argv: string[]): Promise<void> {
  for (const [signal, code] of Object.entries(SIGNALS)) process.once(signal, () => process.exit(code));
  process.stdout.on('error', (error) =>
    process.exit(report(systemErrorCode(error) === 'EPIPE' ? new OutputClosed() : error)),
  );
  process.stderr.on('error', () => {});
  // What runs is the bundle: oclif must not look for TypeScript sources beside it.
  settings.enableAutoTranspile = false;
  try {
    await run(argv, { root: packageRoot() });
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** Tells the person what happened. @returns the exit code */
function report(error: unknown): number {
  if (error instanceof OutputClosed) return SIGPIPE;
  if (error instanceof FindingsFound) return error.exitCode;
  if (error instanceof TslabError) {
    explain(error.message, error.hint);
    return error.exitCode;
  }
  const usage = oclifExit(error);
  if (usage === 0) return ExitCode.ok;
  if (usage !== undefined && error instanceof Error) {
    explain(error.message.replace(/\nSee more help with --help$/, ''), 'see --help');
    return ExitCode.usage;
  }
  const code = systemErrorCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EIO') {
    explain(`cannot write the output: ${code === 'EIO' ? 'input/output error' : 'no space left'}`);
    return ExitCode.input;
  }
  explain(
    error instanceof Error ? (error.stack ?? error.message) : String(error),
    'this is a bug in tslab: please report it with the lines above',
  );
  return ExitCode.bug;
}

/** oclif marks what it throws: 0 after --help and the like, anything else for arguments it refuses. */
function oclifExit(error: unknown): number | undefined {
  const mark = error instanceof Error && 'oclif' in error ? (error.oclif as { exit?: unknown }).exit : undefined;
  return typeof mark === 'number' ? mark : undefined;
}

function explain(message: string, hint?: string): void {
  for (const [i, line] of message.split('\n').entries()) note(`${i === 0 ? 'tslab: ' : '  '}${forTerminal(line)}`);
  if (hint) note(`  hint: ${forTerminal(hint)}`);
}
