/* The instances of a process, and what becomes of them in a forked child. */
#ifndef SLAB_FORK_H
#define SLAB_FORK_H

#include "allocator.h"

void instances_add(SlabAllocator *alloc);
void instances_remove(SlabAllocator *alloc);

/* For walking the list. */
bool instances_trylock(void);
void instances_unlock(void);
SlabAllocator *instances_first(void);

/* Completes in a child what the fork left: cheap when there is nothing to do. Slow paths call it before they count; no lock held. */
void fork_finish_slow(SlabAllocator *alloc);
static inline void fork_finish(SlabAllocator *alloc) {
  if (unlikely(load_acquire(&alloc->forked))) fork_finish_slow(alloc);
}

#endif
