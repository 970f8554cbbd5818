import { UsageError } from '../errors.ts';
import { CATALOGUE, COMPUTED, type MetricSpec, type Ratio, type Unit } from '../metrics/catalogue.ts';
import { closest } from '../metrics/closest.ts';

/** What can be ranked: classes, epochs, or the labels that epochs bear. */
export type Rankable = 'class' | 'epoch' | 'label';

/** A number that every class, epoch or label may have, by which they can be ranked and filtered. */
export interface Measure {
  readonly scope: Rankable | 'top';
  /** The catalogue's name. */
  readonly name: string;
  /** Other names for it. */
  readonly by: readonly string[];
  /** counter: per second over a window · gauge: its growth per second · ratio: over the window alone · fixed: as it stands, window or not. */
  readonly kind: 'counter' | 'gauge' | 'ratio' | 'fixed';
  readonly unit: Unit;
  readonly title: string;
  readonly help: string;
  readonly worse?: 'up' | 'down';
  readonly ratio?: Ratio;
}

const SCOPES = ['top', 'class', 'epoch', 'label'] as const;
const MEASURES: Readonly<Record<Measure['scope'], readonly Measure[]>> = {
  top: fromCatalogue('top'),
  class: fromCatalogue('class'),
  epoch: fromCatalogue('epoch'),
  label: [
    {
      scope: 'label',
      name: 'epochs',
      by: [],
      kind: 'gauge',
      unit: 'epochs',
      title: 'epochs',
      help: 'Ring slots that bear the label',
    },
    // What a label's epochs hold together; a label has no slot, era or opening time of its own.
    ...fromCatalogue('epoch')
      .filter(({ name, kind }) => (kind !== 'fixed' || name === 'age_sec') && !name.startsWith('rss_'))
      .map((measure) => ({ ...measure, scope: 'label' as const })),
    ...fromCatalogue('label'),
  ],
};

/** @returns every measure of the scope, in the catalogue's order */
export function measuresOf(scope: Measure['scope']): readonly Measure[] {
  return MEASURES[scope];
}

/** Identities that are worth a look over time. */
const STANDING = ['age_sec', 'closing_sec', 'current_epoch'];

/** @returns true for what a snapshot counts or measures: all but identities and ratios */
export function isAmount({ kind, name }: Measure): boolean {
  return kind === 'counter' || kind === 'gauge' || STANDING.includes(name);
}

/** @returns every name that findMeasure knows for the scope: for completion */
export function measureNames(scope: Measure['scope']): string[] {
  return MEASURES[scope].flatMap(({ name, by }) => [name, ...by]);
}

/**
 * @param name a catalogue name or one of its short names
 * @param flag where the person wrote it, for the message
 * @throws UsageError that lists what they may have meant, or says which scope has it
 */
export function findMeasure(scope: Measure['scope'], name: string, flag: string): Measure {
  const found = lookUp(scope, name);
  if (found) return found;
  const elsewhere = SCOPES.filter((other) => other !== 'top' && other !== scope && lookUp(other, name));
  const near = closest(name, measureNames(scope));
  const hints = [
    ...(near.length > 0 ? [`did you mean ${near.join(', ')}?`] : []),
    ...(elsewhere.length > 0 ? [`${name} is known with ${elsewhere.map((other) => FLAGS[other]).join(' and ')}`] : []),
    ...(near.length + elsewhere.length === 0 ? [`known are ${MEASURES[scope].map((one) => one.name).join(', ')}`] : []),
  ];
  throw new UsageError(
    'unknown-metric',
    `${flag}: no metric of ${NAMES[scope]} is called ${JSON.stringify(name)}`,
    hints.join('; '),
  );
}

const FLAGS: Readonly<Record<string, string>> = { class: '--classes', epoch: '--epochs', label: '--labels' };
const NAMES: Readonly<Record<string, string>> = {
  top: 'the whole',
  class: 'classes',
  epoch: 'epochs',
  label: 'labels',
};

function lookUp(scope: Measure['scope'], name: string): Measure | undefined {
  return (
    MEASURES[scope].find((measure) => measure.name === name) ?? MEASURES[scope].find(({ by }) => by.includes(name))
  );
}

function fromCatalogue(scope: 'top' | 'class' | 'epoch' | 'label'): Measure[] {
  const measure = (
    name: string,
    kind: Measure['kind'],
    { by = [], unit, title, help, worse, ratio }: Spec,
  ): Measure => ({
    scope,
    name,
    by,
    kind,
    unit,
    title,
    help,
    ...(worse && { worse }),
    ...(ratio && { ratio }),
  });
  return [
    ...CATALOGUE[scope].map((row) => {
      const kind =
        row.kind === 'derived'
          ? 'ratio'
          : row.kind === 'meta' || row.unit === 'seconds' || row.unit === 'id'
            ? 'fixed'
            : row.kind;
      return measure(row.field, kind, row);
    }),
    ...COMPUTED.filter((one) => one.scope === scope).map((one) => measure(one.name, 'ratio', one)),
  ];
}

type Spec = Pick<MetricSpec, 'by' | 'unit' | 'title' | 'help' | 'worse' | 'ratio'>;
