import { finding, type Rule } from '../rule.ts';

/** The laws of `tslab validate`: where a producer's numbers contradict each other, every other finding stands on sand. */
export const lawBroken: Rule<'law-broken'> = {
  code: 'law-broken',
  judges: 'state',
  fields: [],
  judge({ source }, limits) {
    return [...source.laws.values()].flatMap(({ warning, snapshots }) => {
      if (snapshots < limits.snapshots) return [];
      const pointer = 'pointer' in warning ? warning.pointer : '';
      const found = 'found' in warning ? warning.found : undefined;
      return [
        finding(
          'law-broken',
          'error',
          'certain',
          {},
          found === undefined
            ? []
            : [{ metric: pointer.split('/').at(-1) ?? '', pointer, value: found, unit: 'events', basis: 'now' }],
          { warning, snapshots, of: source.snapshots },
        ),
      ];
    });
  },
};
