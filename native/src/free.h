/* Freeing, for the preloaded library. */
#ifndef SLAB_FREE_H
#define SLAB_FREE_H

#include "allocator.h"

/* Frees an object whose slab is this thread's, which most are. False, and nothing is done or counted, for every other address. */
bool free_own(SlabAllocator *alloc, void *ptr);

#endif
