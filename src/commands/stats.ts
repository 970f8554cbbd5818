import { Flags } from '@oclif/core';
import { TslabCommand } from '../lib/command.ts';
import { jsonFlag, sourceArgs, sourceFlags, sourceFrom } from '../lib/flags.ts';
import { frame, note, writeLine } from '../lib/output.ts';
import { warningLine } from '../lib/render/notes.ts';
import { jsonForTerminal } from '../lib/render/safe-text.ts';
import { renderStats, type Section } from '../lib/render/stats.ts';
import { checkLaws } from '../lib/snapshot/laws.ts';
import { oneSample } from '../lib/source/collect.ts';
import { style } from '../lib/style.ts';

export default class Stats extends TslabCommand {
  static override summary = 'Say where the memory is, why allocations were slow, and who holds what.';
  static override description =
    'Without a source, runs the bundled harness. Of a recording, the last snapshot is shown (--first: the first).\n' +
    'Numbers that a producer did not say are shown as –, never as 0.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> snapshot.json --epochs',
    'ssh host stats_dump --json | <%= config.bin %> <%= command.id %> - --json | jq .net_slabs',
  ];
  static override args = sourceArgs;
  static override flags = {
    ...sourceFlags,
    ...jsonFlag,
    classes: Flags.boolean({ description: 'only the table of classes' }),
    epochs: Flags.boolean({ description: 'only the table of epochs' }),
    labels: Flags.boolean({ description: 'only the table of labels' }),
    fields: Flags.boolean({ description: 'every top-level number under its own name, raw' }),
    all: Flags.boolean({ description: 'also classes never used and epochs that hold nothing' }),
    first: Flags.boolean({ description: 'the first snapshot of the source, without waiting for its end' }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Stats);
    const source = await sourceFrom(args, flags);
    const { sample, seen, rejected, failure } = await oneSample(source, flags.first ? 'first' : 'last');
    const { snapshot } = sample;
    const warning = warningLine([...sample.warnings, ...checkLaws(snapshot)], rejected.length);
    if (warning !== null) note(warning);
    if (seen > 1) note(`tslab: the last of ${seen} snapshots of ${source.name}`);
    const chosen = (['classes', 'epochs', 'labels', 'fields'] as const).filter((section) => flags[section]);
    const sections: readonly Section[] =
      chosen.length > 0 ? chosen : ['summary', 'classes', 'epochs', ...(flags.all ? (['labels'] as const) : [])];
    await writeLine(
      flags.json
        ? jsonForTerminal(sample.text)
        : await renderStats(snapshot, { sections, all: flags.all, frame, style }),
    );
    if (failure) throw failure;
  }
}
