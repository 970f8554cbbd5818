/* The laws of a snapshot (temporal_slab_stats.h), checked wherever a test takes one. Each broken law is a failed check that names
 * the law, the class or epoch, and both sides. */
#ifndef TESTS_LAWS_H
#define TESTS_LAWS_H

#include "temporal_slab.h"

/* Those that hold at every instant, whatever other threads do. */
void laws_check(const SlabSnapshot *snapshot);

/* And exactly, when no other thread is inside a call: live objects per class and per epoch as the caller counted them
 * (NULL: not checked), and nothing torn. */
void laws_check_at_rest(const SlabSnapshot *snapshot, const uint64_t live_by_class[SLAB_CLASS_COUNT],
                        const uint64_t live_by_epoch[SLAB_EPOCH_COUNT]);

/* No counter of `after` is below `before`'s (same instance, before taken before after). */
void laws_check_monotonic(const SlabSnapshot *before, const SlabSnapshot *after);

/* Takes a snapshot of an allocator at rest whose live objects number `live`, and checks everything. */
void laws_check_allocator(SlabAllocator *alloc, uint64_t live, SlabSnapshot *snapshot);

#endif
