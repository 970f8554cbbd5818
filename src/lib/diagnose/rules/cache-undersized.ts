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
        // Slow paths may be few, as one hands out the room of many slabs; most of them a fault is no trouble yet.
        const slots = multiply(mapped, counts.holder.slots_per_slab ?? 0);
        const objects = ratio(slots, counts.of('bitmap_alloc_attempts') ?? 0) || limits.objects;
        const perMapped = ratio(counts.of('empty_slab_overflowed') ?? 0, mapped) ?? 0;
        // Older producers do not say what a slab is or holds, and without a clock there is no rate: then the share of slow paths must do.
        const perSecond = seconds && slabBytes ? Number(multiply(mapped, slabBytes)) / seconds : limits.rate;
        const much = Number(mapped) >= limits.mapped && perSecond >= limits.rate;
        return much && share >= limits.share && objects >= limits.objects && perMapped >= limits.evicted;
      })
      .sort(most('slow_path_cache_miss'));
    return perClasses(bad, (worst, objectSizes) => {
      const { cache_capacity: capacity, object_size: objectSize } = worst.holder;
      return finding(
        'cache-undersized',
        'warning',
        observation.delta ? 'high' : 'medium',
        { objectSize },
        worst.evidence('slow_path_cache_miss', 'slow_path_hits', 'empty_slab_overflowed', 'bitmap_alloc_attempts'),
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
