/* fork. Most children call exec at once, so the child's handler does little: it leaves the parent's counter file. What a child that lives on
 * needs (its own file, order in the heaps of threads that it does not have) is done at its first slow path. */
#include "fork.h"

#include "epoch.h"
#include "heap.h"
#include "lock.h"
#include "os.h"
#include "pool.h"

static pthread_mutex_t instances_lock = PTHREAD_MUTEX_INITIALIZER;
static SlabAllocator *all_instances;
static pthread_once_t fork_once = PTHREAD_ONCE_INIT;

#define FOR_EACH_INSTANCE(a) for (SlabAllocator *a = all_instances; a; a = a->next_instance)
#define FOR_EACH_HEAP(alloc, heap) for (Heap *heap = (alloc)->heaps; heap; heap = heap->next_of_alloc)

static void lock_instance(SlabAllocator *alloc) {
  lock(&alloc->merge_lock);
  lock(&alloc->epoch_lock);
  lock(&alloc->heaps_lock);
  lock(&alloc->shared_lock);
  for (uint32_t cls = 0; cls < SLAB_CLASS_COUNT; cls++) lock(&alloc->pools[cls].lock);
}

static void unlock_instance(SlabAllocator *alloc) {
  for (uint32_t cls = SLAB_CLASS_COUNT; cls-- > 0;) unlock(&alloc->pools[cls].lock);
  unlock(&alloc->shared_lock);
  unlock(&alloc->heaps_lock);
  unlock(&alloc->epoch_lock);
  unlock(&alloc->merge_lock);
}

/* The block of the thread's own heap, NULL when it has none. */
static ThreadCounters *own_counters(const SlabAllocator *alloc) {
  FOR_EACH_HEAP(alloc, heap) if (!heap->is_shared && heap_is_of_this_thread(heap)) return heap->counters;
  return NULL;
}

/* A signal handler forks in the middle of this thread's work on locked state. Waiting would be for itself; the work is finished when the handler returns, in
 * the child as in the parent. (With more threads such a child may do little anyhow: fork(2), POSIX.) */
static _Thread_local bool forks_inside;

static void before_fork(void) {
  if (locks_held) {
    forks_inside = true;
    return;
  }
  lock(&instances_lock);
  heap_registry_lock();
  FOR_EACH_INSTANCE(a) lock_instance(a);
  chunks_lock();
  FOR_EACH_INSTANCE(a) counter_store_before_fork(&a->store, a->shared->counters, own_counters(a));
}

static void leave_locks(void) {
  chunks_unlock();
  FOR_EACH_INSTANCE(a) unlock_instance(a);
  heap_registry_unlock();
  unlock(&instances_lock);
}

static void after_fork_in_parent(void) {
  if (forks_inside) {
    forks_inside = false;
    return;
  }
  FOR_EACH_INSTANCE(a) counter_store_after_fork_in_parent(&a->store);
  leave_locks();
}

static void after_fork_in_child(void) {
  FOR_EACH_INSTANCE(a) {
    if (forks_inside) a->store.copies = NULL; /* another thread's, which forks in order at the same time */
    counter_store_leave_parent(&a->store, a->shared->counters, own_counters(a));
    a->pins = 0;
    store_release(&a->forked, true);
  }
  if (!forks_inside) leave_locks();
  forks_inside = false;
}

static void watch_forks(void) { pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child); }

void instances_add(SlabAllocator *alloc) {
  pthread_once(&fork_once, watch_forks);
  lock(&instances_lock);
  alloc->next_instance = all_instances;
  all_instances = alloc;
  unlock(&instances_lock);
}

void instances_remove(SlabAllocator *alloc) {
  lock(&instances_lock);
  SlabAllocator **link = &all_instances;
  while (*link != alloc) link = &(*link)->next_instance;
  *link = alloc->next_instance;
  unlock(&instances_lock);
}

bool instances_trylock(void) { return try_lock(&instances_lock); }
void instances_unlock(void) { unlock(&instances_lock); }
SlabAllocator *instances_first(void) { return all_instances; }

/* Adds what a thread that is not here has counted to the shared heap's block, and gives its heap an empty private one. The parent's thread, or a new one with
 * the same heap, may have counted on since the fork: recount puts that right. */
static void fold(SlabAllocator *alloc, Heap *heap) {
  ThreadCounters *from = heap->counters, *to = alloc->shared->counters;
  enum { COUNTERS = offsetof(ThreadCounters, ready) / sizeof(Counter) };
  Counter *source = (Counter *)from, *target = (Counter *)to;
  for (size_t i = 0; i < COUNTERS; i++) counter_add_shared(&target[i], load_relaxed(&source[i]));
  ThreadCounters *fresh = counter_store_block(&alloc->store); /* private: the store has no file yet */
  heap->counters = fresh ? fresh : to;
  if (from != to) counter_block_unmap(from);
}

typedef struct Found {
  uint64_t live, full, empty;
} Found;

/* What a thread that is not here had just taken, or was about to give back: neither marked nor at hand. No thread has slots of a shared slab at hand here. */
static void find_lost_slots(Slab *s) {
  SlabBook *book = slab_book(s);
  SlotState *states = load_relaxed(&s->states);
  for (uint32_t slot = 0; slot < s->slots; slot++) {
    uint64_t bit = UINT64_C(1) << (slot % 64);
    if (!state_is_live(load_relaxed(&states[slot])) && !(load_relaxed(&book->free[slot / 64]) & bit)) fetch_or_seq_cst(&book->remote[slot / 64], bit);
  }
}

static void count_slab(Slab *s, Found found[BIN_COUNT]) {
  Heap *owner = load_relaxed(&s->owner);
  if (owner == OWNER_NONE) return;
  if (owner == OWNER_SHARED) find_lost_slots(s);
  Found *f = &found[slab_bin(s)];
  f->live += slab_live(s);
  f->full += (s->flags & SLAB_IS_FULL) != 0;
  f->empty += (s->flags & SLAB_IS_EMPTY) != 0;
}

/* Makes up - down equal to want. */
static void adjust(Counter *up, Counter *down, uint64_t have, uint64_t want) {
  if (want > have) counter_add_shared(up, want - have);
  if (have > want) counter_add_shared(down, have - want);
}

/* The threads' counters, once more from the slabs themselves. */
static void recount(SlabAllocator *alloc) {
  Found found[BIN_COUNT] = {{0, 0, 0}};
  for (Chunk *c = load_acquire(&alloc->chunks); c; c = c->next)
    for (uint32_t i = c->first; i < c->carved; i++) count_slab(slab_of_ref(chunk_slab_ref(c, i)), found);
  ThreadCounters *t = alloc->shared->counters;
  for (uint32_t bin = 0; bin < BIN_COUNT; bin++) {
    uint64_t live = 0, full = 0, empty = 0;
    FOR_EACH_HEAP(alloc, heap) {
      ThreadCounters *h = heap->counters;
      if (h == t && !heap->is_shared) continue;
      live += load_relaxed(&h->allocs[bin]) - load_relaxed(&h->frees[bin]);
      full += load_relaxed(&h->to_full[bin]) - load_relaxed(&h->to_partial[bin]);
      empty += load_relaxed(&h->to_empty[bin]) - load_relaxed(&h->from_empty[bin]);
    }
    ClassCounters *c = &alloc->counters->classes[BIN_CLASS(bin)];
    live += load_relaxed(&c->moved_in[BIN_EPOCH(bin)]) - load_relaxed(&c->moved_out[BIN_EPOCH(bin)]);
    full -= load_relaxed(&c->full_detached[BIN_EPOCH(bin)]);
    empty -= load_relaxed(&c->empty_detached[BIN_EPOCH(bin)]);
    adjust(&t->allocs[bin], &t->frees[bin], live, found[bin].live);
    adjust(&t->to_full[bin], &t->to_partial[bin], full, found[bin].full);
    adjust(&t->to_empty[bin], &t->from_empty[bin], empty, found[bin].empty);
  }
}

/* Whoever was just closing an epoch, or freeing the last object of a slab, is not here to go on with it: closed epochs are swept at the next occasion. */
static void take_over_closes(SlabAllocator *alloc) {
  for (uint32_t epoch = 0; epoch < SLAB_EPOCH_COUNT; epoch++) {
    if (load_relaxed(&alloc->open[epoch])) continue;
    if (load_relaxed(&alloc->slabs_in_epoch[epoch]) || !epoch_settled(alloc, epoch)) epoch_take_over_close(alloc, epoch);
  }
}

void fork_finish_slow(SlabAllocator *alloc) {
  lock(&instances_lock);
  if (load_relaxed(&alloc->forked)) {
    bool folded = false;
    uint64_t threads = 0;
    alloc->handshake = alloc->handshake && os_barrier_register();
    FOR_EACH_HEAP(alloc, heap) {
      if (heap->is_shared) continue;
      if (heap_is_of_this_thread(heap)) {
        threads++;
        continue;
      }
      fold(alloc, heap);
      folded = true;
      if (heap->has_thread) heap_abandon(alloc, heap);
      heap->has_thread = heap->counters == alloc->shared->counters; /* without a block of its own it is never used again */
    }
    store_relaxed(&alloc->counters->threads, threads);
    if (folded) {
      take_over_closes(alloc);
      recount(alloc);
    }
    counter_store_republish(&alloc->store);
    FOR_EACH_HEAP(alloc, heap) if (heap->counters != alloc->shared->counters || heap->is_shared) counter_block_republish(&alloc->store, heap->counters);
    store_release(&alloc->forked, false);
  }
  unlock(&instances_lock);
}
