import { PanelBuilder as Bars } from '@grafana/grafana-foundation-sdk/bargauge';
import {
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
} from '@grafana/grafana-foundation-sdk/common';
import {
  DashboardBuilder,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  FieldColorBuilder,
  FieldColorModeId,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as Numbers } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as Grid } from '@grafana/grafana-foundation-sdk/statushistory';
import { PanelBuilder as Lines } from '@grafana/grafana-foundation-sdk/timeseries';
import { family } from '../promql.ts';
import type { Dashboard, Panel } from './panel.ts';

const TAG = 'temporal-slab';
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana fills it in.
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

/** The variables at the top of every dashboard; each offers what the ones before it leave. `runbooks` is where docs/runbooks/ can be read. */
const VARIABLES: readonly [name: string, title: string, from: string][] = [
  ['job', 'Job', 'temporal_slab_rss_bytes'],
  ['instance', 'Instance', 'temporal_slab_rss_bytes{job=~"$job"}'],
  ['command', 'Command', 'temporal_slab_rss_bytes{job=~"$job",instance=~"$instance"}'],
  ['pid', 'Process', 'temporal_slab_rss_bytes{job=~"$job",instance=~"$instance",command=~"$command"}'],
  ['object_size', 'Class', 'temporal_slab_class_slots_per_slab{job=~"$job",instance=~"$instance",command=~"$command"}'],
  ['label', 'Label', 'temporal_slab_epoch_rss_bytes{job=~"$job",instance=~"$instance",command=~"$command"}'],
];

/** @returns the dashboard's JSON as Grafana imports and provisions it */
export function grafanaJson({ uid, title, description, panels }: Dashboard): string {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .refresh('30s')
    .time({ from: 'now-1h', to: 'now' })
    .timezone('browser')
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .link(
      new DashboardLinkBuilder(TAG).type(DashboardLinkType.Dashboards).tags([TAG]).keepTime(true).includeVars(true),
    );
  for (const [name, label, from] of VARIABLES) {
    family(from.replace(/\{.*/, ''));
    builder.withVariable(
      new QueryVariableBuilder(name)
        .label(label)
        .datasource(DATASOURCE)
        .query({ query: `label_values(${from}, ${name})`, refId: name })
        .refresh(VariableRefresh.OnTimeRangeChanged)
        .sort(VariableSort.NumericalAsc)
        .multi(true)
        .includeAll(true)
        // Fits samples without the label, too: one process from a textfile has no pid.
        .allValue('.*')
        .current({ selected: true, text: 'All', value: '$__all' }),
    );
  }
  builder.withVariable(new TextBoxVariableBuilder('runbooks').label('Runbooks at').defaultValue('docs/runbooks'));
  panels.forEach((panel, i) => {
    builder.withPanel(grafanaPanel(panel).id(i + 1));
  });
  return `${JSON.stringify(builder.build(), null, 2)}\n`;
}

function grafanaPanel(panel: Panel): Lines | Numbers | Bars | Grid {
  const made = KINDS[panel.kind](panel);
  made
    .title(panel.title)
    .description(panel.description)
    .datasource(DATASOURCE)
    .unit(panel.unit)
    .noValue('–')
    .thresholds(
      new ThresholdsConfigBuilder()
        .mode(ThresholdsMode.Absolute)
        .steps([
          { value: null, color: 'green' },
          ...(panel.yellow === undefined ? [] : [{ value: panel.yellow, color: 'yellow' }]),
          ...(panel.red === undefined ? [] : [{ value: panel.red, color: 'red' }]),
        ]),
    );
  if (panel.runbook)
    made.links([
      new DashboardLinkBuilder(`Runbook: ${panel.runbook}`)
        .type(DashboardLinkType.Link)
        .url(`\${runbooks}/${panel.runbook}.md`)
        .targetBlank(true),
    ]);
  const now = panel.kind === 'bars';
  panel.queries.forEach(({ expr, legend }, i) => {
    const query = new DataqueryBuilder()
      .refId(String.fromCharCode('A'.charCodeAt(0) + i))
      .expr(expr)
      .legendFormat(legend)
      .datasource(DATASOURCE);
    made.withTarget(now ? query.instant() : query.range());
  });
  return made;
}

const legend = () =>
  new VizLegendOptionsBuilder().displayMode(LegendDisplayMode.List).placement(LegendPlacement.Bottom).showLegend(true);
const latest = () => new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false).fields('');
const byThreshold = () => new FieldColorBuilder().mode(FieldColorModeId.Thresholds);

const KINDS: Readonly<Record<Panel['kind'], (panel: Panel) => Lines | Numbers | Bars | Grid>> = {
  lines: ({ stacked, yellow, red }) => {
    const lines = new Lines()
      .span(12)
      .height(8)
      .legend(legend())
      .fillOpacity(stacked ? 30 : 8)
      .lineWidth(1);
    if (stacked) lines.stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
    if (yellow !== undefined || red !== undefined)
      lines.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Line));
    return lines;
  },
  number: () => new Numbers().span(6).height(4).reduceOptions(latest()).colorScheme(byThreshold()),
  bars: () =>
    new Bars()
      .span(12)
      .height(8)
      .orientation(VizOrientation.Horizontal)
      .reduceOptions(latest())
      .colorScheme(byThreshold()),
  grid: () => new Grid().span(12).height(8).legend(legend()).showValue(VisibilityMode.Never).colorScheme(byThreshold()),
};
