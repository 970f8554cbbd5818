import { CATALOGUE, type Scope, type Unit } from '../metrics/catalogue.ts';

const UNITS = new Map(
  (Object.keys(CATALOGUE) as Scope[]).flatMap((scope) =>
    CATALOGUE[scope].map(({ field, unit }) => [`${scope}/${field}`, unit] as const),
  ),
);

/** @returns the unit of a field of the catalogue; events for what is not in it */
export function unitOf(scope: Scope, field: string): Unit {
  return UNITS.get(`${scope}/${field}`) ?? 'events';
}
