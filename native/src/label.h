/* Labels: who an epoch belongs to. */
#ifndef SLAB_LABEL_H
#define SLAB_LABEL_H

#include "allocator.h"

/* Keeps at most 31 bytes of text, whole characters, zero-padded. False when any of it is not UTF-8. */
bool label_prepare(const char *text, uint64_t words[LABEL_WORDS]);

/* Id of a label in the registry, added if there is room, else 0 and counted. epoch_lock held; readers need no lock. */
uint32_t label_register(SlabAllocator *alloc, const uint64_t words[LABEL_WORDS]);

#endif
