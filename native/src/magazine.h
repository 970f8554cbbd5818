/* How a bin's magazine is filled. */
#ifndef SLAB_MAGAZINE_H
#define SLAB_MAGAZINE_H

#include "heap.h"

/* Moves free slots of s into the bin's empty magazine, the lowest on top: MAGAZINE_REFILL of them, or what there is. Its top; NULL when there is none. For the heap's
 * thread, which holds the bin; the magazine may be shut at any moment, which the change of its top undoes: see Heap. */
Ready *magazine_load(Heap *heap, uint32_t bin, Slab *s);

#endif
