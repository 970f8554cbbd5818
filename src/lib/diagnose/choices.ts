import { InputError, UsageError } from '../errors.ts';
import { parseExact } from '../snapshot/exact-json.ts';
import { describe } from '../snapshot/problem.ts';
import { type Code, SEVERITIES, type Severity } from './finding.ts';
import { CODES, THRESHOLDS, type Threshold } from './thresholds.ts';

/** What a person said about rules and limits. */
export interface Choices {
  readonly limits: ReadonlyMap<Code, Readonly<Record<string, number>>>;
  readonly without: ReadonlySet<Code>;
  readonly failOn?: FailOn;
}

export const FAIL_ON = [...SEVERITIES, 'never'] as const;
export type FailOn = Severity | 'never';

const GRAMMAR =
  'write CODE.NAME=VALUE, such as refcount-leak.age=10m or lock-contention.rate=30%, or CODE=off; tslab doctor --explain CODE lists the names';

/**
 * @param texts values of --threshold: `refcount-leak.age=10m`, `pinned-memory.bytes=64MiB`, `source-torn=off`
 * @param from what a configuration file said, which the texts come after
 * @throws UsageError
 */
export function parseThresholds(
  texts: readonly string[],
  from: Choices = { limits: new Map(), without: new Set() },
): Choices {
  const limits = new Map(from.limits);
  const without = new Set(from.without);
  for (const text of texts) {
    const where = `--threshold ${text}`;
    const [, code, limit, value = ''] = /^([^.=]*)(?:\.([^=]*))?=(.*)$/s.exec(text) ?? [];
    if (code === undefined || (limit === undefined && value !== 'off'))
      throw new UsageError('bad-threshold', `${where}: expected CODE.NAME=VALUE or CODE=off`, GRAMMAR);
    const known = codeNamed(code, where);
    if (limit === undefined) {
      without.add(known);
      continue;
    }
    limits.set(known, {
      ...limits.get(known),
      [limit]: parseQuantity(value, thresholdNamed(known, limit, where), where),
    });
    without.delete(known);
  }
  return { ...from, limits, without };
}

/**
 * @param text a JSON file: `{"failOn": "error", "ignore": ["CODE"], "thresholds": {"CODE": {"NAME": VALUE}}}`; a value is a number in the unit of the
 *   table, or text as for --threshold
 * @param name the file's name, for messages
 * @throws InputError where it is no JSON, UsageError where it says something unknown
 */
export function parseConfig(text: string, name: string): Choices {
  let file: unknown;
  try {
    file = parseExact(text);
  } catch (error) {
    throw new InputError('bad-config', `${name} is no JSON: ${error instanceof Error ? error.message : error}`);
  }
  const { failOn, ignore = [], thresholds = {}, $schema: _, ...others } = objectAt(file, name, '');
  const [other] = Object.keys(others);
  if (other !== undefined) throw bad(`${name}: no such key: ${JSON.stringify(other)}`);
  if (failOn !== undefined && !FAIL_ON.some((one) => one === failOn))
    throw bad(`${name}: /failOn: expected ${FAIL_ON.join(', ')}, found ${describe(failOn)}`);
  if (!Array.isArray(ignore)) throw bad(`${name}: /ignore: expected an array of codes, found ${describe(ignore)}`);
  const limits = new Map<Code, Record<string, number>>();
  for (const [code, named] of Object.entries(objectAt(thresholds, name, '/thresholds'))) {
    const known = codeNamed(code, `${name}: /thresholds`);
    const where = `${name}: /thresholds/${known}`;
    limits.set(
      known,
      Object.fromEntries(
        Object.entries(objectAt(named, name, `/thresholds/${known}`)).map(([limit, value]) => {
          const threshold = thresholdNamed(known, limit, where);
          return [
            limit,
            typeof value === 'string' ? parseQuantity(value, threshold, where) : numberOf(value, `${where}/${limit}`),
          ];
        }),
      ),
    );
  }
  return {
    limits,
    without: new Set(ignore.map((code) => codeNamed(String(code), `${name}: /ignore`))),
    ...(failOn !== undefined && { failOn: failOn as FailOn }),
  };
}

/** @throws UsageError listing the codes */
export function codeNamed(text: string, where: string): Code {
  const code = CODES.find((one) => one === text);
  if (code) return code;
  throw new UsageError(
    'unknown-code',
    `${where}: no finding has the code ${JSON.stringify(text)}`,
    `there are ${CODES.join(', ')}`,
  );
}

function thresholdNamed(code: Code, name: string, where: string): Threshold {
  const found = Object.entries<Threshold>(THRESHOLDS[code]).find(([known]) => known === name)?.[1];
  if (found) return found;
  throw new UsageError(
    'unknown-threshold',
    `${where}: ${code} has no threshold ${JSON.stringify(name)}`,
    `it has ${Object.keys(THRESHOLDS[code]).join(', ')}`,
  );
}

const KIB = 1024;
const BYTES = { '': 1, B: 1, KiB: KIB, MiB: KIB ** 2, GiB: KIB ** 3, TiB: KIB ** 4 };
const SUFFIXES: Readonly<Record<Threshold['unit'], Readonly<Record<string, number>>>> = {
  seconds: { '': 1, ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 },
  nanoseconds: { '': 1, ns: 1, us: 1e3, ms: 1e6, s: 1e9 },
  bytes: BYTES,
  'bytes/s': BYTES,
  ratio: { '': 1, '%': 0.01 },
  count: { '': 1 },
};

function parseQuantity(text: string, { unit }: Threshold, where: string): number {
  const [, digits = '', suffix = ''] = /^(\d+(?:\.\d+)?)\s*([A-Za-z%]*)$/.exec(text.trim()) ?? [];
  const value = digits === '' ? Number.NaN : Number(digits) * (SUFFIXES[unit][suffix] ?? Number.NaN);
  if (Number.isFinite(value)) return value;
  throw new UsageError('bad-threshold', `${where}: not a number of ${unit}: ${JSON.stringify(text)}`, GRAMMAR);
}

function numberOf(value: unknown, where: string): number {
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number) && number >= 0) return number;
  throw bad(`${where}: expected a number from 0 on or text, found ${describe(value)}`);
}

function objectAt(value: unknown, name: string, pointer: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw bad(`${name}: ${pointer === '' ? 'the file' : pointer}: expected an object, found ${describe(value)}`);
}

function bad(message: string): UsageError {
  return new UsageError('bad-config', message);
}
