/* Heaps: which thread may touch what. */
#ifndef SLAB_HEAP_H
#define SLAB_HEAP_H

#include "allocator.h"

/* The heap this thread used last, of whichever allocator; NO_HEAP before the first: of an allocator that is dead. */
static inline Heap *heap_of_thread(void) { return (Heap *)SLAB_HOT_THREAD; }
static inline void heap_use(Heap *heap) { SLAB_HOT_THREAD = (SlabHotHeap *)heap; }
#define NO_HEAP ((Heap *)&no_heap)
extern const SlabHotHeap no_heap; /* no more of a heap than the hot paths know */

/* This thread's heap of alloc, made if need be; alloc->shared for a thread that can have none. Never NULL. Whoever allocates from the shared heap
 * takes shared_lock; to count into its block needs no lock. */
Heap *heap_of(SlabAllocator *alloc);

/* Sets up / ends an allocator's heaps. False when memory is short. */
bool heaps_create(SlabAllocator *alloc);
void heaps_destroy(SlabAllocator *alloc);

/* For fork: the registry's lock; whether a heap is of the running thread; sending that thread's next operation the slow way, which waits for fork_finish; leaving in order a heap whose
 * thread the child does not have. */
void heap_registry_lock(void);
void heap_registry_unlock(void);
bool heap_is_of_this_thread(const Heap *heap);
void heap_forget_current(void);
void heap_abandon(SlabAllocator *alloc, Heap *heap);

/* Shuts the heap's magazines of a closed epoch; what they hold is set aside. Its thread, in the midst of an operation, may undo that: see heap_epoch_is_shut. heaps_lock held. */
void heap_shut_epoch(Heap *heap, uint32_t epoch);
bool heap_epoch_is_shut(Heap *heap, uint32_t epoch);

/* Forgets what the heap's bins of one epoch hold, and shuts its magazines. Its thread must not be inside an operation on that epoch. */
void heap_reset_epoch(Heap *heap, uint32_t epoch);

/* Gives the slots that the heap has at hand of one epoch back to their slabs, which may be anybody's by now, and forgets the rest. As above. */
void heap_leave_epoch(Heap *heap, uint32_t epoch);

/* Marks the heap as inside an operation on a bin, whose slabs and magazine stay its own when the epoch is open after that. heap_release ends it. For the heap's thread only. */
static inline void heap_hold_bin(Heap *heap, size_t bin) { slab_hot_hold(&heap->hot, bin); }
static inline void heap_release(Heap *heap) { slab_hot_release(&heap->hot); }

/* The same for the slab's bin. False (and not marked) when s is not, or no longer, the heap's. */
static inline bool heap_hold(Heap *heap, Slab *s) {
  heap_hold_bin(heap, slab_bin(s));
  if (likely(load_unordered(&s->owner) == heap)) return true;
  heap_release(heap);
  return false;
}

/* For others: whether the thread is inside an operation on the epoch. */
static inline bool heap_is_inside(Heap *heap, uint32_t epoch) { return BIN_EPOCH(load_acquire(&heap->hot.busy)) == epoch; }

/* Hands a slab with remotely freed slots to its owner; any thread. counters: where this thread counts. */
void heap_notify(Heap *owner, Slab *s, ThreadCounters *counters);

/* The same once more for a slab that is in no heap's list, whatever its flag says. */
void heap_notify_anew(Slab *s, ThreadCounters *counters);

/* Brings the slabs in the pending list of a heap without a thread to whoever owns them now. Any thread, no lock held. */
void heap_forward_pending(SlabAllocator *alloc, Heap *heap, ThreadCounters *counters);

/* Takes the remotely freed slots of one slab in the pending list, and of further ones as long as the bin has no slab with a free slot. For the heap's thread, outside any hold. */
void heap_collect_pending(SlabAllocator *alloc, Heap *heap, uint32_t bin);

/* Puts what was taken from the pending list, and not come to, back. For the heap's thread, which leaves it. */
void heap_stop_collecting(Heap *heap);

/* Adds the remotely freed slots of s to its free ones. For its owner, which holds it. Number of slots gained. */
uint32_t slab_collect(Heap *heap, Slab *s);

/* A slab of this heap has enough free slots to be allocated from again, or lost its last object: puts it into the list where it belongs. For a thread that holds s. */
void heap_file(SlabAllocator *alloc, Heap *heap, Slab *s);

#endif
