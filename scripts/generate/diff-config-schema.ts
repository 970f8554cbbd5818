import { metricNames, PART_KINDS } from '../../src/lib/analysis/diff/metric.ts';

/** @returns schemas/diff-config.schema.json: the thresholds' names are the catalogue's, so that editors complete and check them */
export function diffConfigSchema(): string {
  const threshold = { $ref: '#/$defs/threshold' };
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Configuration of tslab diff',
    description:
      'What tslab diff reads from tslab.diff.json or the file that --config names. Flags win over it. Generated from the metric catalogue.',
    type: 'object',
    additionalProperties: false,
    properties: {
      $schema: { type: 'string', description: 'This schema, for editors' },
      failOn: {
        enum: ['regression', 'change', 'never'],
        description: 'What ends with exit code 3; regression by default',
      },
      alpha: {
        type: 'number',
        exclusiveMinimum: 0,
        exclusiveMaximum: 1,
        description: 'Chance of one false alarm in the whole comparison; 0.05 by default',
      },
      by: {
        type: 'array',
        items: { enum: PART_KINDS },
        description: 'What is compared: the totals, each class, each label; totals by default',
      },
      thresholds: {
        type: 'object',
        additionalProperties: false,
        description: 'From where on a difference matters, by metric; default stands for every metric not named',
        properties: Object.fromEntries(['default', ...metricNames()].map((name) => [name, threshold])),
      },
    },
    $defs: {
      threshold: {
        type: ['object', 'string'],
        description: 'Both floors must be exceeded; the limit holds by itself. "off" stops judging the metric',
        additionalProperties: false,
        properties: {
          relative: { type: 'number', minimum: 0, description: 'Share of the value before: 0.1 is 10 %' },
          absolute: {
            type: 'number',
            minimum: 0,
            description: 'In the unit the metric is compared in: bytes, a share, events per million allocations',
          },
          max: { type: 'number', minimum: 0, description: 'Largest count or value after, whatever it was before' },
          worse: { enum: ['up', 'down'], description: 'The direction that is bad news, where it is not the usual one' },
        },
        pattern: '^off$',
      },
    },
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
