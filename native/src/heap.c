/* A thread's heaps: made at its first allocation or free, left behind in order when it ends. */
#include "heap.h"

#include <string.h>

#include "lock.h"
#include "os.h"
#include "pool.h"

const SlabHotHeap no_heap = {.alloc = HEAP_DEAD};
const Magazine magazine_shut;

__thread SlabHotHeap *SLAB_HOT_THREAD = (SlabHotHeap *)&no_heap;
static _Thread_local Heap *thread_heaps;
static _Thread_local unsigned thread_exits; /* how often this thread's destructor has run */

/* Guards the free list, Heap.has_thread, SlabAllocator.pins, and the link between a heap and its allocator. */
static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t unpinned = PTHREAD_COND_INITIALIZER;
static Heap *free_heaps;

static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static pthread_key_t exit_key;
static bool exit_key_ok;

/* counters: where the thread that does it counts. Leaves the slabs of a heap whose thread ends: the empty ones to the class cache, the others as orphans that any thread may adopt.
 * heaps_lock held, so that no epoch_close is at work on them. */
static void orphan_slabs(SlabAllocator *alloc, Heap *heap, ThreadCounters *counters) {
  for (uint32_t epoch = 0; epoch < SLAB_EPOCH_COUNT; epoch++) heap_leave_epoch(heap, epoch);
  for (uint32_t bin = 0; bin < BIN_COUNT; bin++) {
    if (heap->owned[bin] == 0) continue;
    Counter *seq = &alloc->counters->classes[BIN_CLASS(bin)].seq;
    while (heap->owned[bin]) {
      pool_lock(alloc, BIN_CLASS(bin), BIN_EPOCH(bin), counters);
      section_begin(seq);
      for (int i = 0; i < CLOSE_BATCH && heap->owned[bin]; i++) {
        Slab *s = slab_of_ref(heap->owned[bin]);
        pool_orphan(alloc, &heap->owned[bin], s);
        pool_reclaim_orphan(alloc, s);
      }
      section_end(seq);
      pool_unlock(alloc, BIN_CLASS(bin));
      pool_give_way(alloc, BIN_CLASS(bin));
    }
  }
}

/* A heap that neither a thread nor an allocator has goes to the next that asks. registry_lock held. */
static void heap_put_aside(Heap *heap) {
  if (heap->has_thread || heap->has_block) return;
  heap->next_of_thread = free_heaps;
  free_heaps = heap;
}

static void heap_retire(Heap *heap) {
  lock(&registry_lock);
  SlabAllocator *alloc = load_relaxed(&heap->hot.alloc);
  if (alloc == HEAP_DEAD) alloc = NULL;
  if (alloc) alloc->pins++;
  unlock(&registry_lock);

  if (alloc) {
    heap_stop_collecting(heap);
    lock(&alloc->heaps_lock);
    orphan_slabs(alloc, heap, heap_counters(heap));
    store_seq_cst(&heap->retired, true);
    unlock(&alloc->heaps_lock);
    heap_forward_pending(alloc, heap, heap_counters(heap));
    for (uint32_t cls = 0; cls < SLAB_CLASS_COUNT; cls++) pool_relieve(alloc, cls, heap_counters(heap));
    counter_add_shared(&alloc->counters->threads, (uint64_t)-1);
  }

  lock(&registry_lock);
  heap->has_thread = false;
  if (alloc && --alloc->pins == 0) pthread_cond_broadcast(&unpinned);
  heap_put_aside(heap);
  unlock(&registry_lock);
}

static void thread_exit(void *unused) {
  (void)unused;
  thread_exits++;
  heap_use(NO_HEAP);
  while (thread_heaps) {
    Heap *heap = thread_heaps;
    thread_heaps = heap->next_of_thread;
    heap_retire(heap);
  }
}

static void make_exit_key(void) { exit_key_ok = pthread_key_create(&exit_key, thread_exit) == 0; }

/* A heap without a thread: one that a thread of this allocator left behind, or one of a dead allocator; NULL when there is none. */
static Heap *heap_reuse(SlabAllocator *alloc) {
  Heap *heap = NULL;
  lock(&registry_lock);
  for (Heap *h = alloc->heaps; h; h = h->next_of_alloc)
    if (!h->has_thread && !h->is_shared) {
      heap = h;
      break;
    }
  if (heap) heap->has_thread = true;
  unlock(&registry_lock);
  return heap;
}

/* What a heap struct takes of memory: magazines that were never used take none. */
static size_t heap_memory_bytes(const Heap *heap) {
  return sizeof *heap - sizeof heap->magazines + heap->magazines_used * sizeof(Magazine);
}

/* A heap struct set up for alloc with counters of its own, linked to it. NULL when memory is short. */
static Heap *heap_new(SlabAllocator *alloc) {
  lock(&registry_lock);
  Heap *heap = free_heaps;
  if (heap) free_heaps = heap->next_of_thread;
  unlock(&registry_lock);
  if (!heap && !(heap = os_map(HEAP_SPAN + counter_file_block_stride(), os_page_bytes()))) return NULL;
  if (!counter_store_block(&alloc->store, heap_counters(heap))) return NULL; /* nobody's from now on: somebody may still read the struct */
  counter_add_shared(&alloc->counters->metadata_bytes, heap_memory_bytes(heap) + sizeof(ThreadCounters));
  heap->is_shared = false;
  heap->hot.table_mask = (load_relaxed(&slab_table_count) - 1) * sizeof(Slab);
  heap->hot.table = slab_table;
  heap->hot.window = window_start;
  memcpy(heap->hot.class_of_last_byte, class_of_last_byte, sizeof class_of_last_byte);
  heap->next_of_thread = NULL;
  for (uint32_t epoch = 0; epoch < SLAB_EPOCH_COUNT; epoch++) heap_reset_epoch(heap, epoch);
  for (uint32_t bin = 0; bin < BIN_COUNT; bin++) heap->owned[bin] = 0;
  store_relaxed(&heap->hot.busy, BUSY_NOT);
  store_relaxed(&heap->pending, 0);
  heap->collecting = 0;
  store_relaxed(&heap->retired, false);
  store_release(&heap->hot.alloc, alloc);

  lock(&registry_lock);
  lock(&alloc->heaps_lock);
  heap->has_thread = heap->has_block = true;
  heap->next_of_alloc = alloc->heaps;
  alloc->heaps = heap;
  unlock(&alloc->heaps_lock);
  unlock(&registry_lock);
  return heap;
}

/* Drops the heaps of dead allocators from this thread's list. */
static void prune_dead_heaps(void) {
  Heap **link = &thread_heaps;
  while (*link) {
    Heap *heap = *link;
    if (load_acquire(&heap->hot.alloc) != HEAP_DEAD) {
      link = &heap->next_of_thread;
      continue;
    }
    *link = heap->next_of_thread;
    if (heap_of_thread() == heap) heap_use(NO_HEAP);
    heap_retire(heap);
  }
}

static Heap *heap_register(SlabAllocator *alloc) {
  pthread_once(&key_once, make_exit_key);
  if (!alloc->handshake || !exit_key_ok || thread_exits) return alloc->shared;
  prune_dead_heaps();
  if (pthread_setspecific(exit_key, &thread_heaps) != 0) return alloc->shared;
  Heap *heap = heap_reuse(alloc);
  if (!heap) heap = heap_new(alloc);
  if (!heap) return alloc->shared;
  counter_add_shared(&alloc->counters->threads, 1);
  heap->next_of_thread = thread_heaps;
  thread_heaps = heap;
  heap_use(heap);
  store_seq_cst(&heap->retired, false); /* from now on whoever pushes to pending leaves it to this thread */
  return heap;
}

Heap *heap_of(SlabAllocator *alloc) {
  SlabHotHeap *hot = SLAB_HOT_THREAD;
  if (likely(load_relaxed(&hot->alloc) == alloc)) return (Heap *)hot;
  for (Heap *heap = thread_heaps; heap; heap = heap->next_of_thread)
    if (load_relaxed(&heap->hot.alloc) == alloc) {
      heap_use(heap);
      return heap;
    }
  return heap_register(alloc);
}

bool heaps_create(SlabAllocator *alloc) {
  Heap *shared = heap_new(alloc);
  if (!shared) return false;
  shared->is_shared = true;
  heap_counters(shared)->several_writers = 1;
  alloc->shared = shared;
  alloc->handshake = os_barrier_register();
  return true;
}

void heaps_destroy(SlabAllocator *alloc) {
  while (alloc->heaps) {
    Heap *heap = alloc->heaps;
    alloc->heaps = heap->next_of_alloc;
    OsQuiet quiet = os_quiet_begin(); /* cancelled there, this thread would keep the lock */
    lock(&registry_lock);
    while (alloc->pins > 0) pthread_cond_wait(&unpinned, &registry_lock);
    store_release(&heap->hot.alloc, HEAP_DEAD);
    if (heap->is_shared) heap->has_thread = false;
    unlock(&registry_lock);
    os_quiet_end(quiet);
    if (!counter_block_end(heap_counters(heap))) continue; /* nobody's from now on */
    lock(&registry_lock);
    heap->has_block = false;
    heap_put_aside(heap);
    unlock(&registry_lock);
  }
}

bool heap_is_of_this_thread(const Heap *heap) {
  for (const Heap *h = thread_heaps; h; h = h->next_of_thread)
    if (h == heap) return true;
  return false;
}

void heap_forget_current(void) { heap_use(NO_HEAP); }

void heap_abandon(SlabAllocator *alloc, Heap *heap) {
  ThreadCounters *counters = heap_counters(alloc->shared); /* its own block may be gone */
  store_relaxed(&heap->hot.busy, BUSY_NOT);
  heap_stop_collecting(heap);
  lock(&alloc->heaps_lock);
  orphan_slabs(alloc, heap, counters);
  unlock(&alloc->heaps_lock);
  store_seq_cst(&heap->retired, true);
  heap_forward_pending(alloc, heap, counters);
  heap->has_thread = false;
}

void heap_registry_lock(void) { lock(&registry_lock); }
void heap_registry_unlock(void) { unlock(&registry_lock); }
