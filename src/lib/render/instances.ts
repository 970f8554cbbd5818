import type { ChalkInstance } from 'chalk';
import { stringifyExact } from '../snapshot/exact-json.ts';
import type { HeldEpoch, Instance, Instances, Unusable } from '../snapshot/instances.ts';
import { ABSENT, formatBytes, formatSeconds } from '../units.ts';
import { forTerminal, jsonForTerminal } from './safe-text.ts';
import { type Frame, renderTable, type Table } from './table.ts';

/** @returns what `tslab ps` shows, without a final newline */
export async function renderInstances(
  instances: readonly Instance[],
  frame: Frame,
  style: ChalkInstance,
): Promise<string> {
  return instances.length === 0 ? 'no process with temporal-slab' : renderTable(table(instances, style), frame, style);
}

/** @returns one JSON object: schemas/instances.schema.json */
export function instancesJson(all: Instances): string {
  return jsonForTerminal(stringifyExact(all, 2));
}

/** @returns lines for stderr: one for each reason, with the first of its files; for each file where all are asked for */
export function unusableLines(unusable: readonly Unusable[], all: boolean): string[] {
  const firsts = new Map<string, { readonly one: Unusable; more: number }>();
  for (const one of unusable) {
    const known = firsts.get(all ? one.path : one.error);
    if (known) known.more++;
    else firsts.set(all ? one.path : one.error, { one, more: 0 });
  }
  return [...firsts.values()].map(({ one: { path, error }, more }) => {
    const others = more === 0 ? '' : ` (and ${more} more such file${more === 1 ? '' : 's'})`;
    return forTerminal(`tslab: ${path}: ${error}${others}`);
  });
}

function table(instances: readonly Instance[], style: ChalkInstance): Table {
  const right = { align: 'right' as const };
  return {
    columns: [
      { title: 'pid', ...right },
      { title: 'state' },
      { title: 'command' },
      { title: 'name' },
      { title: 'instance', ...right },
      { title: 'uptime', ...right },
      { title: 'RSS', ...right },
      { title: 'live', ...right },
      { title: 'pinned', ...right },
      { title: 'epoch', ...right },
      { title: 'oldest open', ...right },
      { title: 'age', ...right },
      { title: 'label' },
    ],
    rows: instances.map((one) => {
      const cells = row(one);
      return one.live ? cells : cells.map((cell) => style.dim(cell));
    }),
  };
}

function row(one: Instance): string[] {
  const oldest = one.oldest_open_epoch;
  return [
    String(one.pid),
    one.pruned ? 'removed' : one.live ? 'live' : 'dead',
    word(one.command),
    word(one.name),
    String(one.instance),
    one.uptime_sec === undefined ? ABSENT : formatSeconds(one.uptime_sec),
    one.rss_bytes === undefined ? ABSENT : formatBytes(one.rss_bytes),
    formatBytes(one.live_bytes),
    formatBytes(one.pinned_waste_bytes),
    nameOf(one.current_epoch),
    oldest ? nameOf(oldest) : ABSENT,
    // What has died grows no older.
    oldest && one.live ? formatSeconds(oldest.age_sec) : ABSENT,
    oldest ? word(oldest.label) : ABSENT,
  ];
}

/** Slot and incarnation. */
function nameOf(epoch: HeldEpoch): string {
  return `${epoch.epoch_id}/${epoch.epoch_era}`;
}

function word(text: string): string {
  return text === '' ? ABSENT : forTerminal(text);
}
