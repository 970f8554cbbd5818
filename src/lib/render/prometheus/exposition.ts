import { forExposition } from '../safe-text.ts';
import { familiesOf, type Instance } from './families.ts';
import type { Family, Labels } from './family.ts';

/** text is Prometheus' own format 0.0.4; openmetrics is OpenMetrics 1.0.0. */
export const FORMATS = ['text', 'openmetrics'] as const;
export type Format = (typeof FORMATS)[number];

export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/**
 * @param instances one or more processes; where two samples would have the same labels, the first one stands
 * @param options.version of tslab, for tslab_build_info
 * @param options.own families of the server itself, written before those of the processes
 * @returns the whole exposition with its final newline; integers with all their digits, no timestamps on samples
 */
export function exposition(
  instances: readonly Instance[],
  options: { format: Format; version: string; own?: readonly Family[] },
): string {
  const build: Family = {
    name: 'tslab_build_info',
    type: 'info',
    help: 'Version of the tslab that wrote this; always 1',
    samples: [{ labels: [['version', options.version]], value: '1' }],
  };
  const write = options.format === 'text' ? textHead : openMetricsHead;
  const families = [build, ...(options.own ?? []), ...familiesOf(instances)].map(
    (family) => write(family) + samples(family),
  );
  return families.join('') + (options.format === 'openmetrics' ? '# EOF\n' : '');
}

function textHead({ name, type, help }: Family): string {
  return `# HELP ${name} ${forExposition(help).replaceAll('\\"', '"')}.\n# TYPE ${name} ${type === 'info' ? 'gauge' : type}\n`;
}

/** OpenMetrics names a family without the suffix of its samples, and a unit must be the family name's end. */
function openMetricsHead({ name, type, help }: Family): string {
  const family = name.replace(/_(total|info)$/, (suffix) => (suffix === SUFFIX[type] ? '' : suffix));
  const unit = /_(bytes|seconds)$/.exec(family)?.[1];
  return `# TYPE ${family} ${type}\n${unit ? `# UNIT ${family} ${unit}\n` : ''}# HELP ${family} ${forExposition(help)}.\n`;
}

const SUFFIX: Readonly<Record<Family['type'], string>> = { counter: '_total', info: '_info', gauge: '' };

function samples({ name, samples }: Family): string {
  const seen = new Set<string>();
  let lines = '';
  for (const { labels, value } of samples) {
    const text = labelText(labels);
    if (seen.has(text)) continue;
    seen.add(text);
    lines += `${name}${text} ${value}\n`;
  }
  return lines;
}

/** Most samples share their labels with those of other families. */
const texts = new WeakMap<Labels, string>();

function labelText(labels: Labels): string {
  let text = texts.get(labels);
  if (text === undefined) {
    const pairs = labels.map(([name, value]) => `${name}="${forExposition(value)}"`);
    text = pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
    texts.set(labels, text);
  }
  return text;
}
