import { Flags } from '@oclif/core';
import type { Rankable } from '../lib/analysis/measure.ts';
import { TslabCommand } from '../lib/command.ts';
import { durationFlag } from '../lib/duration.ts';
import { UsageError } from '../lib/errors.ts';
import { choiceOf, jsonFlag, sourceArgs, sourceFlags } from '../lib/flags.ts';
import { isTerminal } from '../lib/output.ts';

const SCOPES: readonly (readonly ['classes' | 'epochs' | 'labels', Rankable])[] = [
  ['classes', 'class'],
  ['epochs', 'epoch'],
  ['labels', 'label'],
];

export default class Watch extends TslabCommand {
  static override summary = 'Watch the allocator at work: rates, memory, who holds what.';
  static override description =
    'On a terminal a full-screen view (? explains the keys), in a pipe a line per sample; --json: one JSON object per line.\n' +
    'What prints one snapshot (a file, a URL, a command) is read again every --interval; a stream is shown as it comes, thinned to --interval if given.\n' +
    "A process (--pid, --name) that ends meanwhile: its last state stays, exit code 0. Rates are per second by the producer's clock. After a restart, a reset of counters or a jump of the clock there are none, and the line says why.";
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --pid 4242',
    'stats_dump steady --duration forever --interval 1s --no-text | <%= config.bin %> <%= command.id %> -',
    "<%= config.bin %> <%= command.id %> --exec 'ssh host stats_dump --no-text' --interval 5s",
    '<%= config.bin %> <%= command.id %> --json --count 10 http://localhost:8080/snapshot | jq .per_second.total_slow_path_hits',
    '<%= config.bin %> <%= command.id %> --metrics rss,allocs,slow_path_rate recording.ndjson.gz',
  ];
  static override args = sourceArgs;
  static override flags = {
    ...sourceFlags,
    ...jsonFlag,
    interval: durationFlag(
      'interval',
      'time between samples: 200ms, 5s, 1m (default: 1s where the source must be asked, else as they come)',
    ),
    count: Flags.integer({ description: 'end after so many samples', min: 1, helpValue: 'N' }),
    duration: durationFlag('duration', 'end after this time'),
    metrics: Flags.string({ description: 'columns of the lines, by metric name', helpValue: 'A,B,…' }),
    lines: Flags.boolean({ description: 'lines on a terminal as well' }),
    classes: Flags.boolean({ description: 'with --json: each class' }),
    epochs: Flags.boolean({ description: 'with --json: each epoch' }),
    labels: Flags.boolean({ description: 'with --json: each label' }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Watch);
    if (!flags.json && (flags.classes || flags.epochs || flags.labels))
      throw new UsageError('needs-json', '--classes, --epochs and --labels need --json');
    const choice = choiceOf(args, flags);
    const pace = { intervalMs: flags.interval };
    const limits = { count: flags.count, durationMs: flags.duration };
    if (isTerminal && !flags.json && !flags.lines && flags.metrics === undefined && process.env['TERM'] !== 'dumb') {
      const { watchOnScreen } = await import('../lib/watch/screen.ts');
      await watchOnScreen(choice, pace, limits);
      return;
    }
    const { watchInLines } = await import('../lib/watch/lines.ts');
    if (flags.json) {
      const { watchJson } = await import('../lib/render/watch-json.ts');
      const scopes = SCOPES.filter(([flag]) => flags[flag]).map(([, scope]) => scope);
      await watchInLines(choice, pace, {
        ...limits,
        header: undefined,
        line: (reading) => watchJson(reading, scopes),
      });
      return;
    }
    const { LineWriter, LINE_METRICS } = await import('../lib/render/watch-line.ts');
    const writer = new LineWriter(flags.metrics?.split(',').map((name) => name.trim()) ?? LINE_METRICS);
    await watchInLines(choice, pace, { ...limits, header: writer.header(), line: (reading) => writer.line(reading) });
  }
}
