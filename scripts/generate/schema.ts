import { CATALOGUE, type MetricRow, type Scope } from '../../src/lib/metrics/catalogue.ts';
import { stringifyExact } from '../../src/lib/snapshot/exact-json.ts';
import { U64_MAX } from '../../src/lib/snapshot/u64.ts';

/** Entries a hostile or mistaken document may list before it is refused; a real one has 8 classes and 16 epochs. */
const MAX_ENTRIES = 4096;

const u64 = { $ref: '#/$defs/u64' };

const closeLabel = { type: 'string', description: 'That the epoch bore; empty for unlabeled' };

/** @returns schemas/snapshot.schema.json: every number from the catalogue, the rest by hand */
export function snapshotSchema(): string {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'temporal-slab snapshot, version 1',
    description:
      'One snapshot of an allocator, as stats_dump prints it. Fields are only ever added: readers ignore what they do not know. ' +
      'All counters are exact unsigned 64-bit integers; a reader must not put them through a double. Generated from the metric catalogue.',
    type: 'object',
    required: ['classes'],
    properties: {
      ...numbers('top'),
      schema_version: { const: 1, description: 'Version of the snapshot contract; the oldest producers leave it out' },
      label_registry: {
        type: 'object',
        description: 'Names of label ids; id 0 is unlabeled, and the bucket of labels that found the registry full',
        properties: {
          count: { ...u64, description: 'Ids in use' },
          max_labels: { ...u64, description: 'Ids there can be' },
          labels: { type: 'object', description: 'Label id to text', additionalProperties: { type: 'string' } },
        },
      },
      allocator: {
        type: 'object',
        description: 'Who produced the snapshot',
        properties: {
          name: { type: 'string', description: 'Name of the allocator' },
          version: { type: 'string', description: 'Version of the library' },
          instance: { anyOf: [u64, { type: 'string' }], description: 'Tells allocators of one process apart' },
        },
      },
      process: {
        type: 'object',
        description: 'The process that the counters belong to',
        properties: {
          command: { type: 'string', description: 'What the process calls itself' },
          name: { type: 'string', description: 'Name that its user gave to the allocator instance; may be empty' },
          live: {
            type: 'boolean',
            description: 'False where the process, or this instance in it, had ended: its last state',
          },
        },
      },
      counter_file: {
        type: 'string',
        description:
          'ok where other processes can read the counters, else why not: off, no-directory, no-file, no-space, forked',
      },
      torn: { type: 'boolean', description: 'True where not all sections could be read at one instant' },
      last_epoch_close: {
        type: 'object',
        description: 'What the latest epoch_close saw',
        properties: { label: closeLabel, ...numbers('close') },
      },
      longest_epoch_close: {
        type: 'object',
        description:
          'What the longest epoch_close of late saw: it gives way to one as long, and to any that comes more than a minute later',
        properties: { label: closeLabel, ...numbers('longest') },
      },
      classes: {
        type: 'array',
        description: 'One entry per object size',
        maxItems: MAX_ENTRIES,
        items: {
          type: 'object',
          required: ['object_size'],
          properties: {
            ...numbers('class'),
            contention_by_label: {
              type: 'object',
              description: 'Contention counters split by label id; only in builds with ENABLE_LABEL_CONTENTION',
              properties: Object.fromEntries(
                CATALOGUE.label.map((row) => [
                  row.field,
                  { type: 'object', description: row.help, additionalProperties: u64 },
                ]),
              ),
            },
          },
        },
      },
      epochs: {
        type: 'array',
        description: 'One entry per slot of the ring',
        maxItems: MAX_ENTRIES,
        items: {
          type: 'object',
          required: ['epoch_id'],
          properties: {
            ...numbers('epoch'),
            state: { enum: ['ACTIVE', 'CLOSING'], description: 'Whether the epoch accepts allocations' },
            label: {
              type: 'string',
              description: 'Text that names what the epoch is for: UTF-8, at most 31 bytes from our producer',
            },
          },
        },
      },
    },
    $defs: { u64: { type: 'integer', minimum: 0, maximum: U64_MAX } },
  };
  return `${stringifyExact(schema, 2)}\n`;
}

function numbers(scope: Scope): Record<string, object> {
  return Object.fromEntries(CATALOGUE[scope].map((row) => [row.field, number(row)]));
}

function number(row: MetricRow): object {
  const description = row.help;
  return row.type === 'f64' ? { type: 'number', description } : { ...u64, description };
}
