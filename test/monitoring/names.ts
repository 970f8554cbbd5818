import { parser } from '@prometheus-io/lezer-promql';

export interface Selector {
  readonly metric: string;
  readonly labels: readonly string[];
}

/** What an expression asks of the database: its selectors, and the labels it groups or matches by. @throws for what is no PromQL */
export function names(expr: string): { selectors: Selector[]; grouping: string[] } {
  const selectors: Selector[] = [];
  const grouping: string[] = [];
  parser.parse(expr).iterate({
    enter: ({ name, from, to, node, type }) => {
      if (type.isError) throw new Error(`not PromQL, at ${expr.slice(from)}: ${expr}`);
      if (name === 'GroupingLabels')
        grouping.push(...node.getChildren('LabelName').map((label) => expr.slice(label.from, label.to)));
      if (name !== 'VectorSelector') return;
      const metric = node.getChild('Identifier');
      const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
      selectors.push({
        metric: metric ? expr.slice(metric.from, metric.to) : '',
        labels: matchers.map((matcher) => {
          const label = matcher.getChild('LabelName');
          return label ? expr.slice(label.from, label.to) : expr.slice(from, to);
        }),
      });
    },
  });
  return { selectors, grouping };
}
