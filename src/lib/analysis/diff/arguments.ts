import { UsageError } from '../../errors.ts';
import type { Config } from './config.ts';
import type { DiffChoice } from './diff.ts';
import type { PartKind } from './metric.ts';
import type { Mode, SampleKind } from './pairing.ts';
import type { FailOn } from './result.ts';
import { checkName, parseThreshold } from './threshold.ts';

/** Files, `-` or URLs of each side. */
export interface Sides {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** What a person wrote, as far as it names the sides. */
export interface SideArguments {
  /** Arguments before a bare `--`, and after it; null where there is none. */
  readonly first: readonly string[];
  readonly second: readonly string[] | null;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** @returns what stands before the first mark and after it; null where there is none */
export function splitAt(mark: string, operands: readonly string[]): Pick<SideArguments, 'first' | 'second'> {
  const at = operands.indexOf(mark);
  return at === -1
    ? { first: operands, second: null }
    : { first: operands.slice(0, at), second: operands.slice(at + 1) };
}

const HINT = "write 'tslab diff BEFORE AFTER', '--before A B --after C D', or 'A B -- C D'";

/** @throws UsageError where it is not clear what belongs to which side */
export function sidesOf({ first, second, before, after }: SideArguments): Sides {
  const flagged = before.length > 0 || after.length > 0;
  if ([...before, ...after, ...(second ?? [])].some((name) => name.startsWith('\0')))
    throw new UsageError('two-ways', 'one -- too many', HINT);
  if (flagged && (first.length > 0 || second !== null))
    throw new UsageError('two-ways', 'sides are named by flags and by position at once', HINT);
  const sides = flagged ? { before, after } : byPosition(first, second);
  if (sides.before.length === 0 || sides.after.length === 0)
    throw new UsageError('missing-side', `the ${sides.before.length === 0 ? 'before' : 'after'} side is missing`, HINT);
  if ([...sides.before, ...sides.after].filter((name) => name === '-').length > 1)
    throw new UsageError('two-stdin', 'stdin can be read once only');
  return sides;
}

function byPosition(first: readonly string[], second: readonly string[] | null): Sides {
  if (second !== null) return { before: first, after: second };
  if (first.length > 2)
    throw new UsageError('unclear-sides', `${first.length} files, and which side is each on?`, HINT);
  return { before: first.slice(0, 1), after: first.slice(1) };
}

export interface ChoiceFlags {
  readonly 'fail-on': FailOn | undefined;
  readonly alpha: string | undefined;
  readonly by: readonly PartKind[] | undefined;
  readonly mode: Mode | 'auto';
  readonly samples: SampleKind | 'auto';
  readonly threshold: readonly string[] | undefined;
}

/**
 * @param config the file's settings; flags win over it, a threshold's parts one by one
 * @throws UsageError
 */
export function choiceOf(flags: ChoiceFlags, config: Config): DiffChoice {
  const thresholds = new Map(config.thresholds);
  for (const name of thresholds.keys()) checkName(name, 'thresholds');
  for (const text of flags.threshold ?? []) {
    const [name, choice] = parseThreshold(text);
    const set = thresholds.get(name);
    thresholds.set(name, choice === 'off' || set === 'off' ? choice : { ...set, ...choice });
  }
  const alpha = flags.alpha === undefined ? (config.alpha ?? 0.05) : Number(flags.alpha);
  if (!(alpha > 0 && alpha < 1)) throw new UsageError('bad-alpha', `--alpha ${flags.alpha}: not between 0 and 1`);
  return {
    mode: flags.mode,
    samples: flags.samples,
    failOn: flags['fail-on'] ?? config.failOn ?? 'regression',
    alpha,
    by: flags.by ?? config.by ?? ['total'],
    thresholds,
  };
}
