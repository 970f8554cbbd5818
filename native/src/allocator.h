/* The allocator's own state: instances, per-thread heaps, class pools. Layers, each using only those above it:
 *
 *   os · counters · slab/chunk      what the system gives, what is observed, where objects stand
 *   heap                            threads and their bins
 *   pool                            slabs of a class that no bin holds: cache, overflow, orphans
 *   alloc · free                    objects
 *   epoch · domain · label          lifetimes
 *   snapshot                        counters to numbers
 *
 * Locks, in the order they may be taken: instances_lock (fork.c) > registry_lock (heap.c) > merge_lock > epoch_lock > heaps_lock > shared_lock > class lock > chunk_lock (chunk.c).
 * None but merge_lock is held over a system call.
 */
#ifndef SLAB_ALLOCATOR_H
#define SLAB_ALLOCATOR_H

#include <pthread.h>

#include "counter_store.h"
#include "counters.h"
#include "slab.h"

typedef SlabHotReady Ready;

/* A thread's free slots of one bin, last in first out. They belong to the thread: no bit of their slabs' free or remote is set for them (but for that of a
 * free that was one too many). slots[0] is never used: its object is NULL, which is what an empty magazine shows. */
typedef struct Magazine {
  _Alignas(SLAB_HOT_MAGAZINE_BYTES) Ready slots[MAGAZINE_SLOTS];
} Magazine;
_Static_assert(sizeof(Magazine) == SLAB_HOT_MAGAZINE_BYTES, "no slot but the first is aligned as the magazine's end is");

/* One thread's share of one allocator. Heap structs live in memory that is never unmapped, so a pointer to one stays readable.
 *
 * The asymmetric handshake: `hot.busy` says of which bin, hence of which epoch, the thread is changing slabs. The thread stores it with no fence and then reads the bin's top;
 * epoch_close stores open[] = 0, shuts the epoch's magazines, makes all threads pass a barrier (os_barrier_all_threads) and then reads `busy`. So either the thread sees
 * the magazine shut, and open[] when it asks why, or the closer sees the thread busy and waits, shortly, or leaves the epoch's slabs to a later pass. A thread that was
 * changing a top at the moment when it was shut overwrites that; the closer sees it and does the same once more. */
struct SlabHeap {
  SlabHotHeap hot;
  SlabRef owned[BIN_COUNT];       /* class lock: every slab whose owner this is */
  uint16_t empty_count[BIN_COUNT];
  Ready *aside[BIN_COUNT];        /* heaps_lock: top when the magazine was shut, until the epoch is settled */
  bool is_shared;
  uint8_t magazine_of[BIN_COUNT]; /* owner: the bin's own, counted from 1; 0: none */
  _Atomic bool is_vacant[BIN_COUNT]; /* set when the bin's epoch is left: its magazine may become another bin's */
  uint8_t magazines_used;         /* owner */
  SlabRef collecting;             /* owner: what it took from `pending` and has not come to; 0 without a thread */
  Magazine magazines[BIN_COUNT];  /* as many as bins were in use at a time are memory */

  _Alignas(CACHE_LINE) _Atomic SlabRef pending; /* slabs that others freed into; pushed by them, emptied at once by the owner */
  _Atomic bool retired;                         /* no thread: whoever pushes to pending looks after it himself */
  Heap *next_of_alloc;                          /* heaps_lock; a heap never leaves its allocator's list while both live */
  Heap *next_of_thread;                         /* the thread, or the free list of heaps */
  bool has_thread;                              /* registry_lock */
  bool is_left_behind;                          /* in a forked child, until fork_finish: of no thread that is here */
  bool has_block;                               /* registry_lock: what stands behind it is its counters */
};

_Static_assert(offsetof(Heap, hot) == 0, "one pointer for both");

/* What stands behind a heap are its counters: a mapping of the counter file, or private memory. */
#define HEAP_SPAN SLAB_HOT_COUNTERS
_Static_assert(sizeof(Heap) <= HEAP_SPAN && HEAP_SPAN % COUNTER_FILE_ALIGN == 0, "a heap ends before its counters");
static inline ThreadCounters *heap_counters(Heap *heap) { return (ThreadCounters *)((char *)heap + HEAP_SPAN); }
_Static_assert(offsetof(ThreadCounters, allocs) == SLAB_HOT_ALLOCS * sizeof(Counter) * BIN_COUNT && offsetof(ThreadCounters, frees) == SLAB_HOT_FREES * sizeof(Counter) * BIN_COUNT, "where the hot paths count");
_Static_assert(sizeof(_Atomic(Ready *)) == sizeof(Counter), "tops and counters in step");

_Static_assert(BIN_COUNT <= UINT8_MAX, "magazines are counted in a byte");

/* Heaps and counter blocks begin on pages. A processor that knows a store in flight by the lower 12 bits of its address would take the store of a counter for the one of a
 * top that stands at the same place of its page, and wait: a sixth of a pair's time where they did. */
_Static_assert(offsetof(SlabHotHeap, top) % 4096 >= offsetof(ThreadCounters, to_full) && offsetof(SlabHotHeap, top) % 4096 + sizeof(((SlabHotHeap *)0)->top) <= 4096, "tops, allocs and frees at different places of their pages");

/* Stands for a magazine that is empty to allocations and full to frees. */
extern const Magazine magazine_shut;
#define MAGAZINE_SHUT ((Ready *)&magazine_shut.slots[MAGAZINE_SLOTS - 1])

#define HEAP_DEAD ((SlabAllocator *)1)
#define BUSY_NOT SLAB_HOT_BUSY_NOT
#define BUSY_FREEING BIN_COUNT

typedef struct ClassPool {
  _Alignas(CACHE_LINE) pthread_mutex_t lock;
  _Atomic uint32_t waiting;           /* threads that found the lock taken */
  SlabRef cache;                      /* warm, empty */
  SlabRef drained;                    /* empty, about to be given back; counted as overflow */
  SlabRef overflow;                   /* given back: address space without memory */
  _Atomic uint32_t cached, drained_count; /* written under the lock */
  _Atomic bool due;                   /* the drained wait for pool_relieve */
  _Atomic int32_t sweeping;           /* above 0: threads between pool_sweep and the pool_give_back that follows: they give the drained back, and nobody else */
  Chunk *uncarved;                    /* chunks with slabs that were never handed out */
  SlabRef orphans[SLAB_EPOCH_COUNT];  /* shared slabs; those that were full when somebody looked for a free slot are the last ones */
  SlabRef last_orphan[SLAB_EPOCH_COUNT];
} ClassPool;

struct SlabAllocator {
  _Atomic uint8_t open[SLAB_EPOCH_COUNT]; /* 1 while allocation is legal. Own cache line: read by every allocation, written by open and close */
  _Alignas(CACHE_LINE) GlobalCounters *counters; /* store.global */
  _Atomic uint32_t unsettled;                       /* bit per epoch: closed, and not every thread seen outside since: no slab may be reclaimed */
  _Atomic uint32_t deferred;                        /* of these, the ones whose closer has gone away without */
  _Atomic uint32_t slabs_in_epoch[SLAB_EPOCH_COUNT]; /* attached ones; 0 means that no object can live there */
  _Atomic uint8_t label_of_epoch[SLAB_EPOCH_COUNT];
  bool handshake;                                   /* os_barrier_all_threads works; otherwise every thread uses the shared heap */
  CounterStore store;
  _Atomic bool forked;                              /* in a child that has to set its instance up again: see fork_child.c */
  SlabAllocator *next_instance;                     /* instances_lock (fork.c) */
  pthread_mutex_t merge_lock;                       /* one epoch_merge at a time; nobody else wants it */
  pthread_mutex_t epoch_lock;
  uint64_t last_era;                                /* epoch_lock */
  pthread_mutex_t heaps_lock;
  Heap *heaps;
  pthread_mutex_t shared_lock;
  Heap *shared;                                     /* for threads that have no heap of their own */
  Chunk *_Atomic chunks;
  uint32_t pins;                                    /* registry_lock: threads that are leaving and still tidy up here */
  ClassPool pools[SLAB_CLASS_COUNT];
};

/* True when slabs of the epoch may be reclaimed: every thread that allocated in it has been seen outside since it was closed. */
static inline bool epoch_settled(SlabAllocator *alloc, uint32_t epoch) { return (load_acquire(&alloc->unsettled) >> epoch & 1) == 0; }

#endif
