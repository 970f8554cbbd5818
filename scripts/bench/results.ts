import type { Machine } from './machine.ts';

/** p50 … max of one kind of operation, in ns, the timer's own cost included. */
export interface Quantiles {
  p50: number;
  p99: number;
  p99_9: number;
  p99_99: number;
  max: number;
}

/** Events of our own counters in one run. */
export interface Counters {
  allocs: number;
  frees: number;
  remote_frees: number;
  alloc_cas_retries: number;
  free_cas_retries: number;
  pending_cas_attempts: number;
  pending_cas_failures: number;
  lock_fast: number;
  lock_contended: number;
  slow_path_hits: number;
  mmap_calls: number;
  madvise_calls: number;
}

/** One run of one program: what native/bench prints, or what was counted about it. Every field but those that a section's programs print is absent. */
export interface Run {
  malloc_from?: string;
  threads?: number;
  pairs?: number;
  wall_ns_per_pair?: number;
  cpu_ns_per_pair?: number;
  timer_ns?: number;
  alloc_ns?: Quantiles;
  free_ns?: Quantiles;
  counters?: Counters;
  instructions_per_pair?: number;
  wall_ms?: number;
  cpu_ms?: number;
  max_rss_bytes?: number;
  requests_per_sec?: number;
  [experiment: string]: unknown;
}

/** Runs by section, case and contender (or build), in the order of the rounds. */
export type Runs = Record<string, Record<string, Record<string, Run[]>>>;

/** docs/performance.json. Its shape is results.schema.json; `format` grows when it changes. */
export interface Results {
  format: 2;
  quick: boolean;
  /** What all runs took, one after another. */
  seconds: number;
  /** Share of the processors' time that went to something else while times were measured, 0 … 100. */
  otherWorkPct: number;
  machine: Machine;
  runs: Runs;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The numbers that `pick` finds in the runs of one case and contender; empty where there are none. */
export function numbers(
  results: Results,
  path: readonly [string, string, string],
  pick: (run: Run) => unknown,
): number[] {
  const [section, name, contender] = path;
  const runs = results.runs[section]?.[name]?.[contender] ?? [];
  return runs.map(pick).filter((value): value is number => typeof value === 'number' && Number.isFinite(value));
}
