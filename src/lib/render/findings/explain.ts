import type { Code } from '../../diagnose/finding.ts';
import type { Rule } from '../../diagnose/rule.ts';
import { RULES } from '../../diagnose/rules/rules.ts';
import { THRESHOLDS, type Threshold } from '../../diagnose/thresholds.ts';
import { formatBytes, formatCount, formatNanoseconds, formatShare } from '../../units.ts';
import { meaning } from './prose.ts';

const NEEDS: Record<Rule['judges'], string> = {
  state: 'one snapshot; with --window 5s or a recording it also sees how it came to be so',
  counts: 'one snapshot, for totals since the start of the process; --window 5s or a recording for what happens now',
  change: 'two snapshots: --window 5s, or a recording',
};

/** @returns what `--explain CODE` says, without a final newline */
export function explain(code: Code): string {
  const rule = RULES.find((one) => one.code === code);
  const needs = rule ? NEEDS[rule.judges] : '';
  return [
    code,
    '',
    meaning(code),
    '',
    `Needs: ${needs}.`,
    ...(rule && rule.fields.length > 0 ? [`Reads: ${rule.fields.map((any) => any.join(' or ')).join(', ')}.`] : []),
    '',
    'Thresholds (--threshold NAME=VALUE, or a file with --config):',
    ...thresholdsOf(code).map(
      ([name, threshold]) => `  ${code}.${name}=${thresholdText(threshold)}  ${threshold.says}; ${threshold.origin}`,
    ),
    '',
    `More: docs/runbooks/${code}.md`,
  ].join('\n');
}

export function thresholdsOf(code: Code): [name: string, threshold: Threshold][] {
  return Object.entries(THRESHOLDS[code]);
}

/** @returns a limit as `--threshold` takes it */
export function thresholdText({ value, unit }: Pick<Threshold, 'value' | 'unit'>): string {
  const compact = (text: string) => text.replaceAll(' ', '');
  switch (unit) {
    case 'seconds':
      return `${value}s`;
    case 'bytes':
    case 'bytes/s':
      return compact(formatBytes(value));
    case 'ratio':
      return compact(formatShare(value));
    case 'nanoseconds':
      return compact(formatNanoseconds(value)).replace('µ', 'u');
    case 'count':
      return formatCount(value).replaceAll(',', '');
  }
}
