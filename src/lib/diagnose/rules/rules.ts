import type { Code } from '../finding.ts';
import type { Rule } from '../rule.ts';
import { allocIntoClosing } from './alloc-into-closing.ts';
import { cacheUndersized } from './cache-undersized.ts';
import { casContention } from './cas-contention.ts';
import { closeCostly } from './close-costly.ts';
import { closeYieldLow } from './close-yield-low.ts';
import { epochActiveOld } from './epoch-active-old.ts';
import { epochNotDraining } from './epoch-not-draining.ts';
import { kernelNotCooperating } from './kernel-not-cooperating.ts';
import { labelContention } from './label-contention.ts';
import { labelRegistryFull } from './label-registry-full.ts';
import { lawBroken } from './law-broken.ts';
import { lockContention } from './lock-contention.ts';
import { madviseFailures } from './madvise-failures.ts';
import { mappingChurn } from './mapping-churn.ts';
import { pinnedMemory } from './pinned-memory.ts';
import { reclaimableNotReturned } from './reclaimable-not-returned.ts';
import { refcountLeak } from './refcount-leak.ts';
import { ringExhausted } from './ring-exhausted.ts';
import { rssNotAllocator } from './rss-not-allocator.ts';
import { sourceStale } from './source-stale.ts';
import { sourceTorn } from './source-torn.ts';

/** Everything that is looked for, in the order it is told of. */
const ALL: { readonly [C in Code]: Rule<C> } = {
  'refcount-leak': refcountLeak,
  'epoch-not-draining': epochNotDraining,
  'epoch-active-old': epochActiveOld,
  'alloc-into-closing': allocIntoClosing,
  'cache-undersized': cacheUndersized,
  'mapping-churn': mappingChurn,
  'pinned-memory': pinnedMemory,
  'reclaimable-not-returned': reclaimableNotReturned,
  'madvise-failures': madviseFailures,
  'kernel-not-cooperating': kernelNotCooperating,
  'close-yield-low': closeYieldLow,
  'close-costly': closeCostly,
  'lock-contention': lockContention,
  'cas-contention': casContention,
  'label-contention': labelContention,
  'ring-exhausted': ringExhausted,
  'label-registry-full': labelRegistryFull,
  'rss-not-allocator': rssNotAllocator,
  'law-broken': lawBroken,
  'source-torn': sourceTorn,
  'source-stale': sourceStale,
};

export const RULES: readonly Rule[] = Object.values(ALL) as unknown as readonly Rule[];
