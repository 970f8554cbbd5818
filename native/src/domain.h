/* Domains: what contention by label asks of them. The public functions stand in temporal_slab.h. */
#ifndef SLAB_DOMAIN_H
#define SLAB_DOMAIN_H

#include "allocator.h"

/* Label id of this thread's innermost domain; false when it is in none of alloc. */
bool domain_label_of_thread(SlabAllocator *alloc, uint32_t *label);

#endif
