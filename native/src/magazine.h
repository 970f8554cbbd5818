/* How a bin's magazine is opened, filled and emptied. All for the heap's thread, which holds the bin; the magazine may be shut at any moment, which the change of its top undoes: see
 * Heap. So the top is read once in a hold, and handed on. */
#ifndef SLAB_MAGAZINE_H
#define SLAB_MAGAZINE_H

#include "heap.h"

/* Opens the bin's magazine, which is shut and left, or a vacant one for it. Its top: it is empty. */
Ready *magazine_open(SlabAllocator *alloc, Heap *heap, uint32_t bin);

/* Moves free slots of s into the bin's magazine, the lowest on top: room of them or what there is. Its top then; NULL when there is none. top: what it was, with so much room
 * above. */
Ready *magazine_load(Heap *heap, uint32_t bin, Slab *s, Ready *top, uint32_t room);

/* Moves the upper half of the bin's full magazine back to the slabs, and files those that it changes. Its top then; NULL, without effect, when it is shut. Takes class locks:
 * epoch_relieve follows. */
Ready *magazine_unload(SlabAllocator *alloc, Heap *heap, uint32_t bin);

#endif
