import { Flags } from '@oclif/core';
import { parseFilter } from '../lib/analysis/filter.ts';
import { findMeasure, type Rankable } from '../lib/analysis/measure.ts';
import { TslabCommand } from '../lib/command.ts';
import { durationFlag } from '../lib/duration.ts';
import { UsageError } from '../lib/errors.ts';
import { choiceOf, jsonFlag, sourceArgs, sourceFlags } from '../lib/flags.ts';
import { frame, isTerminal } from '../lib/output.ts';
import { topCsv, topJson, topText } from '../lib/render/top.ts';
import { style } from '../lib/style.ts';
import { showTop } from '../lib/watch/top.ts';

const DEFAULT_BY: Readonly<Record<Rankable, string>> = {
  class: 'slow_path_hits',
  epoch: 'estimated_rss_bytes',
  label: 'estimated_rss_bytes',
};

export default class Top extends TslabCommand {
  static override summary = 'Rank classes, epochs or labels by any of their metrics.';
  static override description =
    'Without --window, by what one snapshot says. With --window, by what happened between two that far apart: counters and gauges per second,\n' +
    'ratios over the window. Of a recording, the last of either. Equals keep their order and share a rank; what has no value comes last.\n' +
    'docs/metrics.md lists the metrics and their short names; an unknown name lists those that are close.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --window 1s --by slow_path_rate --n 5',
    '<%= config.bin %> <%= command.id %> --epochs --by age_sec --pid 4242',
    'stats_dump leak --no-text | <%= config.bin %> <%= command.id %> --epochs --by age_sec --stdin',
    "<%= config.bin %> <%= command.id %> --epochs --by refcount --filter state=CLOSING --filter 'age_sec>60' snapshot.json",
    "<%= config.bin %> <%= command.id %> --labels --by lock_contended --watch --exec 'stats_dump --interval 1s'",
  ];
  static override args = sourceArgs;
  static override flags = {
    ...sourceFlags,
    ...jsonFlag,
    csv: Flags.boolean({ description: 'CSV with raw numbers', exclusive: ['json', 'watch'] }),
    classes: Flags.boolean({ description: 'rank classes (default)', exclusive: ['epochs', 'labels'] }),
    epochs: Flags.boolean({ description: 'rank epochs', exclusive: ['labels'] }),
    labels: Flags.boolean({ description: 'rank labels' }),
    by: Flags.string({ description: 'metric to rank by', helpValue: 'METRIC' }),
    n: Flags.integer({ char: 'n', description: 'how many at most', min: 1, helpValue: 'N' }),
    order: Flags.string({ description: 'largest or smallest first', options: ['desc', 'asc'], default: 'desc' }),
    filter: Flags.string({
      description:
        "only what matches: part of a label, state or size; label=TEXT; or 'METRIC>NUMBER' (again: all must match)",
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'TERM',
    }),
    window: durationFlag('window', 'rank by what happens in this time'),
    watch: Flags.boolean({ char: 'w', description: 'again and again' }),
    interval: durationFlag('interval', 'with --watch: time between two looks (default: --window, else 1s)'),
    count: Flags.integer({ description: 'with --watch: end after so many', min: 1, helpValue: 'N' }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Top);
    if (!flags.watch && (flags.interval !== undefined || flags.count !== undefined))
      throw new UsageError('needs-watch', '--interval and --count need --watch');
    if (flags.window !== undefined && flags.interval !== undefined && flags.interval > flags.window)
      throw new UsageError(
        'interval-beyond-window',
        '--interval is longer than --window: what happens in between would be left out',
      );
    const scope: Rankable = flags.epochs ? 'epoch' : flags.labels ? 'label' : 'class';
    const measure = findMeasure(scope, flags.by ?? DEFAULT_BY[scope], '--by');
    await showTop(choiceOf(args, flags), {
      ranking: {
        measure,
        order: flags.order === 'asc' ? 'asc' : 'desc',
        ...(flags.n !== undefined && { n: flags.n }),
        ...(flags.filter && { filter: parseFilter(flags.filter, scope) }),
      },
      windowMs: flags.window,
      watch: flags.watch,
      intervalMs: flags.interval,
      count: flags.count,
      fullScreen: flags.watch && isTerminal && !flags.json && !flags.csv,
      between: flags.json ? '' : '\n',
      render: (view) =>
        flags.json
          ? Promise.resolve(topJson(view))
          : flags.csv
            ? Promise.resolve(topCsv(view))
            : topText(
                view,
                flags.watch ? false : frame,
                style,
                flags.watch && isTerminal ? process.stdout.columns : undefined,
              ),
    });
  }
}
