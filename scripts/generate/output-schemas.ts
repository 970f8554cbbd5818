import { isAmount, type Measure, measuresOf } from '../../src/lib/analysis/measure.ts';
import { CLOSE } from '../../src/lib/metrics/close.ts';
import { stringifyExact } from '../../src/lib/snapshot/exact-json.ts';
import { U64_MAX } from '../../src/lib/snapshot/u64.ts';

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';
const u64 = { $ref: '#/$defs/u64' };
const i64 = { $ref: '#/$defs/i64' };
const $defs = {
  u64: { type: 'integer', minimum: 0, maximum: U64_MAX },
  i64: { type: 'integer', minimum: -U64_MAX, maximum: U64_MAX },
  events: {
    type: 'array',
    description: 'Why there is no rate, or what else a person should know about the time since the sample before',
    items: {
      type: 'object',
      required: ['code', 'message'],
      properties: {
        code: {
          enum: [
            'process-changed',
            'instance-changed',
            'counter-reset',
            'no-clock',
            'unchanged',
            'clock-backwards',
            'clock-jump',
            'missed',
          ],
        },
        message: { type: 'string' },
      },
    },
  },
};

const identity = {
  class_index: { ...u64, description: 'Of a class' },
  object_size: { ...u64, description: 'Of a class: bytes of one object' },
  epoch_id: { ...u64, description: 'Of an epoch: slot of the ring' },
  epoch_era: { ...u64, description: 'Of an epoch: incarnation of the slot' },
  state: { enum: ['ACTIVE', 'CLOSING'], description: 'Of an epoch' },
  label: { type: 'string', description: 'Of an epoch or a label; empty for unlabeled' },
};

/** @returns schemas/watch.schema.json */
export function watchSchema(): string {
  return text({
    $schema: DRAFT,
    title: 'tslab watch --json, one line',
    description:
      'A sample in the light of the one before. What is unknown is absent; integers are exact. Generated from the metric catalogue.',
    type: 'object',
    required: ['sequence', 'events', 'values', 'ratios'],
    additionalProperties: false,
    properties: {
      sequence: { ...u64, description: '0 for the first sample, which has no delta' },
      timestamp_ns: { ...u64, description: 'Wall clock of the producer' },
      pid: u64,
      instance: { anyOf: [u64, { type: 'string' }] },
      elapsed_ns: {
        ...u64,
        description: 'Since the sample before, by the same clock; absent where that clock cannot be trusted',
      },
      events: { $ref: '#/$defs/events' },
      ...numbers('top'),
      last_epoch_close: {
        type: 'object',
        description: 'What was seen around the latest epoch_close. Other threads may move RSS at the same time',
        required: ['rss_before', 'rss_after', 'rss_fell_by', 'madvise_bytes'],
        additionalProperties: false,
        properties: {
          ...Object.fromEntries(CLOSE.map(({ field, help }) => [field, { ...u64, description: help }])),
          label: { type: 'string', description: 'Of older producers absent once the slot has been opened anew' },
          rss_fell_by: { ...i64, description: 'rss_before less rss_after: negative where RSS rose' },
        },
      },
      classes: list('class', ['class_index', 'object_size'], 'With --classes'),
      epochs: list('epoch', ['epoch_id', 'epoch_era', 'state', 'label'], 'With --epochs'),
      labels: list('label', ['label'], 'With --labels'),
    },
    $defs,
  });
}

/** @returns schemas/top.schema.json */
export function topSchema(): string {
  return text({
    $schema: DRAFT,
    title: 'tslab top --json',
    description: 'Classes, epochs or labels by one of their metrics. What is unknown is absent; integers are exact.',
    type: 'object',
    required: ['scope', 'by', 'unit', 'value', 'order', 'events', 'rows'],
    additionalProperties: false,
    properties: {
      scope: { enum: ['classes', 'epochs', 'labels'] },
      by: { type: 'string', description: "The metric's full name, see docs/metrics.md" },
      unit: { type: 'string' },
      value: {
        enum: ['per_second', 'over_window', 'as_it_stands'],
        description:
          "What a row's value is: a rate, a ratio of what happened in the window, or the snapshot's own number",
      },
      order: { enum: ['desc', 'asc'] },
      timestamp_ns: u64,
      pid: u64,
      window_ns: { ...u64, description: 'Time between the two snapshots that were compared' },
      events: { $ref: '#/$defs/events' },
      of: {
        ...u64,
        description: 'How many there are in all, before --n and --filter; absent where the producer does not say',
      },
      rows: {
        type: 'array',
        items: {
          type: 'object',
          required: ['rank'],
          additionalProperties: false,
          properties: {
            rank: { ...u64, description: '1 for the first; equals share a rank' },
            ...identity,
            value: { type: ['number', 'null'], description: 'Null where 0 was divided by 0' },
            delta: { ...i64, description: 'Change over the window' },
            total: { ...u64, description: "The snapshot's own number" },
          },
        },
      },
    },
    $defs,
  });
}

function numbers(scope: Measure['scope']): object {
  const named = (wanted: (measure: Measure) => boolean, schema: object) => ({
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(
      measuresOf(scope)
        .filter(wanted)
        .map(({ name, help }) => [name, { ...schema, description: help }]),
    ),
  });
  return {
    values: { ...named(isAmount, u64), description: "The snapshot's own numbers" },
    delta: { ...named(isAmount, i64), description: 'How much each has changed since the sample before' },
    per_second: { ...named(isAmount, { type: 'number' }), description: 'delta by the time in between' },
    ratios: {
      ...named(({ kind }) => kind === 'ratio', { type: ['number', 'null'] }),
      description:
        'Of what happened since the sample before; of the totals in the first sample. Null where 0 is divided by 0',
    },
  };
}

function list(scope: Measure['scope'], names: readonly (keyof typeof identity)[], description: string): object {
  return {
    type: 'array',
    description,
    items: {
      type: 'object',
      required: ['values', 'ratios'],
      additionalProperties: false,
      properties: { ...Object.fromEntries(names.map((name) => [name, identity[name]])), ...numbers(scope) },
    },
  };
}

function text(schema: object): string {
  return `${stringifyExact(schema, 2)}\n`;
}
