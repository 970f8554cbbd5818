import validate from '../../../generated/validate-diff-config.js';
import { InputError, UsageError } from '../../errors.ts';
import { parseExact } from '../../snapshot/exact-json.ts';
import { describe } from '../../snapshot/problem.ts';
import { fromDecimal, type Rational } from '../statistics/rational.ts';
import type { PartKind } from './metric.ts';
import type { FailOn } from './result.ts';
import type { ThresholdChoice, ThresholdChoices } from './threshold.ts';

/** A configuration file as schemas/diff-config.schema.json describes it. */
interface ConfigFile {
  readonly failOn?: FailOn;
  readonly alpha?: number;
  readonly by?: readonly PartKind[];
  readonly thresholds?: Readonly<Record<string, 'off' | ThresholdFile>>;
}

interface ThresholdFile {
  readonly relative?: number;
  readonly absolute?: number | bigint;
  readonly max?: number | bigint;
  readonly worse?: 'up' | 'down';
}

export interface Config {
  readonly failOn?: FailOn;
  readonly alpha?: number;
  readonly by?: readonly PartKind[];
  readonly thresholds: ThresholdChoices;
}

/**
 * @param text the file's content
 * @param name the file's name, for messages
 * @throws InputError where it is no JSON; UsageError naming the place that breaks the schema and what is expected there
 */
export function parseConfig(text: string, name: string): Config {
  let file: unknown;
  try {
    file = parseExact(text);
  } catch (error) {
    throw new InputError('bad-config', `${name} is no JSON: ${error instanceof Error ? error.message : error}`);
  }
  if (!validate(file)) {
    const error =
      (validate.errors ?? []).find(({ keyword }) => keyword !== 'anyOf' && keyword !== 'const') ?? validate.errors?.[0];
    const pointer = error?.instancePath ?? '';
    throw new UsageError(
      'bad-config',
      `${name}: ${pointer === '' ? 'the file' : pointer}: ${expectation(error, valueAt(file, pointer))}`,
      HINT,
    );
  }
  const { thresholds = {}, failOn, alpha, by } = file as ConfigFile;
  return {
    ...(failOn && { failOn }),
    ...(alpha !== undefined && { alpha }),
    ...(by && { by }),
    thresholds: new Map(Object.entries(thresholds).map(([metric, value]) => [metric, choiceOf(value)])),
  };
}

const HINT = "'tslab schema diff-config' prints what a configuration may hold";

function choiceOf(value: 'off' | ThresholdFile): ThresholdChoice {
  if (value === 'off') return 'off';
  const { relative, absolute, max, worse } = value;
  return {
    ...(relative !== undefined && { relative: exact(relative) }),
    ...(absolute !== undefined && { absolute: exact(absolute) }),
    ...(max !== undefined && { max: exact(max) }),
    ...(worse && { worse }),
  };
}

/** @returns what the file's digits say: 0.1 is one tenth */
function exact(value: number | bigint): Rational {
  const rational = fromDecimal(String(value));
  if (!rational) throw new RangeError(`no decimal: ${value}`);
  return rational;
}

function expectation(error: { keyword: string; params: Record<string, unknown> } | undefined, found: unknown): string {
  const params = error?.params ?? {};
  const is = `, found ${describe(found)}`;
  switch (error?.keyword) {
    case 'additionalProperties':
      return `no such key: ${JSON.stringify(params['additionalProperty'])}`;
    case 'type':
      return `expected ${String(params['type'])}${is}`;
    case 'enum':
      return `expected ${(params['allowedValues'] as unknown[]).map((value) => JSON.stringify(value)).join(' or ')}${is}`;
    case 'pattern':
      return `expected "off" or an object${is}`;
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return `expected a number ${String(params['comparison'])} ${String(params['limit'])}${is}`;
    default:
      return `not what the schema says${is}`;
  }
}

function valueAt(root: unknown, pointer: string): unknown {
  let value = root;
  for (const part of pointer.split('/').slice(1)) value = (value as Record<string, unknown> | null)?.[part];
  return value;
}
