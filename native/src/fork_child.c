/* What a forked child that lives on needs, done at its first slow path: a file of its own, and order in what threads that it does not have were in the midst
 * of: their heaps, their counters, slots in their hands, closes half done. */
#include "fork_child.h"

#include "epoch.h"
#include "fork.h"
#include "heap.h"
#include "os.h"

#define FOR_EACH_HEAP(alloc, heap) for (Heap *heap = (alloc)->heaps; heap; heap = heap->next_of_alloc)
#define FOR_EACH_SLAB(alloc, s)                                              \
  for (Chunk *c = load_acquire(&(alloc)->chunks); c; c = c->next)            \
    for (uint32_t i = c->first; i < c->carved; i++)                          \
      for (Slab *s = slab_of_ref(chunk_slab_ref(c, i)); s; s = NULL)

/* Adds what a thread that is not here has counted to the shared heap's block, and gives its heap an empty private one. The parent's thread, or a new one with
 * the same heap, may have counted on since the fork: recount puts that right. */
static void fold(SlabAllocator *alloc, Heap *heap) {
  ThreadCounters *from = heap_counters(heap), *to = heap_counters(alloc->shared);
  enum { COUNTERS = offsetof(ThreadCounters, ready) / sizeof(Counter) };
  Counter *source = (Counter *)from, *target = (Counter *)to;
  for (size_t i = 0; i < COUNTERS; i++) counter_add_shared(&target[i], load_relaxed(&source[i]));
  heap->has_block = counter_block_end(from) && counter_store_block(&alloc->store, from); /* private: the store has no file yet */
}

typedef struct Found {
  uint64_t live, full, empty;
} Found;

/* What a thread that is not here had just taken, or was about to give back: neither marked nor at hand, or both. No thread has slots of a shared slab at hand here. */
static void find_lost_slots(Slab *s) {
  SlabBook *book = slab_book(s);
  for (uint32_t w = 0; w < BITMAP_WORDS; w++) fetch_and_seq_cst(&book->remote[w], ~load_relaxed(&book->free[w]));
  SlotState *states = load_relaxed(&s->states);
  for (uint32_t slot = 0; slot < slab_slots(s); slot++) {
    uint64_t bit = UINT64_C(1) << (slot % 64);
    if (!slab_hot_is_live(load_relaxed(&states[slot])) && !(load_relaxed(&book->free[slot / 64]) & bit)) fetch_or_seq_cst(&book->remote[slot / 64], bit);
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
  FOR_EACH_SLAB(alloc, s) count_slab(s, found);
  ThreadCounters *t = heap_counters(alloc->shared);
  for (uint32_t bin = 0; bin < BIN_COUNT; bin++) {
    uint64_t live = 0, full = 0, empty = 0;
    FOR_EACH_HEAP(alloc, heap) {
      ThreadCounters *h = heap_counters(heap);
      if (!heap->has_block) continue;
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

/* Whoever was just putting a slab into a pending list, or taking it out, is not here to finish that: all lists are made anew. */
static void list_pending(SlabAllocator *alloc) {
  FOR_EACH_HEAP(alloc, heap) {
    store_relaxed(&heap->pending, 0);
    heap->collecting = 0;
  }
  FOR_EACH_SLAB(alloc, s) heap_notify_anew(s, heap_counters(alloc->shared));
}

/* Whoever was just closing an epoch, or freeing the last object of a slab, is not here to go on with it: closed epochs are swept at the next occasion. */
static void take_over_closes(SlabAllocator *alloc) {
  for (uint32_t cls = 0; cls < SLAB_CLASS_COUNT; cls++) {
    store_relaxed(&alloc->pools[cls].sweeping, 0);
    store_relaxed(&alloc->pools[cls].waiting, 0);
  }
  for (uint32_t epoch = 0; epoch < SLAB_EPOCH_COUNT; epoch++) {
    if (load_relaxed(&alloc->open[epoch])) continue;
    if (load_relaxed(&alloc->slabs_in_epoch[epoch]) || !epoch_settled(alloc, epoch)) epoch_take_over_close(alloc, epoch);
  }
}

void fork_finish_slow(SlabAllocator *alloc) {
  instances_lock();
  if (load_relaxed(&alloc->forked)) {
    bool folded = false;
    uint64_t threads = 0;
    alloc->handshake = alloc->handshake && os_barrier_register();
    FOR_EACH_HEAP(alloc, heap) {
      if (heap->is_shared) continue;
      if (!heap->is_left_behind) {
        threads += heap->has_thread;
        continue;
      }
      heap->is_left_behind = false;
      fold(alloc, heap);
      folded = true;
      if (heap->has_thread) heap_abandon(alloc, heap);
      heap->has_thread = !heap->has_block; /* without a block of its own it is never used again */
    }
    store_relaxed(&alloc->counters->threads, threads);
    if (folded) {
      list_pending(alloc);
      take_over_closes(alloc);
      recount(alloc);
    }
    counter_store_republish(&alloc->store);
    FOR_EACH_HEAP(alloc, heap) if (heap->has_block) counter_block_republish(&alloc->store, heap_counters(heap));
    store_release(&alloc->forked, false);
  }
  instances_unlock();
}
