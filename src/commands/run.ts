import { Flags } from '@oclif/core';
import { leftoversIn } from '../lib/analysis/leftovers.ts';
import { TslabCommand } from '../lib/command.ts';
import { parseDuration } from '../lib/duration.ts';
import { UsageError } from '../lib/errors.ts';
import { type Settings, utcOffsetMin } from '../lib/launch/environment.ts';
import { type LastState, takeLastState } from '../lib/launch/last-state.ts';
import { becomeProgram, type Ended, endAs, endingText, environmentFor, runProgram } from '../lib/launch/start.ts';
import { splitCommandLine } from '../lib/launch/words.ts';
import { note, writeLine } from '../lib/output.ts';
import { renderLeftovers } from '../lib/render/leftovers.ts';
import { jsonForTerminal } from '../lib/render/safe-text.ts';
import { refuseUnwritable, writeReport } from '../lib/report-file.ts';
import { plainStyle } from '../lib/style.ts';

const REPORT_EPOCH = '1s';

export default class Run extends TslabCommand {
  static override summary = 'Run any program on the allocator, unchanged, and find its leaks by their second.';
  static override description =
    'tslab becomes the program: same process, same terminal, its own exit status; tslab ps, top, watch see it from the first allocation on.\n' +
    'With --epoch, what is allocated in each slice of time is kept apart: "tslab top --epochs --pid P" says which second is still held.\n' +
    'With --report or --output, tslab waits for the program, passes signals on, and ends as it ended.\n' +
    'Not started: exit code 126; no such program: 127. For dynamically linked programs on glibc.';
  static override examples = [
    {
      description: 'what did it never free, by the second',
      command: '<%= config.bin %> <%= command.id %> --report -- ./program',
    },
    {
      description: 'a server, to be looked at for as long as it runs',
      command: '<%= config.bin %> <%= command.id %> --epoch 1m --name api -- node server.js',
    },
    { description: 'and from elsewhere', command: '<%= config.bin %> top --epochs --by live_bytes --name api' },
    {
      description: 'for a unit file or a container',
      command: '<%= config.bin %> <%= command.id %> --epoch 1m --print-env',
    },
  ];
  static override usage = ['<%= command.id %> [FLAGS] -- PROGRAM [ARGUMENTS]'];
  static override strict = false;
  static override flags = {
    epoch: Flags.string({
      description: `an epoch for each slice of time, 10ms to 24h, or off (default: off; ${REPORT_EPOCH} with --report)`,
      helpValue: 'TIME',
    }),
    name: Flags.string({ description: 'what --name of other commands will find it by (default: its own name)' }),
    report: Flags.boolean({ description: 'when it has ended: what it never freed, to stderr' }),
    output: Flags.string({
      char: 'o',
      description: 'when it has ended: its last snapshot to a file, for stats, top and diff',
      helpValue: 'FILE',
    }),
    'print-env': Flags.boolean({ description: 'run nothing: print the variables that do it, a line each' }),
  };

  override async run(): Promise<void> {
    const { own, words } = splitCommandLine(this.argv, Run.flags);
    const { flags } = await this.parse(Run, own);
    const epoch = flags.epoch ?? (flags.report ? REPORT_EPOCH : 'off');
    const settings = { epochMs: epoch === 'off' ? undefined : parseDuration(epoch, 'epoch'), name: flags.name };
    if (flags.output === '') throw new UsageError('empty-output', '--output needs the name of a file');
    if (flags['print-env']) {
      if (words.length > 0) throw new UsageError('two-ways', '--print-env runs nothing: name no program');
      for (const variable of environmentFor(settings)) await writeLine(variable);
      return;
    }
    if (words.length === 0) throw new UsageError('no-program', 'no program to run', 'as in: tslab run -- ls -l');
    if (!flags.report && flags.output === undefined) becomeProgram(words, settings);
    if (flags.output !== undefined) await refuseUnwritable(flags.output);
    const ended = runProgram(words, settings);
    await tell(words, ended, settings, flags);
    endAs(ended.ending);
  }
}

interface Wishes {
  readonly report: boolean;
  readonly output?: string | undefined;
}

/** Whatever goes wrong here, the program's exit status is what counts. */
async function tell(
  words: readonly string[],
  ended: Ended,
  { epochMs }: Settings,
  { report, output }: Wishes,
): Promise<void> {
  const who = `tslab: ${words[0]} ${endingText(ended.ending)}.`;
  try {
    const states = await takeLastState(ended.pid, ended.startedMs);
    if (states.length === 0) {
      note(
        `${who} It left no counters: it allocated nothing of up to 768 bytes, or has an allocator of its own, or keeps them off (TSLAB_COUNTERS), or they found no room.`,
      );
      return;
    }
    for (const { sample, madeMs } of report ? states : []) {
      const slicing = epochMs && { epochMs, madeMs, endedMs: ended.endedMs, utcOffsetMin: utcOffsetMin(process.env) };
      note(
        await renderLeftovers(
          who,
          leftoversIn(sample.snapshot, slicing || undefined),
          process.stderr.isTTY && (process.stderr.columns || true),
          plainStyle,
        ),
      );
    }
    // Last: the report is seen whatever becomes of the file.
    if (output !== undefined) await keep(states, output);
  } catch (error) {
    note(`${who} Its last state cannot be told: ${error instanceof Error ? error.message : error}`);
  }
}

async function keep(states: readonly LastState[], output: string): Promise<void> {
  try {
    await writeReport(output, states.map(({ sample }) => `${jsonForTerminal(sample.text).trim()}\n`).join(''));
  } catch (error) {
    note(`tslab: its last snapshot is lost: ${error instanceof Error ? error.message : error}`);
  }
}
