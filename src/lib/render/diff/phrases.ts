import type { Part } from '../../analysis/diff/metric.ts';
import type { Comparison, Diff, Incomparable, SideSummary, Status, Summary } from '../../analysis/diff/result.ts';
import {
  ABSENT,
  formatBytes,
  formatCount,
  formatMetric,
  formatNanoseconds,
  formatShare,
  formatSi,
} from '../../units.ts';

/**
 * Everything a person reads of a comparison. What may be hostile, labels and file names, goes through `safe`; a layout that makes its whole text safe
 * leaves that out.
 */
type MakeSafe = (text: string) => string;
const asIs: MakeSafe = (text) => text;

export const VERDICTS: Readonly<Record<Status, string>> = {
  regression: 'regression',
  improvement: 'better',
  change: 'changed',
  within: 'within threshold',
  noise: '~',
  same: 'same',
  'too-few': 'too few samples',
};

/** @returns e.g. `slow_path_rate`, `lock_contended{class=128}`, `pinned_waste_bytes{label=request}` */
export function nameOf({ name, part }: { readonly name: string; readonly part: Part }, safe = asIs): string {
  switch (part.kind) {
    case 'total':
      return name;
    case 'class':
      return `${name}{class=${part.objectSize}}`;
    case 'label':
      return `${name}{label=${part.label === '' ? '(unlabeled)' : safe(part.label)}}`;
  }
}

/** @returns what a count was divided by: `per M allocs`, `per epoch close`, `/s`; '' for gauges and ratios */
export function perOf({ per }: Comparison): string {
  if (!per) return '';
  if (per.name === 'second') return '/s';
  return per.times === 1 ? `per ${per.name}` : `per M ${per.name}s`;
}

/** @returns the median with its interval, in the metric's unit */
export function medianText(summary: Summary, comparison: Comparison): string {
  const middle = quantity(summary.median, comparison);
  if (summary.low === undefined || summary.high === undefined) return middle;
  return `${middle} (${quantity(summary.low, comparison)} … ${quantity(summary.high, comparison)})`;
}

function quantity(value: number, { unit, per }: Comparison): string {
  if (value !== 0 && Math.abs(value) < 0.01 && unit !== 'ratio') return value.toPrecision(2);
  if (unit === 'ratio')
    return value === 0 || value >= 0.0001 ? formatShare(value) : `${(value * 100).toPrecision(2)} %`;
  if (unit === 'bytes') return formatBytes(value);
  if (unit === 'nanoseconds') return formatNanoseconds(value);
  if (unit === 'percent') return formatMetric(value, unit);
  return per === null && Number.isInteger(value) ? formatMetric(value, unit) : formatSi(value);
}

/** @returns e.g. `+12.5 %`, `from 0`, `0 %` */
export function changeOf({ relative, difference }: Comparison): string {
  if (relative === null) return 'from 0';
  if (difference === 0) return '0 %';
  const percent = Math.abs(relative) * 100;
  const text =
    percent < 0.01
      ? '<0.01'
      : percent >= 1_000_000
        ? formatSi(percent)
        : percent.toPrecision(percent >= 100 ? Math.ceil(Math.log10(percent + 1)) : 3);
  return `${relative > 0 ? '+' : '−'}${text} %`;
}

export function pOf({ adjustedP, exact }: Comparison): string {
  if (exact) return 'exact';
  if (adjustedP === undefined) return ABSENT;
  return adjustedP < 0.001 ? '<0.001' : adjustedP.toFixed(3);
}

export function thresholdOf({ threshold, worse, beyondMax }: Comparison): string {
  const { relative, absolute, max } = threshold;
  const sign = worse === 'down' ? '−' : worse === 'up' ? '+' : '±';
  const parts = [`${sign}${Number((relative * 100).toPrecision(6))} %`];
  if (absolute > 0) parts.push(`and ${absolute}`);
  if (max !== undefined) parts.push(`at most ${max}${beyondMax ? ' (passed)' : ''}`);
  return parts.join(', ');
}

/** @returns one sentence on one metric, for annotations and test reports */
export function sentence(comparison: Comparison): string {
  const { before, after, help } = comparison;
  const per = perOf(comparison);
  const told = comparison.exact ? '' : `, p ${pOf(comparison)} after correction`;
  return `${medianText(before, comparison)} → ${medianText(after, comparison)}${per === '' ? '' : ` ${per}`} (${changeOf(comparison)}, threshold ${thresholdOf(comparison)}${told}). ${help}.`;
}

export function reasonOf({ reason, beyondMax }: Incomparable): string {
  const side = reason.side === 'both' ? 'neither side' : `the ${reason.side} side`;
  const what =
    reason.code === 'absent'
      ? reason.side === 'both'
        ? 'neither side says it'
        : `${side} does not say it`
      : `${reason.side === 'both' ? 'neither side has' : `${side} has no`} operations to divide by`;
  return beyondMax ? `${what}; but its limit was passed` : what;
}

/** @returns which comparison this is, in two lines */
export function headline(diff: Diff, safe = asIs): string[] {
  const { mode, samples, since, before, after } = diff;
  const [first, second] = [sideOf(before, mode, safe), sideOf(after, mode, safe)];
  if (mode === 'same-process') {
    const pid = before.pids[0];
    const how =
      samples === 'interval'
        ? 'the intervals of both recordings, merged until neighbours no longer resemble each other'
        : `what happened in between, per operation, against what happened ${since === 'start' ? 'from the start of the process' : 'in the recording'} up to the first side`;
    return [`same process${pid === undefined ? '' : ` (pid ${pid})`}: ${first} → ${second}`, `compared: ${how}`];
  }
  const how =
    samples === 'interval'
      ? 'intervals of one recording a side, merged until neighbours no longer resemble each other: this speaks of these two processes, not of others'
      : `rates and ratios per operation ${since === 'start' ? 'since the start of each process' : 'over each recording'}, never totals`;
  return [`two runs: ${first} → ${second}`, `compared: ${how}`];
}

function sideOf({ sources, snapshots, processes, pids }: SideSummary, mode: Diff['mode'], safe: MakeSafe): string {
  const names = sources.length <= 3 ? sources.map(safe).join(', ') : `${sources.length} files`;
  const parts = [
    mode === 'two-runs' && processes === 1 && pids[0] !== undefined ? `pid ${pids[0]}` : '',
    processes > 1 ? `${processes} runs` : '',
    snapshots > processes ? `${snapshots} snapshots` : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? names : `${names} (${parts.join(', ')})`;
}

/** @returns the outcome in one line */
export function conclusion(diff: Diff): string {
  const count = (status: Status) => diff.comparisons.filter((one) => one.gated && one.status === status).length;
  const passed = diff.notComparable.filter(({ beyondMax }) => beyondMax).length;
  const judged = diff.comparisons.filter(({ gated }) => gated).length;
  const tail =
    diff.tests > 0 && diff.before.processes + diff.after.processes > 2
      ? `, ${diff.tests} tests corrected by Holm at ${diff.alpha}`
      : '';
  const facts: [number, string][] = [
    [count('regression') + passed, 'worse'],
    [count('improvement'), 'better'],
    [count('change'), 'changed'],
    [count('within'), 'within threshold'],
    [count('noise'), 'noise'],
    [count('same'), 'same'],
    [count('too-few'), 'not judged: too few samples'],
  ];
  const list = facts.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`);
  return `${OUTCOMES[diff.outcome]}: ${judged} metrics judged: ${list.join(', ')}${tail}`;
}

const OUTCOMES: Record<Diff['outcome'], string> = {
  regression: 'REGRESSION',
  change: 'CHANGED',
  'not-enough-samples': 'NOT ENOUGH SAMPLES',
  fine: 'OK',
};

/** @returns how much a counter grew in the second window, every digit; '' for what is no counter */
export function happened({ after }: Comparison): string {
  return after.amount === undefined || after.operations === undefined ? '' : `+${formatCount(after.amount)}`;
}

/** @returns what to know where each side is one run that differs, or null */
export function singleNote({ mode, comparisons }: Diff): string | null {
  const differs = ({ status, exact }: Comparison) => exact && (status === 'regression' || status === 'improvement');
  if (mode !== 'two-runs' || !comparisons.some((one) => one.gated && differs(one) && one.after.samples === 1))
    return null;
  return 'one run a side: right where runs repeat exactly (one thread, the same seed and number of operations); otherwise give several runs a side';
}

/** @returns what to know of metrics that one sample a side cannot judge, or null */
export function unjudgedNote({ comparisons, outcome }: Diff, safe = asIs): string | null {
  const few = comparisons.filter((one) => one.gated && one.status === 'too-few');
  if (few.length === 0 || outcome === 'not-enough-samples') return null;
  const needed = Math.max(...few.map((one) => one.needed ?? 0));
  return `${few.map((one) => nameOf(one, safe)).join(', ')}: noisy, not judged by one sample a side; give at least ${needed} runs a side`;
}
