import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { InputError } from '../errors.ts';
import { parseExact } from '../snapshot/exact-json.ts';
import type { Instance, Unusable } from '../snapshot/instances.ts';
import type { Snapshot } from '../snapshot/model.ts';
import { asSnapshot } from '../snapshot/parse.ts';
import { statsDump } from './harness.ts';

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

export interface Selection {
  /** Process ids in decimal. */
  readonly pids: readonly string[];
  /** Names of instances or commands. */
  readonly names: readonly string[];
}

/** Of a snapshot's 16 KB line, far above what any number of processes on one machine needs. */
const MAX_OUTPUT_BYTES = 1 << 28;
const READ_TIMEOUT_MS = 10_000;

/**
 * Reads the live allocators of this machine at one instant. One run of stats_dump, whatever their number; they notice nothing.
 * @param selection an instance that fits any of it is wanted; all are where it is empty
 * @param most read so many, those created first
 * @throws InputError where the bundled stats_dump is not built or fails
 */
export async function readFleet(selection: Selection, most: number): Promise<Fleet> {
  const all = selection.pids.length + selection.names.length === 0;
  // A selection is made here: whom it leaves out must not use up the limit.
  const args = ['--list', '--snapshots', all ? String(most) : '18446744073709551615'];
  const { stdout } = await promisify(execFile)(statsDump(), args, {
    maxBuffer: MAX_OUTPUT_BYTES,
    timeout: READ_TIMEOUT_MS,
  }).catch((error: { stderr?: unknown }) => {
    throw new InputError('command-failed', `the processes cannot be read: ${String(error.stderr ?? error).trim()}`);
  });
  const members: Member[] = [];
  const unusable: Unusable[] = [];
  let omitted = 0;
  for (const line of stdout.split('\n')) {
    if (line === '') continue;
    const { head, text } = parted(line);
    const found = parseExact(head) as Instance | Unusable;
    if ('error' in found) unusable.push(found);
    else if (found.live && (all || isSelected(found, selection))) {
      if (text === undefined || members.length >= most) omitted++;
      else keep(found, text, members, unusable);
    }
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

function isSelected({ pid, name, command }: Instance, { pids, names }: Selection): boolean {
  return pids.includes(String(pid)) || names.includes(name) || names.includes(command);
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
