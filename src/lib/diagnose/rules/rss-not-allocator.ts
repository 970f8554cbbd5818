import { subtract } from '../../snapshot/u64.ts';
import type { Confidence, Evidence } from '../finding.ts';
import type { MemoryPoint } from '../observation.ts';
import { finding, type Rule } from '../rule.ts';

/** RSS that grows while slabs and their metadata do not: look elsewhere in the process. */
export const rssNotAllocator: Rule<'rss-not-allocator'> = {
  code: 'rss-not-allocator',
  judges: 'change',
  fields: [['/rss_bytes_current'], ['/estimated_slab_rss_bytes']],
  judge({ memory, seconds, lifetimeSec }, limits) {
    const [first, last] = [memory[0], memory.at(-1)];
    if (!first || !last || first === last || (seconds !== undefined && seconds < limits.seconds)) return [];
    const [rssGrewBytes, allocatorGrewBytes] = [
      subtract(last.rss, first.rss),
      subtract(last.allocator, first.allocator),
    ];
    const grew = Number(rssGrewBytes);
    if (grew < limits.bytes || grew < Number(first.rss) * limits.share) return [];
    if (Number(allocatorGrewBytes) > grew * limits.allocator) return [];
    const evidence: Evidence[] = [
      {
        metric: 'rss_bytes_current',
        pointer: '/rss_bytes_current',
        value: rssGrewBytes,
        unit: 'bytes',
        basis: 'window',
      },
      {
        metric: 'slabs and metadata',
        pointer: '/estimated_slab_rss_bytes',
        value: allocatorGrewBytes,
        unit: 'bytes',
        basis: 'window',
      },
    ];
    const givenBackBytes = subtract(last.givenBack, first.givenBack);
    // What was given back and not taken would be the allocator's after all.
    const explained = Number(givenBackBytes) >= grew * (1 - limits.allocator);
    const warmsUp = lifetimeSec !== undefined && lifetimeSec < limits.young;
    const sure = explained || warmsUp ? 'low' : sureness(memory);
    return [
      finding('rss-not-allocator', sure === 'high' ? 'warning' : 'info', sure, {}, evidence, {
        rssGrewBytes,
        allocatorGrewBytes,
        ...(explained && { givenBackBytes }),
        ...(seconds !== undefined && { seconds }),
      }),
    ];
  },
};

/** Growth in nearly every part of what was watched is a trend; growth between two looks may be one event. */
function sureness(memory: readonly MemoryPoint[]): Confidence {
  const PARTS = 5;
  if (memory.length < PARTS + 1) return 'low';
  const at = (part: number) => Number(memory[Math.round((part * (memory.length - 1)) / PARTS)]?.rss ?? 0);
  const rises = Array.from({ length: PARTS }, (_, part) => at(part + 1) > at(part)).filter(Boolean).length;
  return rises >= PARTS - 1 ? 'high' : 'medium';
}
