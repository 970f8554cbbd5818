import type { CLASS, CLOSE, EPOCH, LABEL, LONGEST, MetricRow, TOP } from '../metrics/catalogue.ts';
import type { U64 } from './u64.ts';

/** The fields of a catalogue table, each with the type its row gives it. */
type NumbersOf<R extends MetricRow> = { [Row in R as Row['field']]?: Row['type'] extends 'f64' ? number : U64 };

/**
 * A snapshot as tslab holds it: the JSON document's own names and shape, numbers exact (see u64.ts). Which numbers there are follows from
 * the metric catalogue. Every field that some generation of producers lacks is optional: absent means unknown, never 0.
 */
export interface Snapshot extends NumbersOf<(typeof TOP)[number]> {
  classes: ClassStats[];
  epochs?: EpochStats[];
  label_registry?: LabelRegistry;
  last_epoch_close?: CloseStats<(typeof CLOSE)[number]>;
  longest_epoch_close?: CloseStats<(typeof LONGEST)[number]>;
  allocator?: { name?: string; version?: string; instance?: U64 | string };
  /** command and name are text from the watched program: hostile until they went through render/safe-text.ts. */
  process?: { command?: string; name?: string; live?: boolean };
  /** `ok`, or why other processes cannot read the counters. */
  counter_file?: string;
  /** True where the producer could not read a consistent section in bounded retries. */
  torn?: boolean;
}

/** label: text from the watched program, hostile until it went through render/safe-text.ts. */
export type CloseStats<R extends MetricRow = (typeof CLOSE)[number]> = NumbersOf<R> & { label?: string };

export interface ClassStats extends NumbersOf<(typeof CLASS)[number]> {
  object_size: U64;
  contention_by_label?: ByLabel;
}

/** Counter name to label id to count. */
export type ByLabel = { [Row in (typeof LABEL)[number] as Row['field']]?: Record<string, U64> };

export interface EpochStats extends NumbersOf<(typeof EPOCH)[number]> {
  epoch_id: U64;
  state?: 'ACTIVE' | 'CLOSING';
  /** Text from the watched program: hostile until it went through render/safe-text.ts. */
  label?: string;
}

export interface LabelRegistry {
  count?: U64;
  max_labels?: U64;
  /** Label id to text; id 0 is both "unlabeled" and the bucket of labels that found the registry full. Hostile text, as above. */
  labels?: Record<string, string>;
}
