import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { InputError } from '../errors.ts';
import { parseExact } from '../snapshot/exact-json.ts';
import type { Instance, Instances, Unusable } from '../snapshot/instances.ts';
import { statsDump } from './harness.ts';

const MAX_OUTPUT_BYTES = 1 << 28;

/**
 * @param prune also removes what this user's processes left that have ended
 * @returns every allocator that can be found on this machine, in no particular order
 * @throws InputError where the bundled stats_dump is not built or fails
 */
export async function listInstances(prune: boolean): Promise<Instances> {
  const args = ['--list', ...(prune ? ['--prune'] : [])];
  const { stdout } = await promisify(execFile)(statsDump(), args, { maxBuffer: MAX_OUTPUT_BYTES }).catch((error) => {
    // A program that could not be started has said nothing.
    const why = error.stderr?.trim() || error.message;
    throw new InputError('command-failed', `the list of processes cannot be read: ${why}`);
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
