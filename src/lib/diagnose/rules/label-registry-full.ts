import { finding, type Rule } from '../rule.ts';

/** More labels than ids: what comes later cannot be told apart. */
export const labelRegistryFull: Rule<'label-registry-full'> = {
  code: 'label-registry-full',
  judges: 'counts',
  fields: [['/label_registry/count'], ['/label_registry/max_labels']],
  judge({ last }, limits) {
    const { count = 0, max_labels: max = 0 } = last.label_registry ?? {};
    const overflows = last.label_registry_overflows;
    const lost = Number(overflows ?? 0) >= limits.overflows;
    // Older producers do not count what found it full; then a full registry is all there is to say.
    if (!lost && !(overflows === undefined && Number(max) > 0 && Number(count) >= Number(max))) return [];
    return [
      finding(
        'label-registry-full',
        lost ? 'warning' : 'info',
        lost ? 'certain' : 'medium',
        {},
        [
          ...(overflows === undefined
            ? []
            : [
                {
                  metric: 'label_registry_overflows',
                  pointer: '/label_registry_overflows',
                  value: overflows,
                  unit: 'events',
                  basis: 'since-start',
                } as const,
              ]),
          { metric: 'label_registry.count', pointer: '/label_registry/count', value: count, unit: 'id', basis: 'now' },
        ],
        { ...(overflows !== undefined && { overflows }), count, max },
      ),
    ];
  },
};
