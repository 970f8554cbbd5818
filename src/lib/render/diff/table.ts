import type { ChalkInstance } from 'chalk';
import type { Comparison, Diff } from '../../analysis/diff/result.ts';
import { forTerminal } from '../safe-text.ts';
import { renderTable, type Table } from '../table.ts';
import {
  changeOf,
  conclusion,
  happened,
  headline,
  medianText,
  nameOf,
  perOf,
  pOf,
  reasonOf,
  singleNote,
  unjudgedNote,
  VERDICTS,
} from './phrases.ts';

export interface DiffView {
  /** Also what is the same, what is only information, and what cannot be compared. */
  readonly all: boolean;
  readonly terminal: boolean;
  readonly style: ChalkInstance;
}

const RANK = ['regression', 'too-few', 'change', 'improvement', 'within', 'noise', 'same'];

/** @returns the comparisons that are worth a line, worst first */
export function shown({ comparisons }: Diff, all: boolean): Comparison[] {
  return comparisons
    .filter((one) => all || (one.gated && one.status !== 'same'))
    .sort((a, b) => Number(b.gated) - Number(a.gated) || RANK.indexOf(a.status) - RANK.indexOf(b.status));
}

/** @returns what `tslab diff` shows on a terminal or in a pipe, without a final newline */
export async function renderDiff(diff: Diff, { all, terminal, style }: DiffView): Promise<string> {
  const rows = shown(diff, all);
  const parts = [headline(diff).map(forTerminal).join('\n')];
  if (rows.length > 0) parts.push(await renderTable(tableOf(rows, diff, terminal ? style : null), terminal, style));
  parts.push(...notes(diff, all).map(forTerminal));
  const line = conclusion(diff);
  parts.push(diff.outcome === 'fine' ? style.green(line) : style.red(line));
  return parts.join('\n\n');
}

function tableOf(rows: readonly Comparison[], { mode, samples }: Diff, style: ChalkInstance | null): Table {
  const counts = mode === 'same-process' && samples === 'run';
  return {
    columns: [
      { title: 'metric' },
      { title: 'before', align: 'right' },
      { title: 'after', align: 'right' },
      { title: 'unit' },
      ...(counts ? [{ title: 'in between', align: 'right' as const }] : []),
      { title: 'change', align: 'right' },
      { title: 'p', align: 'right' },
      { title: 'verdict' },
    ],
    rows: rows.map((one) => [
      forTerminal(nameOf(one)),
      medianText(one.before, one),
      medianText(one.after, one),
      perOf(one),
      ...(counts ? [happened(one)] : []),
      changeOf(one),
      pOf(one),
      coloured(one, style),
    ]),
  };
}

function coloured({ status, gated, beyondMax }: Comparison, style: ChalkInstance | null): string {
  const verdict = `${VERDICTS[status]}${beyondMax ? ' (limit)' : ''}${gated ? '' : ' (information)'}`;
  if (!style) return verdict;
  if (status === 'regression') return style.red(verdict);
  return status === 'improvement' ? style.green(verdict) : verdict;
}

/** What stands below the table: what could not be judged or compared. */
export function notes(diff: Diff, all: boolean, safe?: (text: string) => string): string[] {
  const unjudged = unjudgedNote(diff, safe);
  const missing = diff.notComparable.filter(
    (one) => all || one.beyondMax || (one.gated && one.reason.code === 'absent' && one.reason.side !== 'both'),
  );
  const byReason = new Map<string, string[]>();
  for (const one of missing) byReason.set(reasonOf(one), [...(byReason.get(reasonOf(one)) ?? []), nameOf(one, safe)]);
  const single = singleNote(diff);
  return [
    ...(single === null ? [] : [single]),
    ...(unjudged === null ? [] : [unjudged]),
    ...(diff.outcome === 'not-enough-samples'
      ? [`need at least ${diff.needed} samples a side to tell the metrics above from noise`]
      : []),
    ...[...byReason].map(([reason, names]) => `not comparable, since ${reason}: ${names.join(', ')}`),
  ];
}
