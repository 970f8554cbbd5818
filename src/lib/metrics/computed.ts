import type { Ratio, Scope, Unit } from './row.ts';

/** A ratio that no snapshot carries and that tslab computes itself; `null` where its denominator is 0 or absent. */
export interface ComputedMetric {
  readonly scope: Scope;
  /** Name for `top --by` and JSON output. */
  readonly name: string;
  readonly by?: readonly string[];
  readonly unit: Unit;
  readonly title: string;
  readonly help: string;
  readonly worse?: 'up' | 'down';
  readonly noisy?: boolean;
  readonly ratio: Ratio;
}

const closing = { of: ['epoch_close_recycled_slabs'], over: ['epoch_close_scanned_slabs'] };

export const COMPUTED: readonly ComputedMetric[] = [
  {
    scope: 'top',
    name: 'slow_path_rate',
    unit: 'ratio',
    title: 'slow %',
    worse: 'up',
    ratio: { of: ['total_slow_path_hits'], over: ['total_bitmap_alloc_attempts'] },
    help: 'Slow paths per object allocated',
  },
  {
    scope: 'top',
    name: 'alloc_cas_retry_rate',
    unit: 'ratio',
    title: 'retry/alloc',
    worse: 'up',
    ratio: { of: ['total_bitmap_alloc_cas_retries'], over: ['total_bitmap_alloc_attempts'] },
    help: 'Compare-and-swap retries per object allocated',
  },
  {
    scope: 'top',
    name: 'free_cas_retry_rate',
    unit: 'ratio',
    title: 'retry/free',
    worse: 'up',
    ratio: { of: ['total_bitmap_free_cas_retries'], over: ['total_bitmap_free_attempts'] },
    help: 'Compare-and-swap retries per object freed',
  },
  {
    scope: 'class',
    name: 'slow_path_rate',
    by: ['slow_rate'],
    unit: 'ratio',
    title: 'slow %',
    worse: 'up',
    ratio: { of: ['slow_path_hits'], over: ['bitmap_alloc_attempts'] },
    help: 'Slow paths per object allocated',
  },
  {
    scope: 'class',
    name: 'epoch_close_yield',
    by: ['yield'],
    unit: 'ratio',
    title: 'yield',
    worse: 'down',
    ratio: closing,
    help: 'Slabs given back per slab that epoch_close examined',
  },
  {
    scope: 'class',
    name: 'epoch_close_ns_per_call',
    by: ['close_ns'],
    unit: 'nanoseconds',
    title: 'ns/close',
    worse: 'up',
    noisy: true,
    ratio: { of: ['epoch_close_total_ns'], over: ['epoch_close_calls'] },
    help: "Time one epoch_close spends on this class's share",
  },
  {
    scope: 'class',
    name: 'occupancy',
    unit: 'ratio',
    title: 'occupancy',
    worse: 'down',
    ratio: { of: ['live_bytes'], over: ['committed_bytes'] },
    help: 'Live bytes per byte of slab held',
  },
];
