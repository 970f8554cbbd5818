/* What a forked child puts in order before it goes on with its parent's allocators. */
#ifndef SLAB_FORK_CHILD_H
#define SLAB_FORK_CHILD_H

#include "allocator.h"

/* Completes in a child what the fork left: cheap when there is nothing to do. Slow paths call it before they count; no lock held. */
void fork_finish_slow(SlabAllocator *alloc);
static inline void fork_finish(SlabAllocator *alloc) {
  if (unlikely(load_acquire(&alloc->forked))) fork_finish_slow(alloc);
}

#endif
