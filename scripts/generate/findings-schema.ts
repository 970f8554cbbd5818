import { FAIL_ON } from '../../src/lib/diagnose/choices.ts';
import { SEVERITIES } from '../../src/lib/diagnose/finding.ts';
import { CODES, THRESHOLDS } from '../../src/lib/diagnose/thresholds.ts';
import { stringifyExact } from '../../src/lib/snapshot/exact-json.ts';
import { U64_MAX } from '../../src/lib/snapshot/u64.ts';

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';
const u64 = { $ref: '#/$defs/u64' };
const $defs = { u64: { type: 'integer', minimum: 0, maximum: U64_MAX } };

/** @returns schemas/findings.schema.json */
export function findingsSchema(): string {
  return text({
    $schema: DRAFT,
    title: 'Output of tslab doctor --json, version 1',
    description:
      'What is wrong, most severe first, and what was checked. Integers are exact. Fields are only ever added. Generated from the table of thresholds.',
    type: 'object',
    required: ['schema_version', 'exit_code', 'source', 'findings', 'checks'],
    additionalProperties: false,
    properties: {
      schema_version: { const: 1 },
      exit_code: { enum: [0, 3, 4, 5], description: 'What the process ends with' },
      source: {
        type: 'object',
        required: ['snapshots', 'restarts'],
        additionalProperties: false,
        properties: {
          pid: u64,
          instance: { anyOf: [u64, { type: 'string' }] },
          timestamp_ns: { ...u64, description: 'Of the last snapshot' },
          snapshots: { ...u64, description: 'Of the present process and allocator' },
          seconds: { type: 'number', description: 'Between the first and the last of them' },
          restarts: { ...u64, description: 'Times the process or its counters began anew before' },
        },
      },
      findings: { type: 'array', items: finding() },
      checks: {
        type: 'array',
        description: 'One for each code that was asked for',
        items: {
          type: 'object',
          required: ['code', 'judged'],
          additionalProperties: false,
          properties: {
            code: { enum: CODES },
            judged: {
              enum: ['now', 'since-start', 'window', 'no'],
              description: 'since-start: from totals since the start of the process, which hide when things happened',
            },
            lacks: {
              enum: ['window', 'numbers'],
              description:
                'Why it could not be judged: it takes two snapshots, or numbers that the producer does not say',
            },
            paths: { type: 'array', items: { type: 'string' }, description: 'Those numbers; one of them is enough' },
          },
        },
      },
    },
    $defs,
  });
}

function finding(): object {
  return {
    type: 'object',
    required: ['code', 'severity', 'confidence', 'owner', 'message', 'action', 'runbook', 'evidence', 'args'],
    additionalProperties: false,
    properties: {
      code: { enum: CODES },
      severity: { enum: SEVERITIES },
      confidence: { enum: ['certain', 'high', 'medium', 'low'] },
      owner: {
        type: 'object',
        description: 'Whom it concerns, as far as known',
        additionalProperties: false,
        properties: {
          label: { type: 'string', description: 'As the program set it, or empty for unlabeled' },
          epoch_id: u64,
          epoch_era: u64,
          object_size: u64,
        },
      },
      message: { type: 'string', description: 'For people: unsafe characters of the label are spelled out' },
      action: { type: 'string' },
      runbook: { type: 'string', description: 'The page on this code' },
      evidence: {
        type: 'array',
        items: {
          type: 'object',
          required: ['metric', 'pointer', 'value', 'unit', 'basis'],
          additionalProperties: false,
          properties: {
            metric: { type: 'string' },
            pointer: { type: 'string', description: 'JSON pointer into the last snapshot' },
            value: { type: 'number' },
            unit: { type: 'string' },
            basis: {
              enum: ['now', 'since-start', 'window'],
              description: 'window: how much it changed between two snapshots',
            },
          },
        },
      },
      args: { type: 'object', description: 'What the message is made of; its keys depend on the code' },
    },
  };
}

/** @returns schemas/doctor-config.schema.json */
export function doctorConfigSchema(): string {
  return text({
    $schema: DRAFT,
    title: 'Configuration of tslab doctor (tslab.doctor.json)',
    type: 'object',
    additionalProperties: false,
    properties: {
      $schema: { type: 'string' },
      failOn: { enum: FAIL_ON, description: 'Severity from which on the exit code is 3' },
      ignore: { type: 'array', items: { enum: CODES }, description: 'Codes that are not looked for' },
      thresholds: {
        type: 'object',
        additionalProperties: false,
        properties: Object.fromEntries(
          CODES.map((code) => [
            code,
            {
              type: 'object',
              additionalProperties: false,
              properties: Object.fromEntries(
                Object.entries(THRESHOLDS[code]).map(([name, { value, unit, says }]) => [
                  name,
                  { type: ['number', 'string'], minimum: 0, default: value, description: `${says} (${unit})` },
                ]),
              ),
            },
          ]),
        ),
      },
    },
  });
}

function text(schema: object): string {
  return `${stringifyExact(schema, 2)}\n`;
}
