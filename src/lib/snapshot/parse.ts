import validate, { type ValidationError } from '../../generated/validate-snapshot.js';
import { CATALOGUE } from '../metrics/catalogue.ts';
import type { Snapshot } from './model.ts';
import { describe, InvalidSnapshot, type Problem } from './problem.ts';

/** The contract's version that this tslab reads. */
export const SCHEMA_VERSION = 1;

/**
 * @param value what parseExact made of a document
 * @returns the same object, now known to be a snapshot
 * @throws InvalidSnapshot naming the first place that breaks the schema, or both versions where schema_version is another
 */
export function asSnapshot(value: unknown): Snapshot {
  const version = (value as { schema_version?: unknown } | null)?.schema_version;
  if (
    version !== undefined &&
    version !== SCHEMA_VERSION &&
    (typeof version === 'number' || typeof version === 'bigint')
  ) {
    throw new InvalidSnapshot(
      'schema-version',
      `schema_version is ${version}, this tslab reads ${SCHEMA_VERSION}`,
      [{ pointer: '/schema_version', expected: String(SCHEMA_VERSION), found: describe(version) }],
      'use the tslab that came with the producer',
    );
  }
  if (validate(value)) return value as Snapshot;
  const problems = (validate.errors ?? []).map((error) => problemOf(error, value));
  const [first] = problems;
  const where = first?.pointer ? `${first.pointer}: ` : '';
  throw new InvalidSnapshot(
    'invalid-snapshot',
    `not a snapshot: ${where}expected ${first?.expected}, found ${first?.found}`,
    problems,
  );
}

function problemOf(error: ValidationError, root: unknown): Problem {
  const { keyword, instancePath, params } = error;
  if (keyword === 'required') {
    const pointer = `${instancePath}/${escapePointer(String(params.missingProperty))}`;
    return { pointer, expected: 'a value', found: 'nothing' };
  }
  const value = at(root, instancePath);
  return { pointer: printable(instancePath), expected: expectation(keyword, params), found: describe(value) };
}

function expectation(keyword: string, params: ValidationError['params']): string {
  switch (keyword) {
    case 'u64':
      return 'an unsigned 64-bit integer';
    case 'type':
      return (
        { object: 'an object', array: 'an array', string: 'a string', number: 'a number', boolean: 'true or false' }[
          String(params.type)
        ] ?? `${params.type}`
      );
    case 'enum':
      return (params.allowedValues as unknown[]).map((allowed) => JSON.stringify(allowed)).join(' or ');
    case 'const':
      return JSON.stringify(params.allowedValue);
    case 'maxItems':
      return `at most ${params.limit} entries`;
    case 'anyOf':
      return 'one of the permitted types';
    default:
      return `what the schema says (${keyword})`;
  }
}

function at(root: unknown, pointer: string): unknown {
  let value = root;
  for (const part of pointer.split('/').slice(1)) {
    value = (value as Record<string, unknown> | null | undefined)?.[part.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return value;
}

function escapePointer(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1');
}

const KNOWN = new Set(Object.values(CATALOGUE).flatMap((rows) => rows.map((row) => row.field as string)));

/** Keys of a hostile document must not reach a terminal: what the schema does not name is reduced to plain characters. */
function printable(pointer: string): string {
  return pointer
    .split('/')
    .map((part) => (KNOWN.has(part) ? part : part.replace(/[^\w~-]/g, '?').slice(0, 64)))
    .join('/');
}
