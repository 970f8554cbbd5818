import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { InputError } from '../errors.ts';
import { parseExact } from '../snapshot/exact-json.ts';
import type { U64 } from '../snapshot/u64.ts';
import { statsDump } from './harness.ts';

/** One allocator of a process, live or dead; schemas/instances.schema.json says what each field means. Texts are hostile. */
export interface Instance {
  readonly path: string;
  readonly pid: U64;
  readonly inner_pid?: U64;
  readonly uid: U64;
  readonly command: string;
  readonly name: string;
  readonly instance: U64;
  readonly version: string;
  readonly live: boolean;
  readonly created_ns: U64;
  readonly uptime_sec?: U64;
  readonly rss_bytes?: U64;
  readonly slab_rss_bytes: U64;
  readonly live_objects: U64;
  readonly live_bytes: U64;
  readonly pinned_waste_bytes: U64;
  readonly thread_count: U64;
  readonly open_epochs: U64;
  readonly torn: boolean;
  readonly current_epoch: HeldEpoch;
  readonly oldest_open_epoch?: HeldEpoch;
  readonly pruned?: true;
}

export interface HeldEpoch {
  readonly epoch_id: U64;
  readonly epoch_era: U64;
  readonly state: 'ACTIVE' | 'CLOSING';
  readonly label: string;
  readonly age_sec: U64;
  readonly refcount: U64;
  readonly live_objects: U64;
  readonly live_bytes: U64;
}

/** A counter file that cannot be used. */
export interface Unusable {
  readonly path: string;
  readonly error: string;
}

export interface Instances {
  readonly instances: readonly Instance[];
  readonly unusable: readonly Unusable[];
}

const MAX_OUTPUT_BYTES = 1 << 28;

/**
 * @param prune also removes what this user's processes left that have ended
 * @returns every allocator that can be found on this machine, in no particular order
 * @throws InputError where the bundled stats_dump is not built or fails
 */
export async function listInstances(prune: boolean): Promise<Instances> {
  const args = ['--list', ...(prune ? ['--prune'] : [])];
  const { stdout } = await promisify(execFile)(statsDump(), args, { maxBuffer: MAX_OUTPUT_BYTES }).catch((error) => {
    throw new InputError('command-failed', `the list of processes cannot be read: ${String(error.stderr).trim()}`);
  });
  // One emitter, of the same build: its lines are what the schema says.
  const all = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => parseExact(line) as Instance | Unusable);
  return {
    instances: all.filter((one): one is Instance => !('error' in one)),
    unusable: all.filter((one): one is Unusable => 'error' in one),
  };
}
