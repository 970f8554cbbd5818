/* Class pools: slabs that no bin holds, and the way of an empty slab back to the kernel. */
#ifndef SLAB_POOL_H
#define SLAB_POOL_H

#include "allocator.h"

/* The class lock, with the contention probe: tried first, so that having had to wait is known without a clock. */
void pool_lock(SlabAllocator *alloc, uint32_t cls, uint32_t epoch, ThreadCounters *counters);
void pool_unlock(SlabAllocator *alloc, uint32_t cls);

/* Between two holds of a long piece of work: lets those who wait for the lock have it first. A mutex alone goes to whoever asks next, which is its last holder. */
void pool_give_way(SlabAllocator *alloc, uint32_t cls);

/* Lengths that are written under the class lock and looked at without. */
static inline void pool_count(_Atomic uint32_t *n, int by) { store_relaxed(n, load_relaxed(n) + (uint32_t)by); }

typedef enum { POOL_OK, POOL_CLOSED, POOL_NEEDS_CHUNK } PoolResult;

/* A slab for a bin of heap, owned by it on return: an orphan with free slots, a warm one, a given-back one, a new one, in this order. any: also one that is in another thread's
 * pending list, so that others may never tell of what they free into it.
 * POOL_NEEDS_CHUNK: call pool_grow outside any hold and try again, for any when that fails. */
PoolResult pool_take(SlabAllocator *alloc, Heap *heap, uint32_t bin, bool any, Slab **out);

/* Maps a chunk for the class. False when the system gives no memory. Makes system calls. */
bool pool_grow(SlabAllocator *alloc, uint32_t cls, ThreadCounters *counters);

/* Puts an empty slab that heap owns into the warm cache, or with the drained when that is full: pool_relieve follows. False, without
 * effect, when an object turns out to live in it. For a thread that holds s. */
bool pool_return(SlabAllocator *alloc, Heap *heap, Slab *s);

/* Takes back a shared slab if nobody holds an object of it any more: pool_relieve follows. Any thread. */
void pool_reclaim_shared(SlabAllocator *alloc, Slab *s, ThreadCounters *counters);

/* Does what the functions above had to leave because of locks: gives the drained slabs back when enough of them wait. No lock held, outside any hold;
 * makes system calls when there is something to do, which a look without a lock tells. */
void pool_relieve(SlabAllocator *alloc, uint32_t cls, ThreadCounters *counters);

/* Makes s, owned by a heap, an orphan. Class lock held, its owner quiet. */
void pool_orphan(SlabAllocator *alloc, SlabRef *owned, Slab *s);

/* Warm slabs that a class keeps when an epoch is closed: one per thread, from CACHE_RESERVE_MIN to CACHE_RESERVE_MAX. */
uint32_t cache_reserve(SlabAllocator *alloc);

/* Puts an orphan without objects into the warm cache, or with the drained. Class lock held, within a section; the epoch may be open. */
void pool_reclaim_orphan(SlabAllocator *alloc, Slab *s);

typedef struct CloseShare {
  uint64_t scanned, recycled; /* slabs */
  uint64_t bytes;             /* given back */
} CloseShare;

/* Takes every empty orphan of an epoch out of it; the most of them are left in the drained list for pool_give_back. For pool_drain. */
CloseShare pool_sweep(SlabAllocator *alloc, uint32_t cls, uint32_t epoch, ThreadCounters *counters);

/* Moves every orphan of one closed epoch to another, both unsettled. */
void pool_move_orphans(SlabAllocator *alloc, uint32_t cls, uint32_t from, uint32_t into, ThreadCounters *counters);

/* Gives the drained slabs of a class back to the kernel in merged ranges, and the warm ones above keep with them. Returns the bytes given back.
 * Makes system calls. */
uint64_t pool_give_back(SlabAllocator *alloc, uint32_t cls, uint32_t keep, ThreadCounters *counters);

/* pool_sweep, and pool_give_back of what is not kept. Meanwhile no other thread's pool_relieve gives back what of the class has drained: an allocation would take as long as
 * all that, and the bytes would not be the close's. No lock held, outside any hold; makes system calls. */
CloseShare pool_drain(SlabAllocator *alloc, uint32_t cls, uint32_t epoch, ThreadCounters *counters);

#endif
