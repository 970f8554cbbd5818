import { UsageError } from '../../errors.ts';
import type { Unit } from '../../metrics/catalogue.ts';
import { fraction, fromDecimal, type Rational, times, ZERO } from '../statistics/rational.ts';
import { type DiffMetric, metricNames, metricUnit } from './metric.ts';

/** From where on a difference matters. Both floors must be exceeded; a limit holds by itself. */
export interface Threshold {
  /** Share of the value before: one tenth is 10 %. */
  readonly relative: Rational;
  /** In the metric's unit as it is compared: bytes, a share, events per million allocations. */
  readonly absolute: Rational;
  /** Largest count (of counters) or value that may be reached at all, whatever it was before. */
  readonly max?: Rational;
  /** The direction that is bad news; without one the metric is information only. */
  readonly worse?: 'up' | 'down';
}

/** What a person said on one metric; what is not said is as by default. */
export type ThresholdChoice = Partial<Threshold> | 'off';

/** By metric name; `default` stands for every metric not named. */
export type ThresholdChoices = ReadonlyMap<string, ThresholdChoice>;

/** The rules that hold where nothing else was said: 10 % for everything with a worse direction, and no refusal by the kernel at all. */
const DEFAULT: Threshold = { relative: fraction(1n, 10n), absolute: ZERO };
const BUILT_IN: ReadonlyMap<string, Partial<Threshold>> = new Map([
  ['total_madvise_failures', { max: ZERO }],
  ['madvise_failures', { max: ZERO }],
]);

/** How a metric is judged. */
export interface Rule extends Threshold {
  /** A person named this metric: then it must be comparable. */
  readonly explicit: boolean;
}

/** @returns the metric's rule, or null where it was switched off */
export function ruleFor(metric: DiffMetric, choices: ThresholdChoices): Rule | null {
  const named = [metric.name, ...metric.aliases]
    .map((name) => choices.get(name))
    .find((choice) => choice !== undefined);
  if (named === 'off') return null;
  const general = choices.get('default');
  if (general === 'off' && named === undefined) return null;
  return {
    ...DEFAULT,
    ...BUILT_IN.get(metric.name),
    ...(metric.worse && { worse: metric.worse }),
    ...(general === 'off' ? {} : general),
    ...named,
    explicit: named !== undefined,
  };
}

/** @throws UsageError where a name is no metric's, with the nearest ones */
export function checkName(name: string, where: string): void {
  const names = metricNames();
  if (name === 'default' || names.includes(name)) return;
  const near = names.filter((other) => other.includes(name) || name.includes(other)).slice(0, 5);
  throw new UsageError(
    'unknown-metric',
    `${where}: no metric is named ${JSON.stringify(name)}`,
    near.length > 0 ? `near it: ${near.join(', ')}` : "'tslab schema diff-config' lists them",
  );
}

const GRAMMAR = 'write METRIC=+10%, METRIC=+10%,abs=5, METRIC=max=0 or METRIC=off';

/**
 * @param text `slow_path_rate=+10%,abs=0.5%`: the relative floor with the direction that is bad news (optional where the metric has one), `abs=` the
 * absolute one, `max=` the limit; `=off` stops judging the metric
 * @throws UsageError
 */
export function parseThreshold(text: string): [name: string, choice: ThresholdChoice] {
  const at = text.indexOf('=');
  const name = text.slice(0, at).trim();
  const where = `--threshold ${text}`;
  if (at < 1) throw new UsageError('bad-threshold', `${where}: no metric is named`, GRAMMAR);
  checkName(name, '--threshold');
  const parts = text
    .slice(at + 1)
    .split(',')
    .map((part) => part.trim());
  if (parts.length === 1 && parts[0] === 'off') return [name, 'off'];
  const unit = metricUnit(name);
  let choice: Partial<Threshold> = {};
  for (const part of parts) choice = { ...choice, ...parsePart(part, name, unit, where) };
  return [name, choice];
}

function parsePart(part: string, name: string, unit: Unit | undefined, where: string): Partial<Threshold> {
  const named = /^(abs|max)=(.+)$/.exec(part);
  if (named) {
    const value = parseQuantity(named[2] ?? '', unit);
    if (!value) throw new UsageError('bad-threshold', `${where}: no number: ${JSON.stringify(named[2])}`, GRAMMAR);
    return named[1] === 'abs' ? { absolute: value } : { max: value };
  }
  const relative = /^([+-]?)([\d.]+)%$/.exec(part);
  const share = relative && fromDecimal(relative[2] ?? '');
  if (!share) throw new UsageError('bad-threshold', `${where}: not understood: ${JSON.stringify(part)}`, GRAMMAR);
  const worse = relative[1] === '+' ? 'up' : relative[1] === '-' ? 'down' : undefined;
  if (name === 'default' && worse)
    throw new UsageError('bad-threshold', `${where}: default takes no sign, each metric has its own`, GRAMMAR);
  return { relative: times(share, fraction(1n, 100n)), ...(worse && { worse }) };
}

const SUFFIXES: Partial<Record<Unit, Readonly<Record<string, Rational>>>> = {
  bytes: { B: fraction(1n), KiB: fraction(1024n), MiB: fraction(1024n ** 2n), GiB: fraction(1024n ** 3n) },
  nanoseconds: { ns: fraction(1n), us: fraction(1000n), ms: fraction(1_000_000n), s: fraction(1_000_000_000n) },
  ratio: { '%': fraction(1n, 100n) },
  percent: { '%': fraction(1n) },
};

function parseQuantity(text: string, unit: Unit | undefined): Rational | undefined {
  const [, digits = '', suffix = ''] = /^([\d.]+)\s*([A-Za-z%]*)$/.exec(text) ?? [];
  const value = fromDecimal(digits);
  const factor = suffix === '' ? fraction(1n) : unit && SUFFIXES[unit]?.[suffix];
  return value && factor && times(value, factor);
}
