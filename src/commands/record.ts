import { Flags } from '@oclif/core';
import { TslabCommand } from '../lib/command.ts';
import { durationFlag } from '../lib/duration.ts';
import { choiceOf, sourceArgs, sourceFlags } from '../lib/flags.ts';
import { note, write } from '../lib/output.ts';
import { type Recorded, record } from '../lib/record/record.ts';
import { RecordingFile, refuseExisting } from '../lib/record/recording-file.ts';
import { jsonForTerminal } from '../lib/render/safe-text.ts';
import { located } from '../lib/source/collect.ts';
import { isAttached, openSource, type SourceChoice } from '../lib/source/open.ts';
import { refuseOverwriting } from '../lib/source/overwriting.ts';
import type { Source } from '../lib/source/source.ts';
import { formatBytes, formatCount } from '../lib/units.ts';

export default class Record extends TslabCommand {
  static override summary = 'Record snapshots to a file that every other command can replay.';
  static override description =
    'One snapshot a line, every digit as it came; compressed where the name ends in .gz, to stdout where it is -.\n' +
    'Without --interval the source is read once, to its end; a process (--pid, --name) once a second, until it ends. With --interval, what prints one snapshot (a file, a URL, a command) is read again and again,\n' +
    'and a stream is thinned.\n' +
    'The file is whole after every snapshot: end it with Ctrl-C, or kill it, and what was recorded can be read.';
  static override examples = [
    'stats_dump leak --interval 100ms --no-text | <%= config.bin %> <%= command.id %> - --output run.tslab.ndjson.gz',
    '<%= config.bin %> <%= command.id %> --pid 4242 --interval 10s --output production.tslab.ndjson.gz',
    "<%= config.bin %> <%= command.id %> --exec 'stats_dump burst --no-text' --interval 5s --count 100 --output run.tslab.ndjson.gz",
    '<%= config.bin %> <%= command.id %> --url http://127.0.0.1:2112/snapshot --interval 1s --duration 1h --output run.tslab.ndjson.gz',
  ];
  static override args = sourceArgs;
  static override flags = {
    ...sourceFlags,
    output: Flags.string({
      char: 'o',
      required: true,
      description: 'where to; - for stdout, uncompressed',
      helpValue: 'FILE',
    }),
    force: Flags.boolean({ description: 'overwrite FILE' }),
    interval: durationFlag('interval', 'time between snapshots: 200ms, 5s, 1m'),
    count: Flags.integer({ min: 1, description: 'stop after so many snapshots' }),
    duration: durationFlag('duration', 'stop after this time'),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Record);
    const { output, interval: intervalMs, count, duration: durationMs } = flags;
    const choice = choiceOf(args, flags);
    if (output !== '-') {
      refuseOverwriting([choice], [output]);
      if (!flags.force) await refuseExisting(output);
    }
    const source = await recordedSource(choice, intervalMs);
    const limits = { count, durationMs };
    const skipped = (rejected: Parameters<typeof located>[0]) =>
      note(`tslab: skipped: ${located(rejected, source.name).message}`);
    if (output === '-') {
      await record(source, (line) => write(jsonForTerminal(line)), limits, skipped);
      return;
    }
    let file: RecordingFile | undefined;
    let recorded: Recorded | undefined;
    // Also after Ctrl-C: cli.ts then ends the process, and the file is whole.
    process.once('exit', () => file && recorded && note(summary(recorded, file.bytes, output)));
    try {
      await record(
        source,
        async (line, soFar) => {
          // Only now: a source that gives nothing shall not cost the file that --force would overwrite.
          file ??= await RecordingFile.create(output);
          await file.append(line);
          recorded = soFar;
        },
        limits,
        skipped,
      );
    } finally {
      await file?.close();
    }
  }
}

async function recordedSource(choice: SourceChoice, intervalMs: number | undefined): Promise<Source> {
  if (intervalMs === undefined && !isAttached(choice)) return openSource(choice);
  const { liveSource } = await import('../lib/source/live.ts');
  return (await liveSource(choice, { intervalMs })).source;
}

function summary({ snapshots, bytes }: Recorded, fileBytes: number, output: string): string {
  const plural = snapshots === 1 ? '' : 's';
  return `tslab: recorded ${formatCount(snapshots)} snapshot${plural}, ${formatBytes(bytes)} in ${formatBytes(fileBytes)}: ${output}`;
}
