import { Flags } from '@oclif/core';
import { TslabCommand } from '../../lib/command.ts';
import { durationFlag } from '../../lib/duration.ts';
import { UsageError } from '../../lib/errors.ts';
import { choiceOf, sourceArgs, sourceFlags, sourceFrom } from '../../lib/flags.ts';
import { note, write } from '../../lib/output.ts';
import { warningLine } from '../../lib/render/notes.ts';
import { parseConstLabels } from '../../lib/render/prometheus/const-labels.ts';
import { exposition, FORMATS } from '../../lib/render/prometheus/exposition.ts';
import type { Instance } from '../../lib/render/prometheus/families.ts';
import type { Family } from '../../lib/render/prometheus/family.ts';
import { replaceFile } from '../../lib/replace-file.ts';
import { checkLaws } from '../../lib/snapshot/laws.ts';
import { located, oneSample } from '../../lib/source/collect.ts';
import { openSource } from '../../lib/source/open.ts';
import { refuseOverwriting } from '../../lib/source/overwriting.ts';
import { tslabVersion } from '../../lib/version.ts';

/** A usual scrape interval. */
const FOLLOW_MS = 15_000;
/** Readable by the node exporter, which runs as another user. */
const MODE = 0o644;

export default class ExportPrometheus extends TslabCommand {
  static override summary = 'Write the counters for Prometheus, as text 0.0.4 or OpenMetrics 1.0.0.';
  static override description =
    'Of a recording, the last snapshot is written (--first: the first). Integers keep all their digits; numbers that a producer\n' +
    'did not say are left out. With --output, the file is replaced at once, readable by everyone: what a textfile collector needs.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> snapshot.json',
    "<%= config.bin %> <%= command.id %> --exec 'stats_dump burst --no-text' --format openmetrics --label service=api",
    '<%= config.bin %> <%= command.id %> --all --output /var/lib/prometheus/node-exporter/temporal_slab.prom',
    '<%= config.bin %> <%= command.id %> --name api --follow --output /var/lib/prometheus/node-exporter/temporal_slab.prom',
    'stats_dump steady --duration forever --interval 15s --no-text | <%= config.bin %> <%= command.id %> - --follow --output /var/lib/prometheus/node-exporter/temporal_slab.prom',
  ];
  static override args = sourceArgs;
  static override flags = {
    ...sourceFlags,
    format: Flags.option({ options: FORMATS, default: 'text' as const, description: 'which exposition format' })(),
    output: Flags.string({
      char: 'o',
      description: 'replace this file at once instead of writing to stdout',
      helpValue: 'FILE',
    }),
    label: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      description: 'put this label on every sample',
      helpValue: 'NAME=VALUE',
    }),
    all: Flags.boolean({
      description: 'every live process of this machine, told apart by the labels pid, command, name',
      exclusive: ['stdin', 'exec', 'url', 'pid', 'name', 'instance', 'post-mortem', 'first', 'follow', 'interval'],
    }),
    'max-processes': Flags.integer({
      description: 'with --all: write at most so many allocators, those created first',
      default: 64,
      min: 1,
      max: 10_000,
      helpValue: 'N',
    }),
    first: Flags.boolean({
      description: 'the first snapshot of the source, without waiting for its end',
      exclusive: ['follow'],
    }),
    follow: Flags.boolean({
      description: 'write --output anew for every snapshot of the source',
      dependsOn: ['output'],
    }),
    interval: durationFlag('interval', 'with --follow of a process (--pid, --name): how often (default 15s)'),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ExportPrometheus);
    const labels = parseConstLabels(flags.label ?? []);
    if (flags.output === '') throw new UsageError('empty-output', '--output needs the name of a file');
    if (flags.output !== undefined) refuseOverwriting([choiceOf(args, flags)], [flags.output]);
    const put = async (instances: readonly Instance[], own: readonly Family[] = []) => {
      const text = exposition(instances, { format: flags.format, version: tslabVersion(), own });
      await (flags.output === undefined ? write(text) : replaceFile(flags.output, text, MODE));
    };
    if (flags.all) {
      if (args.input !== undefined)
        throw new UsageError('two-sources', 'both --all and another source', 'leave out one of them');
      const { fleetReader } = await import('../../lib/server/readers.ts');
      const { labelsOf, PROCESS_LABELS } = await import('../../lib/server/metrics.ts');
      const taken = labels.find(([name]) => PROCESS_LABELS.includes(name));
      if (taken)
        throw new UsageError('bad-label', `--label: --all has a label '${taken[0]}' of its own`, 'choose another name');
      const fleet = fleetReader({ pids: [], names: [] }, flags['max-processes']);
      const { watched, omitted, unusable } = await fleet.look().finally(() => fleet.close());
      if (omitted > 0) note(`tslab: ${omitted} more allocators are left out; see --max-processes`);
      if (unusable > 0) note(`tslab: ${unusable} counter files cannot be used; tslab ps says why`);
      const { lookFamilies } = await import('../../lib/server/own-metrics.ts');
      return put(
        watched.map((one) => ({ snapshot: one.snapshot, labels: [...labels, ...labelsOf(one)] })),
        lookFamilies({ watched: watched.length, omitted, unusable }, labels),
      );
    }
    const source = flags.follow
      ? await openSource(choiceOf(args, flags), flags.interval ?? FOLLOW_MS)
      : await sourceFrom(args, flags);
    if (flags.follow) {
      for await (const event of source.read()) {
        if (event.kind === 'sample') await put([{ snapshot: event.snapshot, labels }]);
        else note(`tslab: skipped: ${located(event, source.name).message}`);
      }
      return;
    }
    const { sample, rejected, failure } = await oneSample(source, flags.first ? 'first' : 'last');
    const warning = warningLine([...sample.warnings, ...checkLaws(sample.snapshot)], rejected.length);
    if (warning !== null) note(warning);
    await put([{ snapshot: sample.snapshot, labels }]);
    if (failure) throw failure;
  }
}
