/* The instances of a process, and what becomes of them at a fork. */
#ifndef SLAB_FORK_H
#define SLAB_FORK_H

#include "allocator.h"

void instances_add(SlabAllocator *alloc);
void instances_remove(SlabAllocator *alloc);

/* For walking the list. */
void instances_lock(void);
bool instances_trylock(void);
void instances_unlock(void);
SlabAllocator *instances_first(void);

#endif
