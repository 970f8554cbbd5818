import { multiply, ratio } from '../../snapshot/u64.ts';
import { classes, most, perClasses, secondsOf } from '../counts.ts';
import { finding, type Rule } from '../rule.ts';

/** A class whose cache throws away slabs that it needs again: slow paths that fault memory in which was evicted a moment ago. */
export const cacheUndersized: Rule<'cache-undersized'> = {
  code: 'cache-undersized',
  judges: 'counts',
  fields: [['/classes/*/slow_path_cache_miss'], ['/classes/*/slow_path_hits'], ['/classes/*/empty_slab_overflowed']],
  judge(observation, limits) {
    const seconds = secondsOf(observation);
    const slabBytes = observation.last.slab_bytes;
    const bad = classes(observation)
      .filter((counts) => {
        const mapped = counts.of('slow_path_cache_miss') ?? 0;
        const share = ratio(mapped, counts.of('slow_path_hits') ?? 0) ?? 0;
        const perMapped = ratio(counts.of('empty_slab_overflowed') ?? 0, mapped) ?? 0;
        // Older producers do not say what a slab is, and without a clock there is no rate: then the share must do.
        const perSecond = seconds && slabBytes ? Number(multiply(mapped, slabBytes)) / seconds : limits.rate;
        const much = Number(mapped) >= limits.mapped && perSecond >= limits.rate;
        return much && share >= limits.share && perMapped >= limits.evicted;
      })
      .sort(most('slow_path_cache_miss'));
    return perClasses(bad, (worst, objectSizes) => {
      const { cache_capacity: capacity, object_size: objectSize } = worst.holder;
      return finding(
        'cache-undersized',
        'warning',
        observation.delta ? 'high' : 'medium',
        { objectSize },
        worst.evidence('slow_path_cache_miss', 'slow_path_hits', 'empty_slab_overflowed'),
        {
          objectSizes,
          mapped: worst.of('slow_path_cache_miss') ?? 0,
          slowPaths: worst.of('slow_path_hits') ?? 0,
          evicted: worst.of('empty_slab_overflowed') ?? 0,
          ...(capacity !== undefined && { capacity }),
        },
      );
    });
  },
};
