import { InputError } from '../errors.ts';
import { parseExact } from '../snapshot/exact-json.ts';
import type { Instance, Unusable } from '../snapshot/instances.ts';
import type { Snapshot } from '../snapshot/model.ts';
import { asSnapshot } from '../snapshot/parse.ts';
import { OnRequest } from './on-request.ts';

/** One live allocator and what it says of itself. */
export interface Member {
  readonly instance: Instance;
  readonly snapshot: Snapshot;
  /** The snapshot's own JSON text, every digit as it came. Hostile. */
  readonly text: string;
}

export interface Fleet {
  /** Oldest first: who is beyond the limit came later. */
  readonly members: readonly Member[];
  /** Live and wanted, but beyond the limit. */
  readonly omitted: number;
  /** Counter files that are damaged or not ours to read, or whose snapshot is not one. */
  readonly unusable: readonly Unusable[];
}

/** So many pids, and so many names, one stats_dump can look for. */
export const MOST_CHOSEN = 256;

export interface Selection {
  /** Process ids in decimal. */
  readonly pids: readonly string[];
  /** Names of instances or commands. */
  readonly names: readonly string[];
}

/** Reads the live allocators of this machine, as often as one likes. */
export interface FleetSource {
  /**
   * All at one instant; they notice nothing. One reading after the other.
   * @throws InputError where stats_dump fails; the next reading starts it anew
   */
  read(): Promise<Fleet>;
  close(): void;
}

/**
 * @param selection an instance that fits any of it is wanted; all are where it is empty
 * @param most read so many, those created first
 * @throws InputError (while reading) where the bundled stats_dump is not built
 */
export function fleetSource(selection: Selection, most: number): FleetSource {
  // Who is left out is not even read: on a machine with many processes, that is most of the work.
  const program = new OnRequest([
    '--list',
    '--on-request',
    '--live',
    '--snapshots',
    String(most),
    ...selection.pids.map((pid) => `--only-pid=${pid}`),
    ...selection.names.map((name) => `--only-name=${name}`),
  ]);
  return {
    read: async () => fleetOf(await program.ask()),
    close: () => program.close(),
  };
}

function fleetOf(lines: string): Fleet {
  const members: Member[] = [];
  const unusable: Unusable[] = [];
  let omitted = 0;
  for (const line of lines.split('\n')) {
    if (line === '') continue;
    const { head, text } = parted(line);
    const found = parseExact(head) as Instance | Unusable;
    if ('error' in found) unusable.push(found);
    else if (text === undefined) omitted++;
    else keep(found, text, members, unusable);
  }
  return { members, omitted, unusable };
}

function keep(instance: Instance, text: string, members: Member[], unusable: Unusable[]): void {
  try {
    members.push({ instance, text, snapshot: asSnapshot(parseExact(text)) });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    unusable.push({ path: instance.path, error: error.message });
  }
}

/** Within a string of JSON, a quotation mark has a backslash in front: this text stands between members only. */
const MEMBER = ',"snapshot":{';

/** Takes a line apart without parsing what may not be wanted. */
function parted(line: string): { head: string; text: string | undefined } {
  const at = line.indexOf(MEMBER);
  return at === -1
    ? { head: line, text: undefined }
    : { head: `${line.slice(0, at)}}`, text: line.slice(at + MEMBER.length - 1, -1) };
}
