import { parser } from '@prometheus-io/lezer-promql';

/** A rule with one thing changed that its tests must notice. */
export interface Mutant<R> {
  readonly change: string;
  readonly rule: R;
}

const FLIPPED: Readonly<Record<string, string>> = { '>': '<', '<': '>', '==': '!=' };
const COMPARISONS = ['Gtr', 'Lss', 'Eql'];
const SWAPPED: Readonly<Record<string, string>> = { sum: 'max', max: 'count', count: 'sum' };

/**
 * Every number of the expression a quarter up and a quarter down, every comparison turned round, every side condition and every guard
 * of a denominator left out, every aggregation by another one.
 */
export function mutantsOf(expr: string): Mutant<string>[] {
  const found: Mutant<string>[] = [];
  const put = (from: number, to: number, text: string) =>
    found.push({
      change: `${expr.slice(from, to).replace(/\s+/g, ' ')} → ${text.replace(/\s+/g, ' ')}`,
      rule: expr.slice(0, from) + text + expr.slice(to),
    });
  parser.parse(expr).iterate({
    enter: ({ name, from, to, node }) => {
      const text = expr.slice(from, to);
      if (name === '⚠') throw new Error(`not PromQL: ${expr}`);
      if (name === 'NumberDurationLiteral' || name === 'NumberLiteral') {
        const value = Number(text);
        if (value === 0) put(from, to, '1e18');
        else for (const factor of [1.25, 0.75]) put(from, to, String(value * factor));
      }
      if (FLIPPED[text] !== undefined && COMPARISONS.includes(name)) put(from, to, FLIPPED[text]);
      // What count() gets has no value that matters, only a number of series.
      const isCounted = node.parent?.parent?.parent?.getChild('AggregateOp')?.getChild('Count');
      if (name === 'AggregateOp' && SWAPPED[text] !== undefined && !isCounted) put(from, to, SWAPPED[text]);
      if (name !== 'BinaryExpr') return;
      const [left, right] = [node.firstChild, node.lastChild];
      // The guard of a denominator: (x > least).
      if (left && node.getChild('Gtr') && node.parent?.prevSibling?.name === 'Div')
        put(from, to, expr.slice(left.from, left.to));
      const operator = node.getChild('And') ?? node.getChild('Or') ?? node.getChild('Unless');
      if (!left || !right || !operator) return;
      put(from, to, `(${expr.slice(left.from, left.to)})`);
      if (operator.name === 'Or') put(from, to, `(${expr.slice(right.from, right.to)})`);
    },
  });
  return found;
}
