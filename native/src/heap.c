/* A thread's heaps: made at its first allocation or free, left behind in order when it ends. */
#include "heap.h"

#include "domain.h"
#include "epoch.h"
#include "fork.h"
#include "os.h"
#include "pool.h"

Slab no_slab_storage;

_Thread_local Heap *heap_of_thread;
static _Thread_local Heap *thread_heaps;
static _Thread_local unsigned thread_exits; /* how often this thread's destructor has run */

/* Guards the free list, Heap.has_thread, SlabAllocator.pins, and the link between a heap and its allocator. */
static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t unpinned = PTHREAD_COND_INITIALIZER;
static Heap *free_heaps;

static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static pthread_key_t exit_key;
static bool exit_key_ok;

/* ---- slabs of a heap. For its thread, holding the slab's epoch ---- */

static void count_bin(Heap *heap, Counter *bins, Slab *s) { tally(heap->counters, &bins[slab_bin(s)], 1); }

uint32_t slab_collect(Slab *s, ThreadCounters *counters) {
  uint32_t slots = slab_chunk(s)->slots;
  uint32_t bin = slab_bin(s), gained = 0, duplicates = 0, retries = 0;
  for (uint32_t w = 0; w * 64 < slots; w++) {
    uint64_t freed = load_relaxed(&s->remote[w]);
    if (freed == 0) continue;
    while (!cas_weak_seq_cst(&s->remote[w], &freed, 0)) retries++;
    uint64_t free = load_relaxed(&s->free[w]), accepted = 0;
    for (uint64_t rest = freed; rest; rest &= rest - 1) {
      uint32_t slot = w * 64 + (uint32_t)__builtin_ctzll(rest);
      uint64_t bit = rest & -rest;
      /* Free already, or in use again: the owner freed it in the same moment. One of the two frees was not one. */
      if ((free & bit) || (load_acquire(&s->tags[slot]) & 1))
        duplicates++;
      else
        accepted |= bit;
    }
    store_relaxed(&s->free[w], free | accepted);
    gained += (uint32_t)__builtin_popcountll(accepted);
    if (accepted) s->hint = (uint8_t)w;
  }
  if (duplicates) {
    tally(counters, &counters->classes[BIN_CLASS(bin)].invalid_frees, duplicates);
    tally(counters, &counters->allocs[bin], duplicates);
  }
  if (retries) {
    uint32_t bucket = contention_bucket(load_relaxed(&slab_chunk(s)->alloc), BIN_EPOCH(bin));
    tally(counters, &counters->classes[BIN_CLASS(bin)].alloc_cas_retries[bucket], retries);
  }
  return gained;
}

void heap_file(SlabAllocator *alloc, Heap *heap, Slab *s) {
  uint32_t bin = slab_bin(s);
  if (s->flags & SLAB_IS_CURRENT) {
    s->trip = (uint16_t)(slab_used(s) + TRIP_NEVER);
    return;
  }
  uint32_t used = slab_used(s);
  if (s->flags & SLAB_IS_FULL) {
    if (used == slab_chunk(s)->slots) return;
    s->flags &= (uint8_t)~SLAB_IS_FULL;
    count_bin(heap, heap->counters->to_partial, s);
    bin_list_push(&heap->partial[bin], s);
  }
  s->trip = (uint16_t)used;
  if (used > 0 || (s->flags & SLAB_IS_EMPTY)) return;
  bin_list_remove(&heap->partial[bin], s);
  if (heap->empty_count[bin] < BIN_EMPTY_MAX) {
    s->flags |= SLAB_IS_EMPTY;
    bin_list_push(&heap->empty[bin], s);
    heap->empty_count[bin]++;
    count_bin(heap, heap->counters->to_empty, s);
  } else {
    pool_return(alloc, heap, s);
  }
}

void heap_notify(Heap *owner, Slab *s, ThreadCounters *counters) {
  if (load_seq_cst(&s->pending) || exchange_seq_cst(&s->pending, 1)) return;
  uint32_t cls = slab_chunk(s)->cls;
  uint64_t attempts = 1;
  SlabRef head = load_relaxed(&owner->pending);
  store_relaxed(&s->pending_next, head);
  while (!cas_seq_cst(&owner->pending, &head, slab_ref(s))) {
    store_relaxed(&s->pending_next, head);
    attempts++;
  }
  tally(counters, &counters->classes[cls].pending_cas_attempts, attempts);
  if (attempts > 1) tally(counters, &counters->classes[cls].pending_cas_failures, attempts - 1);
  SlabAllocator *alloc = load_relaxed(&slab_chunk(s)->alloc);
  if (unlikely(load_seq_cst(&owner->retired)) && alloc) heap_forward_pending(alloc, owner, counters);
}

/* Takes the pending list; calls for each slab with its flag cleared first, so that a free that comes later puts it back. */
static Slab *pending_next(SlabRef *ref) {
  if (!*ref) return NULL;
  Slab *s = slab_of_ref(*ref);
  *ref = load_relaxed(&s->pending_next);
  exchange_seq_cst(&s->pending, 0);
  return s;
}

static bool has_remote(Slab *s) {
  for (uint32_t w = 0; w < BITMAP_WORDS; w++)
    if (load_seq_cst(&s->remote[w])) return true;
  return false;
}

/* s was in the pending list of a heap that no longer owns it: brings it to whoever does. */
static void forward(SlabAllocator *alloc, Slab *s, ThreadCounters *counters) {
  if (!has_remote(s)) return;
  Heap *owner = load_seq_cst(&s->owner);
  if (owner == OWNER_SHARED) {
    if (slab_is_empty(s)) pool_reclaim_shared(alloc, s, counters);
  } else if (owner != OWNER_NONE) {
    heap_notify(owner, s, counters);
  }
}

void heap_forward_pending(SlabAllocator *alloc, Heap *heap, ThreadCounters *counters) {
  SlabRef ref = exchange_seq_cst(&heap->pending, 0);
  for (Slab *s; (s = pending_next(&ref));) forward(alloc, s, counters);
}

void heap_collect_pending(SlabAllocator *alloc, Heap *heap) {
  if (load_relaxed(&heap->pending) == 0) return;
  SlabRef ref = exchange_seq_cst(&heap->pending, 0);
  for (Slab *s; (s = pending_next(&ref));) {
    if (!heap_hold(heap, s)) {
      forward(alloc, s, heap->counters);
      continue;
    }
    if (slab_collect(s, heap->counters)) heap_file(alloc, heap, s);
    heap_release(heap);
  }
}

void heap_reset_epoch(Heap *heap, uint32_t epoch) {
  for (uint32_t cls = 0; cls < SLAB_CLASS_COUNT; cls++) {
    uint32_t bin = BIN_OF(epoch, cls);
    heap->current[bin] = no_slab;
    heap->partial[bin] = heap->empty[bin] = 0;
    heap->empty_count[bin] = 0;
  }
}

/* ---- threads ---- */

/* Leaves the slabs of a heap whose thread ends: the empty ones to the class cache, the others as orphans that any thread may adopt.
 * heaps_lock held, so that no epoch_close is at work on them. */
static void orphan_slabs(SlabAllocator *alloc, Heap *heap) {
  for (uint32_t bin = 0; bin < BIN_COUNT; bin++) {
    if (heap->owned[bin] == 0) continue;
    Counter *seq = &alloc->counters->classes[BIN_CLASS(bin)].seq;
    while (heap->owned[bin]) {
      pool_lock(alloc, BIN_CLASS(bin), BIN_EPOCH(bin), heap->counters);
      section_begin(seq);
      for (int i = 0; i < CLOSE_BATCH && heap->owned[bin]; i++) {
        Slab *s = slab_of_ref(heap->owned[bin]);
        pool_orphan(alloc, &heap->owned[bin], s);
        pool_reclaim_orphan(alloc, s);
      }
      section_end(seq);
      pool_unlock(alloc, BIN_CLASS(bin));
    }
  }
  for (uint32_t epoch = 0; epoch < SLAB_EPOCH_COUNT; epoch++) heap_reset_epoch(heap, epoch);
}

static void heap_retire(Heap *heap) {
  pthread_mutex_lock(&registry_lock);
  SlabAllocator *alloc = load_relaxed(&heap->alloc);
  if (alloc) alloc->pins++;
  pthread_mutex_unlock(&registry_lock);

  if (alloc) {
    pthread_mutex_lock(&alloc->heaps_lock);
    orphan_slabs(alloc, heap);
    store_seq_cst(&heap->retired, true);
    pthread_mutex_unlock(&alloc->heaps_lock);
    heap_forward_pending(alloc, heap, heap->counters);
    for (uint32_t cls = 0; cls < SLAB_CLASS_COUNT; cls++) pool_relieve(alloc, cls, heap->counters);
    counter_add_shared(&alloc->counters->threads, (uint64_t)-1);
  }

  pthread_mutex_lock(&registry_lock);
  heap->has_thread = false;
  if (alloc && --alloc->pins == 0) pthread_cond_broadcast(&unpinned);
  if (!load_relaxed(&heap->alloc)) {
    heap->next_of_thread = free_heaps;
    free_heaps = heap;
  }
  pthread_mutex_unlock(&registry_lock);
}

static void thread_exit(void *unused) {
  (void)unused;
  thread_exits++;
  heap_of_thread = NULL;
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
  pthread_mutex_lock(&registry_lock);
  for (Heap *h = alloc->heaps; h; h = h->next_of_alloc)
    if (!h->has_thread && !h->is_shared) {
      heap = h;
      break;
    }
  if (heap) heap->has_thread = true;
  pthread_mutex_unlock(&registry_lock);
  return heap;
}

/* A heap struct set up for alloc with counters of its own, linked to it. NULL when memory is short. */
static Heap *heap_new(SlabAllocator *alloc) {
  pthread_mutex_lock(&registry_lock);
  Heap *heap = free_heaps;
  if (heap) free_heaps = heap->next_of_thread;
  pthread_mutex_unlock(&registry_lock);
  if (!heap && !(heap = os_map(sizeof *heap, os_page_bytes()))) return NULL;

  ThreadCounters *counters = counter_store_block(&alloc->store);
  if (!counters) {
    pthread_mutex_lock(&registry_lock);
    heap->next_of_thread = free_heaps;
    free_heaps = heap;
    pthread_mutex_unlock(&registry_lock);
    return NULL;
  }
  counter_add_shared(&alloc->counters->metadata_bytes, sizeof *heap + sizeof *counters);
  heap->counters = counters;
  heap->is_shared = false;
  heap->next_of_thread = NULL;
  for (uint32_t epoch = 0; epoch < SLAB_EPOCH_COUNT; epoch++) heap_reset_epoch(heap, epoch);
  for (uint32_t bin = 0; bin < BIN_COUNT; bin++) heap->owned[bin] = 0;
  store_relaxed(&heap->busy, 0);
  store_relaxed(&heap->pending, 0);
  store_relaxed(&heap->retired, false);
  store_release(&heap->alloc, alloc);

  pthread_mutex_lock(&registry_lock);
  pthread_mutex_lock(&alloc->heaps_lock);
  heap->has_thread = true;
  heap->next_of_alloc = alloc->heaps;
  alloc->heaps = heap;
  pthread_mutex_unlock(&alloc->heaps_lock);
  pthread_mutex_unlock(&registry_lock);
  return heap;
}

/* Drops the heaps of dead allocators from this thread's list. */
static void prune_dead_heaps(void) {
  Heap **link = &thread_heaps;
  while (*link) {
    Heap *heap = *link;
    if (load_acquire(&heap->alloc)) {
      link = &heap->next_of_thread;
      continue;
    }
    *link = heap->next_of_thread;
    if (heap_of_thread == heap) heap_of_thread = NULL;
    heap_retire(heap);
  }
}

static Heap *heap_register(SlabAllocator *alloc) {
  enum { EXITS_WITH_OWN_HEAP = 2 }; /* destructors run at least PTHREAD_DESTRUCTOR_ITERATIONS = 4 times; the last rounds use the shared heap */
  pthread_once(&key_once, make_exit_key);
  fork_finish(alloc);
  if (!alloc->handshake || !exit_key_ok || thread_exits > EXITS_WITH_OWN_HEAP) return alloc->shared;
  prune_dead_heaps();
  if (pthread_setspecific(exit_key, &thread_heaps) != 0) return alloc->shared;
  Heap *heap = heap_reuse(alloc);
  if (!heap) heap = heap_new(alloc);
  if (!heap) return alloc->shared;
  counter_add_shared(&alloc->counters->threads, 1);
  heap->next_of_thread = thread_heaps;
  thread_heaps = heap;
  heap_of_thread = heap;
  store_seq_cst(&heap->retired, false);
  heap_collect_pending(alloc, heap);
  return heap;
}

Heap *heap_of(SlabAllocator *alloc) {
  Heap *heap = heap_of_thread;
  if (likely(heap && load_relaxed(&heap->alloc) == alloc)) return heap;
  for (heap = thread_heaps; heap; heap = heap->next_of_thread)
    if (load_relaxed(&heap->alloc) == alloc) return heap_of_thread = heap;
  return heap_register(alloc);
}

bool heaps_create(SlabAllocator *alloc) {
  Heap *shared = heap_new(alloc);
  if (!shared) return false;
  shared->is_shared = true;
  shared->counters->several_writers = 1;
  alloc->shared = shared;
  alloc->handshake = os_barrier_register();
  return true;
}

void heaps_destroy(SlabAllocator *alloc) {
  while (alloc->heaps) {
    Heap *heap = alloc->heaps;
    alloc->heaps = heap->next_of_alloc;
    pthread_mutex_lock(&registry_lock);
    while (alloc->pins > 0) pthread_cond_wait(&unpinned, &registry_lock);
    ThreadCounters *counters = heap->counters;
    store_release(&heap->alloc, NULL);
    if (heap->is_shared) heap->has_thread = false;
    if (!heap->has_thread) {
      heap->next_of_thread = free_heaps;
      free_heaps = heap;
    }
    pthread_mutex_unlock(&registry_lock);
    counter_block_unmap(counters);
  }
}

bool heap_is_of_this_thread(const Heap *heap) {
  for (const Heap *h = thread_heaps; h; h = h->next_of_thread)
    if (h == heap) return true;
  return false;
}

void heap_abandon(SlabAllocator *alloc, Heap *heap) {
  store_relaxed(&heap->busy, 0);
  pthread_mutex_lock(&alloc->heaps_lock);
  orphan_slabs(alloc, heap);
  pthread_mutex_unlock(&alloc->heaps_lock);
  store_seq_cst(&heap->retired, true);
  heap_forward_pending(alloc, heap, heap->counters);
  heap->has_thread = false;
}

void heap_registry_lock(void) { pthread_mutex_lock(&registry_lock); }
void heap_registry_unlock(void) { pthread_mutex_unlock(&registry_lock); }

uint32_t contention_bucket(SlabAllocator *alloc, uint32_t epoch) {
#ifdef ENABLE_LABEL_CONTENTION
  uint32_t label;
  if (domain_label_of_thread(alloc, &label)) return label;
  return load_relaxed(&alloc->label_of_epoch[epoch]);
#else
  (void)alloc, (void)epoch;
  return 0;
#endif
}
