/**
 * The shape of a row of the metric catalogue, and the constructors the tables are written with.
 *
 * A row says everything the rest of tslab needs to know about one number of a snapshot: where it stands, what it is called
 * elsewhere, what it counts, which direction is bad news. Adding a metric is adding a row here and one in
 * native/include/temporal_slab_fields.def; `npm run generate` then rewrites the schema and the reference pages.
 */

/** Where a number stands: top level, `classes[]`, `epochs[]`, `last_epoch_close`, `longest_epoch_close`, or `classes[].contention_by_label`. */
export type Scope = 'top' | 'class' | 'epoch' | 'close' | 'longest' | 'label';

/** counter: never goes down within one (pid, instance) · gauge: may go either way · meta: identifies · derived: follows from others. */
export type Kind = 'counter' | 'gauge' | 'meta' | 'derived';

/** u64: an unsigned 64-bit integer, exact · f64: a finite double. */
export type NumberType = 'u64' | 'f64';

export type Unit =
  | 'bytes'
  | 'seconds'
  | 'nanoseconds'
  | 'timestamp' // nanoseconds since 1970, CLOCK_REALTIME
  | 'ratio' // 0 to 1 or above
  | 'percent'
  | 'slabs'
  | 'objects'
  | 'calls'
  | 'events'
  | 'threads'
  | 'epochs'
  | 'id'; // a name that happens to be a number: never summed, never compared

/**
 * The generations of producers in the wild, oldest first. A field's `since` is the generation that brought it.
 * 1 totals and classes · 2 snapshot metadata · 3 epochs · 4 epoch-close telemetry · 5 contention · 6 labels · 7 temporal-slab's own.
 */
export type Generation = 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** A Prometheus family name, or why there is none. */
export type Exposition = string | { readonly none: string };

export interface MetricSpec {
  readonly unit: Unit;
  /** Column title, at most 12 characters. */
  readonly title: string;
  /** One sentence, no full stop: table tooltips, HELP lines and the reference pages all print it. */
  readonly help: string;
  readonly since: Generation;
  readonly prom: Exposition;
  /** The direction that is bad news when two runs are compared. */
  readonly worse?: 'up' | 'down';
  /** True where timing, the kernel or the clock have a say: differs between two runs with the same seed, one thread and as many operations. */
  readonly noisy?: boolean;
  /** Extra names for `top --by`, besides the field's own. */
  readonly by?: readonly string[];
  /** The class field this total is the sum of. */
  readonly sumOf?: string;
  /** The field of the same scope that counts the operations this one happens in; comparisons of two runs divide by it. */
  readonly per?: string;
  /** For derived numbers: numerator and denominator, each the sum of fields of the same scope, and a factor. */
  readonly ratio?: Ratio;
}

export interface Ratio {
  readonly of: readonly string[];
  readonly over: readonly string[];
  /** Defaults to 1; 100 for a percentage. */
  readonly times?: number;
}

export interface MetricRow<S extends Scope = Scope, F extends string = string, T extends NumberType = NumberType>
  extends MetricSpec {
  readonly scope: S;
  /** The JSON field's name within its scope. */
  readonly field: F;
  readonly kind: Kind;
  readonly type: T;
}

/** @returns constructors for one scope's rows; the field's name stays a literal type, from which the snapshot's types follow. */
export function rowsOf<S extends Scope>(scope: S) {
  const row =
    <T extends NumberType>(kind: Kind, type: T) =>
    <const F extends string>(field: F, spec: MetricSpec): MetricRow<S, F, T> => ({ scope, field, kind, type, ...spec });
  return {
    counter: row('counter', 'u64'),
    gauge: row('gauge', 'u64'),
    meta: row('meta', 'u64'),
    derived: row('derived', 'f64'),
  };
}
