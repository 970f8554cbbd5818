import { UsageError } from '../errors.ts';
import { findMeasure, type Rankable } from './measure.ts';
import { type Subject, valueIn } from './subject.ts';

/** Says whether a class, epoch or label is to be shown. */
export type Filter = (subject: Subject) => boolean;

const COMPARISON = /^\s*([a-z_]+)\s*(>=|<=|!=|=|>|<)\s*(.*?)\s*$/i;

/**
 * @param texts conditions that must all hold. Each is `metric > number` (also >= < <= = !=), `label=TEXT` or `state=TEXT` (also !=), or just
 *   text that the label, the state or the object size contains, in any case
 * @param scope whose metrics the conditions may name
 * @throws UsageError for an unknown metric or something else than a number
 */
export function parseFilter(texts: readonly string[], scope: Rankable): Filter {
  const conditions = texts.map((text) => condition(text, scope));
  return (subject) => conditions.every((holds) => holds(subject));
}

/** @returns a filter for what a person is still typing: plain text only, never an error */
export function textFilter(text: string): Filter {
  const wanted = text.toLowerCase();
  return (subject) => wordsOf(subject).some((word) => word.toLowerCase().includes(wanted));
}

function wordsOf({ scope, key, label, state }: Subject): string[] {
  if (scope === 'label') return [label || 'unlabeled'];
  return [scope === 'class' ? key : `#${key}`, label ?? '', state ?? ''];
}

function condition(text: string, scope: Rankable): Filter {
  const [, name = '', operator = '', operand = ''] = COMPARISON.exec(text) ?? [];
  if (operator === '') return textFilter(text.trim());
  if ((name === 'label' || name === 'state') && (operator === '=' || operator === '!='))
    return (subject) => (subject[name] === operand) === (operator === '=');
  const measure = findMeasure(scope, name, '--filter');
  const number = numberOf(operand);
  if (number === undefined)
    throw new UsageError(
      'bad-filter',
      `--filter: not a number: ${JSON.stringify(operand)}`,
      `write for instance ${name}>100`,
    );
  const holds = OPERATORS[operator] ?? (() => false);
  return (subject) => {
    const value = valueIn(subject, measure);
    return value !== undefined && value !== null && holds(value, number);
  };
}

const OPERATORS: Readonly<Record<string, (a: number | bigint, b: number | bigint) => boolean>> = {
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  // Of a number and a bigint, == compares the mathematical values; === would never hold.
  '=': (a, b) => !(a < b) && !(a > b),
  '!=': (a, b) => a < b || a > b,
};

/** Digits alone stay exact. */
function numberOf(text: string): number | bigint | undefined {
  if (/^-?\d+$/.test(text)) return BigInt(text);
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined;
}
