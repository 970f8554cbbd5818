import { ratio } from '../../snapshot/u64.ts';
import { classes } from '../counts.ts';
import { finding, type Rule } from '../rule.ts';

/** A class whose cache throws away slabs that it needs again: slow paths that fault memory in which was evicted a moment ago. */
export const cacheUndersized: Rule<'cache-undersized'> = {
  code: 'cache-undersized',
  needs: 'snapshot',
  sharperWithWindow: true,
  fields: [['/classes/*/slow_path_cache_miss'], ['/classes/*/slow_path_hits'], ['/classes/*/empty_slab_overflowed']],
  judge(observation, limits) {
    return classes(observation).flatMap((counts) => {
      const [mapped = 0, slowPaths = 0] = [counts.of('slow_path_cache_miss'), counts.of('slow_path_hits')];
      const evicted = counts.of('empty_slab_overflowed') ?? 0;
      const [share, perMapped] = [ratio(mapped, slowPaths) ?? 0, ratio(evicted, mapped) ?? 0];
      if (Number(mapped) < limits.mapped || share < limits.share || perMapped < limits.evicted) return [];
      const { object_size: objectSize, cache_capacity: capacity } = counts.holder;
      return [
        finding(
          'cache-undersized',
          'warning',
          observation.delta ? 'high' : 'medium',
          { objectSize },
          counts.evidence('slow_path_cache_miss', 'slow_path_hits', 'empty_slab_overflowed'),
          { mapped, slowPaths, evicted, ...(capacity !== undefined && { capacity }) },
        ),
      ];
    });
  },
};
