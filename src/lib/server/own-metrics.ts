import type { Family, FamilySample, Labels } from '../render/prometheus/family.ts';

/** What the server knows of itself. */
export interface OwnNumbers {
  readonly up: boolean;
  readonly watched: number;
  readonly omitted: number;
  readonly unusable: number;
  readonly looks: number;
  readonly failures: number;
  readonly lookSeconds: number;
  /** Answers by HTTP status code. */
  readonly answers: ReadonlyMap<number, number>;
  readonly eventClients: number;
  /** undefined where there is no file descriptor left to read it by. */
  readonly residentBytes: number | undefined;
  readonly cpuSeconds: number;
  readonly startSeconds: number;
}

/** What one look at all processes says of itself. */
export type LookNumbers = Pick<OwnNumbers, 'watched' | 'omitted' | 'unusable'>;

/** Families of a look, whoever took it. */
const LOOK_METRICS = [
  one('tslab_processes', 'gauge', 'Allocators that are shown', ({ watched }: LookNumbers) => watched),
  one(
    'tslab_processes_omitted',
    'gauge',
    'Allocators left out because there are more than --max-processes',
    ({ omitted }: LookNumbers) => omitted,
  ),
  one(
    'tslab_unusable_files',
    'gauge',
    'Counter files or snapshots that cannot be used',
    ({ unusable }: LookNumbers) => unusable,
  ),
] as const;

/** Families that `tslab serve` adds to those of the processes. */
export const OWN_METRICS = [
  one('tslab_up', 'gauge', '1 where the last reading worked', ({ up }: OwnNumbers) => (up ? 1 : 0)),
  ...LOOK_METRICS,
  one('tslab_reads_total', 'counter', 'Readings of all processes', ({ looks }: OwnNumbers) => looks),
  one('tslab_read_failures_total', 'counter', 'Readings that failed', ({ failures }: OwnNumbers) => failures),
  one(
    'tslab_read_duration_seconds',
    'gauge',
    'How long the last reading took',
    ({ lookSeconds }: OwnNumbers) => lookSeconds,
  ),
  {
    name: 'tslab_http_responses_total',
    type: 'counter',
    help: 'Answers by status code',
    samples: ({ answers }: OwnNumbers) =>
      [...answers]
        .sort(([a], [b]) => a - b)
        .map(([code, count]) => ({ labels: [['code', String(code)] as const], value: String(count) })),
  },
  one('tslab_event_clients', 'gauge', 'Clients of the event stream', ({ eventClients }: OwnNumbers) => eventClients),
  one(
    'process_resident_memory_bytes',
    'gauge',
    'Resident memory of tslab',
    ({ residentBytes }: OwnNumbers) => residentBytes,
  ),
  one('process_cpu_seconds_total', 'counter', 'Processor time of tslab', ({ cpuSeconds }: OwnNumbers) => cpuSeconds),
  one(
    'process_start_time_seconds',
    'gauge',
    'Unix time at which tslab started',
    ({ startSeconds }: OwnNumbers) => startSeconds,
  ),
] as const;

function one<T>(name: string, type: 'counter' | 'gauge', help: string, value: (own: T) => number | undefined) {
  const samples = (own: T) => [value(own)].flatMap((known) => (known === undefined ? [] : [plain(known)]));
  return { name, type, help, samples };
}

function plain(value: number): FamilySample {
  return { labels: [], value: String(value) };
}

/** @returns the server's own families with their samples */
export function ownFamilies(own: OwnNumbers): Family[] {
  return OWN_METRICS.map((family) => ({ ...family, samples: family.samples(own) })).filter(
    ({ samples }) => samples.length > 0,
  );
}

/** @param labels on every sample @returns the families by which a look says what it left out */
export function lookFamilies(look: LookNumbers, labels: Labels): Family[] {
  return LOOK_METRICS.map((family) => ({
    ...family,
    samples: family.samples(look).map(({ value }) => ({ labels, value })),
  }));
}
