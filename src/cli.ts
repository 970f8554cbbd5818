import { COMMANDS } from './generated/commands.ts';
import { ExitCode, FindingsFound, systemErrorCode, TslabError } from './lib/errors.ts';
import { note, OutputClosed } from './lib/output.ts';
import { forTerminal } from './lib/render/safe-text.ts';
import { endOnSignal } from './lib/signals.ts';
import { usageHint, usageText } from './lib/usage-text.ts';

/** Nobody reads our output any more: what a program ended by SIGPIPE reports. Not 0, so that a gate whose verdict was never read does not pass. */
const SIGPIPE = 141;

/**
 * Runs tslab and sets the process's exit code: the only place that maps errors to exit codes.
 * Whatever must be undone on the way out (a terminal's mode, a child process) hangs on process 'exit', which every way out fires.
 * @param argv arguments without node and the script
 */
export async function main(argv: string[]): Promise<void> {
  endOnSignal();
  process.stdout.on('error', (error) =>
    process.exit(report(systemErrorCode(error) === 'EPIPE' ? new OutputClosed() : error)),
  );
  process.stderr.on('error', () => {});
  try {
    if (!(await startKnown(argv))) await (await import('./lib/oclif.ts')).runOclif(argv, Object.keys(COMMANDS));
  } catch (error) {
    process.exitCode = report(error);
  }
}

const HELP = ['--help', '-h'];

/** @returns false where it takes all of oclif to know what is meant: help, no command, an unknown one */
async function startKnown(argv: string[]): Promise<boolean> {
  const end = argv.indexOf('--');
  if (argv.slice(0, end === -1 ? undefined : end).some((word) => HELP.includes(word))) return false;
  const known = [2, 1].find((words) => Object.hasOwn(COMMANDS, argv.slice(0, words).join(' ')));
  if (known === undefined) return false;
  const id = argv.slice(0, known).join(' ') as keyof typeof COMMANDS;
  const [{ startCommand }, { default: command }] = await Promise.all([import('./lib/command.ts'), COMMANDS[id]()]);
  await startCommand(command, id, argv.slice(known));
  return true;
}

/** Tells the person what happened. @returns the exit code */
function report(error: unknown): number {
  if (error instanceof OutputClosed) return SIGPIPE;
  if (error instanceof FindingsFound) return error.exitCode;
  if (error instanceof TslabError) {
    explain(usageText(error.message), error.hint);
    return error.exitCode;
  }
  const usage = oclifExit(error);
  if (usage === 0) return ExitCode.ok;
  if (usage !== undefined && error instanceof Error) {
    explain(usageText(error.message), usageHint(error));
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
