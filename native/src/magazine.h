/* How a bin's magazine is filled and emptied. Both for the heap's thread, which holds the bin; the magazine may be shut at any moment, which the change of its top undoes: see
 * Heap. So the top is read once in a hold, and handed on. */
#ifndef SLAB_MAGAZINE_H
#define SLAB_MAGAZINE_H

#include "heap.h"

/* Moves free slots of s into the bin's magazine, the lowest on top, until it is half full: that many or what there is. Its top then; NULL when there is none. top: what it was,
 * below half. */
Ready *magazine_load(Heap *heap, uint32_t bin, Slab *s, Ready *top);

/* Moves the upper half of the bin's full magazine back to the slabs, and files those that it changes. Its top then; NULL, without effect, when it is shut. Takes class locks:
 * epoch_relieve follows. */
Ready *magazine_unload(SlabAllocator *alloc, Heap *heap, uint32_t bin);

#endif
