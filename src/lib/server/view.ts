import { bounded } from '../render/prometheus/label-names.ts';
import type { Snapshot } from '../snapshot/model.ts';
import type { U64 } from '../snapshot/u64.ts';

/** One allocator of one process, as last read. All texts are hostile. */
export interface Watched {
  /** Names it in URLs and on the page: `PID-INSTANCE`, or `source` where a snapshot says neither. Letters, digits and `-` only. */
  readonly id: string;
  readonly pid: string | undefined;
  readonly command: string | undefined;
  /** What the program calls this allocator (TSLAB_NAME); undefined or '' for none. */
  readonly name: string | undefined;
  /** Number of the allocator within its process; a text of other producers is made safe, so that it can be asked for as it is shown. */
  readonly instance: string | undefined;
  readonly snapshot: Snapshot;
  /** The snapshot's JSON text, every digit as it came. */
  readonly text: string;
  /** Wall clock at which the allocator was made, where it is known; nanoseconds. */
  readonly createdNs: U64 | undefined;
}

/** What one reading found: replaced as a whole by the next, never changed. */
export interface View {
  /** 0 for the first. */
  readonly sequence: number;
  /** Milliseconds since the Unix epoch, by this machine's clock. */
  readonly takenMs: number;
  /** How long the reading took. */
  readonly durationSec: number;
  readonly watched: readonly Watched[];
  /** Wanted, but beyond the limit. */
  readonly omitted: number;
  /** What could not be used: counter files, rejected snapshots. */
  readonly unusable: number;
  /** Why there is nothing to show; undefined where reading worked. */
  readonly failure?: string;
}

/** @returns what tells this allocator from others of the same view */
export function watchedOf(snapshot: Snapshot, text: string, createdNs?: U64): Watched {
  const { pid, process, allocator } = snapshot;
  const known = (value: unknown) => (value === undefined ? undefined : String(value));
  const parts = [pid, allocator?.instance].flatMap((part) => known(part)?.replace(/[^A-Za-z0-9]/g, '') ?? []);
  return {
    id: parts.join('-').slice(0, 64) || 'source',
    pid: known(pid),
    command: process?.command,
    name: process?.name,
    instance: allocator?.instance === undefined ? undefined : bounded(String(allocator.instance)),
    snapshot,
    text,
    createdNs,
  };
}

/** What a URL may ask for: `pid`, `instance` and `name`, each compared with what is known, never used otherwise. */
export interface Question {
  readonly pid?: string | undefined;
  readonly instance?: string | undefined;
  readonly name?: string | undefined;
}

/** @returns those that fit all of the question; all where it asks for nothing */
export function fitting(watched: readonly Watched[], { pid, instance, name }: Question): readonly Watched[] {
  return watched.filter(
    (one) =>
      (pid === undefined || one.pid === pid) &&
      (instance === undefined || one.instance === instance) &&
      (name === undefined || one.name === name || one.command === name),
  );
}
