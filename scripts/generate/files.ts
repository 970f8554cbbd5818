import { DASHBOARDS } from '../../monitoring/dashboards/all.ts';
import { grafanaJson } from '../../monitoring/dashboards/grafana.ts';
import { MANIFESTS } from '../../monitoring/kubernetes/manifests.ts';
import { alertsPage } from '../../monitoring/rules/page.ts';
import { alertsYaml, recordingsYaml } from '../../monitoring/rules/yaml.ts';
import { benchPages } from './bench-pages.ts';
import { diffConfigSchema } from './diff-config-schema.ts';
import { doctorConfigSchema, findingsSchema } from './findings-schema.ts';
import { withLaws } from './laws.ts';
import { metricsPage } from './metrics-page.ts';
import { topSchema, watchSchema } from './output-schemas.ts';
import { withOutputs } from './outputs.ts';
import { referencePage } from './reference-page.ts';
import { RUNBOOKS, runbookIndex, withAllThresholds } from './runbooks.ts';
import { snapshotSchema } from './schema.ts';

/** Every generated file that is committed, with what makes its text. */
export const FILES: Readonly<Record<string, () => string>> = {
  'schemas/snapshot.schema.json': snapshotSchema,
  'schemas/top.schema.json': topSchema,
  'schemas/watch.schema.json': watchSchema,
  'schemas/diff-config.schema.json': diffConfigSchema,
  'schemas/findings.schema.json': findingsSchema,
  'schemas/doctor-config.schema.json': doctorConfigSchema,
  'docs/doctor.md': () => withOutputs('docs/doctor.md', withAllThresholds('docs/doctor.md')),
  ...RUNBOOKS,
  'docs/runbooks/README.md': runbookIndex,
  'docs/metrics.md': metricsPage,
  'docs/stats-dump-reference.md': referencePage,
  'docs/validate.md': () => withLaws(withOutputs('docs/validate.md')),
  'docs/alerts.md': alertsPage,
  'alerts/alerts.yml': alertsYaml,
  'alerts/recording.yml': recordingsYaml,
  ...Object.fromEntries(Object.entries(MANIFESTS).map(([name, make]) => [`deploy/kubernetes/${name}`, make])),
  ...Object.fromEntries(DASHBOARDS.map((one) => [`dashboards/${one.uid}.json`, () => grafanaJson(one)])),
  'README.md': () => withOutputs('README.md'),
  ...benchPages(),
};
