import type { U64 } from './u64.ts';

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
