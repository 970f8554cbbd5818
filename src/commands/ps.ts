import { Flags } from '@oclif/core';
import { inOrder, lastDead } from '../lib/analysis/instance-order.ts';
import { TslabCommand } from '../lib/command.ts';
import { jsonFlag } from '../lib/flags.ts';
import { frame, note, writeLine } from '../lib/output.ts';
import { instancesJson, renderInstances, unusableLines } from '../lib/render/instances.ts';
import { listInstances } from '../lib/source/instances.ts';
import { style } from '../lib/style.ts';

/** A program that crashes in a loop leaves many. */
const DEAD_SHOWN = 10;

export default class Ps extends TslabCommand {
  static override summary = 'List the processes that use temporal-slab, and what those that died have left.';
  static override description =
    'One line for each allocator of a process; the processes notice nothing. "oldest open" is the open epoch, slot/era, that has held objects or\n' +
    'domains for longest: who forgot to leave. root sees the processes of all users, in containers too; others see their own.\n' +
    'A dead process can still be read: --post-mortem of stats, top, export.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    "<%= config.bin %> <%= command.id %> --json | jq '.instances[] | select(.oldest_open_epoch.age_sec > 3600) | .pid'",
    '<%= config.bin %> <%= command.id %> --prune',
  ];
  static override flags = {
    ...jsonFlag,
    all: Flags.boolean({
      description: `every dead one, not only the last ${DEAD_SHOWN}, and every file that cannot be used`,
    }),
    prune: Flags.boolean({ description: 'remove what your processes left that have ended' }),
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(Ps);
    const found = await listInstances(flags.prune);
    const instances = inOrder(found.instances);
    if (flags.json) {
      await writeLine(instancesJson({ ...found, instances }));
      return;
    }
    const isShown = flags.all || flags.prune ? () => true : lastDead(DEAD_SHOWN);
    const shown = instances.filter(isShown);
    await writeLine(await renderInstances(shown, frame, style));
    if (shown.length < instances.length) note(`tslab: ${instances.length - shown.length} more dead; --all shows them`);
    for (const line of unusableLines(found.unusable, flags.all)) note(line);
  }
}
