import type { ChalkInstance } from 'chalk';
import type { Diagnosis } from '../../diagnose/diagnose.ts';
import type { Finding, Severity } from '../../diagnose/finding.ts';
import { formatNanoseconds } from '../../units.ts';
import { forTerminal } from '../safe-text.ts';
import { coverage } from './coverage.ts';
import { evidenceText } from './evidence-text.ts';
import { action, confidenceText, headline } from './prose.ts';

export interface FindingsView {
  /** The source's name; hostile. */
  readonly name: string;
  readonly style: ChalkInstance;
  /** Also what was checked, where something was found. */
  readonly all: boolean;
}

/** @returns what `tslab doctor` shows on a terminal or in a pipe, without a final newline */
export function renderFindings(diagnosis: Diagnosis, view: FindingsView): string {
  const { style } = view;
  const parts = [forTerminal(subject(diagnosis, view.name)), ...diagnosis.findings.map((one) => render(one, style))];
  const coverageText = coverage(diagnosis).map((sentence) => style.dim(sentence));
  parts.push(
    [
      conclusionLine(diagnosis, style),
      ...(view.all || diagnosis.findings.length === 0 ? coverageText : coverageText.slice(1)),
    ].join('\n'),
  );
  return parts.join('\n\n');
}

/** @returns whose snapshots these are and how many; hostile */
export function subject({ observation: { last, samples, seconds } }: Diagnosis, name: string): string {
  const who = [
    last.process?.name || last.process?.command,
    last.pid === undefined ? undefined : `pid ${last.pid}`,
    last.allocator?.instance === undefined || last.allocator.instance === 1
      ? undefined
      : `instance ${last.allocator.instance}`,
  ].filter((part) => part !== undefined && part !== '');
  const looks =
    samples === 1
      ? 'one snapshot'
      : `${samples} snapshots${seconds === undefined ? '' : ` over ${formatNanoseconds(seconds * 1e9)}`}`;
  return [name, who.join(', '), looks].filter((part) => part !== '').join(': ');
}

function render(finding: Finding, style: ChalkInstance): string {
  const { code, severity, confidence, evidence } = finding;
  return [
    `${paint(severity, style)(severity.toUpperCase())} ${style.bold(code)} (${confidenceText(confidence)})`,
    `  ${headline(finding, forTerminal)}`,
    ...(evidence.length > 0 ? [`  ${style.dim(evidence.map(evidenceText).join('  '))}`] : []),
    `  → ${action(finding)}`,
  ].join('\n');
}

function paint(severity: Severity, style: ChalkInstance): ChalkInstance {
  return severity === 'error' ? style.red : severity === 'warning' ? style.yellow : style.cyan;
}

function conclusionLine(diagnosis: Diagnosis, style: ChalkInstance): string {
  const text = conclusion(diagnosis);
  return diagnosis.findings.length === 0 ? style.green(text) : text;
}

/** @returns the outcome in one line */
export function conclusion({ findings, checks }: Diagnosis): string {
  const judged = checks.filter(({ judged }) => judged !== 'no').length;
  const of = `${judged} of ${checks.length} checks made`;
  if (findings.length === 0) return `no problem found (${of})`;
  const count = (severity: Severity, one: string, many: string) => {
    const n = findings.filter((finding) => finding.severity === severity).length;
    return n === 0 ? [] : [`${n} ${n === 1 ? one : many}`];
  };
  const counts = [
    ...count('error', 'error', 'errors'),
    ...count('warning', 'warning', 'warnings'),
    ...count('info', 'note', 'notes'),
  ];
  return `${counts.join(', ')} (${of}); tslab doctor --explain CODE says more`;
}
