/* What a thread does with the slabs of its heap, and what others leave there for it. */
#include "contention.h"
#include "heap.h"
#include "pool.h"

static void count_bin(Heap *heap, Counter *bins, Slab *s) { tally(heap_counters(heap), &bins[slab_bin(s)], 1); }

/* The slots of s that its owner has at hand. */
static void slots_at_hand(Heap *heap, Slab *s, uint64_t words[BITMAP_WORDS]) {
  SlotState *first = load_relaxed(&s->states);
  for (Ready *r = load_relaxed(&heap->hot.top[slab_bin(s)]); r->object; r--) {
    size_t slot = (size_t)(r->state - first);
    if (slot < slab_slots(s)) words[slot / 64] |= UINT64_C(1) << (slot % 64);
  }
}

static bool has_remote(Slab *s) {
  for (uint32_t w = 0; w < BITMAP_WORDS; w++)
    if (load_seq_cst(&slab_book(s)->remote[w])) return true;
  return false;
}

uint32_t slab_collect(Heap *heap, Slab *s) {
  if (!has_remote(s)) return 0;
  uint32_t bin = slab_bin(s), gained = 0, duplicates = 0, retries = 0;
  ThreadCounters *t = heap_counters(heap);
  uint64_t at_hand[BITMAP_WORDS] = {0};
  slots_at_hand(heap, s, at_hand);
  SlabBook *book = slab_book(s);
  SlotState *states = load_relaxed(&s->states);
  for (uint32_t w = 0; w * 64 < slab_slots(s); w++) {
    uint64_t freed = load_relaxed(&book->remote[w]);
    if (freed == 0) continue;
    while (!cas_weak_seq_cst(&book->remote[w], &freed, 0)) retries++;
    uint64_t free = load_relaxed(&book->free[w]), accepted = freed & ~(free | at_hand[w]);
    for (uint64_t rest = accepted; rest; rest &= rest - 1)
      if (slab_hot_is_live(load_acquire(&states[w * 64 + (uint32_t)__builtin_ctzll(rest)]))) accepted &= ~(rest & -rest);
    store_relaxed(&book->free[w], free | accepted);
    gained += (uint32_t)__builtin_popcountll(accepted);
    /* Free already, or in use again: the owner freed it in the same moment. One of the two frees was not one. */
    duplicates += (uint32_t)__builtin_popcountll(freed & ~accepted);
  }
  if (duplicates) slab_count_duplicates(t, bin, duplicates);
  if (retries) {
    uint32_t bucket = contention_bucket(load_relaxed(&slab_chunk(s)->alloc), BIN_EPOCH(bin));
    tally(t, &t->classes[BIN_CLASS(bin)].alloc_cas_retries[bucket], retries);
  }
  return gained;
}

void heap_file(SlabAllocator *alloc, Heap *heap, Slab *s) {
  uint32_t bin = slab_bin(s);
  if (s->flags & SLAB_IS_CURRENT) {
    slab_book(s)->trip = (uint16_t)(slab_taken(s) + TRIP_NEVER);
    return;
  }
  uint32_t taken = slab_taken(s);
  if (s->flags & SLAB_IS_FULL) {
    uint32_t free = slab_slots(s) - taken, until = slab_full_until(s);
    if (free < until) {
      slab_book(s)->trip = (uint16_t)(until - free);
      return;
    }
    s->flags &= (uint8_t)~SLAB_IS_FULL;
    count_bin(heap, heap_counters(heap)->to_partial, s);
    bin_list_push(&heap->hot.partial[bin], s);
  }
  slab_book(s)->trip = (uint16_t)taken;
  if (taken > 0 || (s->flags & SLAB_IS_EMPTY)) return;
  bin_list_remove(&heap->hot.partial[bin], s);
  if (heap->empty_count[bin] < BIN_EMPTY_MAX) {
    s->flags |= SLAB_IS_EMPTY;
    bin_list_push(&heap->hot.empty[bin], s);
    heap->empty_count[bin]++;
    count_bin(heap, heap_counters(heap)->to_empty, s);
  } else {
    if (!pool_return(alloc, heap, s)) {
      slab_book(s)->trip = 1;
      bin_list_push(&heap->hot.partial[bin], s);
    }
  }
}

/* Puts a slab whose flag is set into the pending list. Number of attempts. */
static uint64_t pending_push(Heap *owner, SlabRef ref) {
  SlabBook *book = book_of_ref(ref);
  uint64_t attempts = 1;
  SlabRef head = load_relaxed(&owner->pending);
  store_relaxed(&book->pending_next, head);
  for (; !cas_seq_cst(&owner->pending, &head, ref); attempts++) store_relaxed(&book->pending_next, head);
  return attempts;
}

void heap_notify(Heap *owner, Slab *s, ThreadCounters *counters) {
  SlabBook *book = slab_book(s);
  if (load_seq_cst(&book->pending) || exchange_seq_cst(&book->pending, 1)) return;
  uint32_t cls = slab_chunk(s)->cls;
  uint64_t attempts = pending_push(owner, slab_ref(s));
  tally(counters, &counters->classes[cls].pending_cas_attempts, attempts);
  if (attempts > 1) tally(counters, &counters->classes[cls].pending_cas_failures, attempts - 1);
  SlabAllocator *alloc = load_relaxed(&slab_chunk(s)->alloc);
  if (unlikely(load_seq_cst(&owner->retired)) && alloc) heap_forward_pending(alloc, owner, counters);
}

void heap_notify_anew(Slab *s, ThreadCounters *counters) {
  store_seq_cst(&slab_book(s)->pending, 0);
  Heap *owner = load_relaxed(&s->owner);
  if (owner != OWNER_NONE && owner != OWNER_SHARED && has_remote(s)) heap_notify(owner, s, counters);
}

/* The next slab of a list, its flag cleared, so that a free that comes later puts it into one again. NULL at the end. */
static Slab *pending_next(SlabRef *ref) {
  if (!*ref) return NULL;
  Slab *s = slab_of_ref(*ref);
  *ref = load_relaxed(&slab_book(s)->pending_next);
  if (*ref) __builtin_prefetch(book_of_ref(*ref)->remote, 1); /* another thread wrote there */
  exchange_seq_cst(&slab_book(s)->pending, 0);
  return s;
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

static void collect_pending(SlabAllocator *alloc, Heap *heap, Slab *s) {
  if (!heap_hold(heap, s)) {
    forward(alloc, s, heap_counters(heap));
    return;
  }
  if (slab_collect(heap, s)) heap_file(alloc, heap, s);
  heap_release(heap);
}

/* Whether the bin, of an open epoch, has no slab with a free slot but perhaps the current one. */
static bool lacks_slab(SlabAllocator *alloc, Heap *heap, uint32_t bin) {
  heap_hold_bin(heap, bin);
  bool lacks = load_acquire(&alloc->open[BIN_EPOCH(bin)]) && !heap->hot.partial[bin] && !heap->hot.empty[bin];
  heap_release(heap);
  return lacks;
}

/* One slab is enough where there is one: each takes some misses of the caches, as others wrote there, and all at once would make the longest allocations of a program that frees
 * elsewhere. */
void heap_collect_pending(SlabAllocator *alloc, Heap *heap, uint32_t bin) {
  if (!heap->collecting) {
    if (load_relaxed(&heap->pending) == 0) return;
    heap->collecting = exchange_seq_cst(&heap->pending, 0);
  }
  do {
    collect_pending(alloc, heap, pending_next(&heap->collecting));
  } while (heap->collecting && lacks_slab(alloc, heap, bin));
}

void heap_stop_collecting(Heap *heap) {
  for (SlabRef ref = heap->collecting; ref;) {
    SlabBook *book = book_of_ref(ref);
    SlabRef next = load_relaxed(&book->pending_next);
    pending_push(heap, ref);
    ref = next;
  }
  heap->collecting = 0;
}

void heap_shut_epoch(Heap *heap, uint32_t epoch) {
  for (uint32_t cls = 0; cls < SLAB_CLASS_COUNT; cls++) {
    uint32_t bin = BIN_OF(epoch, cls);
    if (load_relaxed(&heap->hot.top[bin]) != MAGAZINE_SHUT) heap->aside[bin] = exchange_seq_cst(&heap->hot.top[bin], MAGAZINE_SHUT);
  }
}

bool heap_epoch_is_shut(Heap *heap, uint32_t epoch) {
  for (uint32_t cls = 0; cls < SLAB_CLASS_COUNT; cls++)
    if (load_acquire(&heap->hot.top[BIN_OF(epoch, cls)]) != MAGAZINE_SHUT) return false;
  return true;
}

void heap_reset_epoch(Heap *heap, uint32_t epoch) {
  for (uint32_t cls = 0; cls < SLAB_CLASS_COUNT; cls++) {
    uint32_t bin = BIN_OF(epoch, cls);
    store_relaxed(&heap->hot.top[bin], MAGAZINE_SHUT);
    heap->aside[bin] = NULL;
    heap->hot.current[bin] = NULL;
    heap->hot.partial[bin] = heap->hot.empty[bin] = 0;
    heap->empty_count[bin] = 0;
    store_release(&heap->is_vacant[bin], true);
  }
}

/* Marks the slots from top downwards, as many as stand side by side, upwards, in one word of their slab's bits, as freed by others. Where the next ones are. Of slots that are
 * marked already another thread freed the object in the same moment as the owner did. */
static Ready *leave_run(Heap *heap, uint32_t bin, Ready *top) {
  SlabHandle last = state_last_handle(load_relaxed(top->state));
  uint32_t first = (uint32_t)handle_slot(last), slot = first;
  uint64_t bits = 0, bit = UINT64_C(1) << (first % 64);
  SlotState *state = top->state;
  do {
    bits |= bit;
    bit <<= 1;
    top--;
  } while (bit && ++slot < class_slots[BIN_CLASS(bin)] && top->object && top->state == ++state);
  uint64_t twice = fetch_or_seq_cst(&book_of_ref(handle_ref(last))->remote[first / 64], bits) & bits;
  if (unlikely(twice)) slab_count_duplicates(heap_counters(load_relaxed(&heap->hot.alloc)->shared), bin, (uint64_t)__builtin_popcountll(twice));
  return top;
}

void heap_leave_epoch(Heap *heap, uint32_t epoch) {
  for (uint32_t cls = 0; cls < SLAB_CLASS_COUNT; cls++) {
    uint32_t bin = BIN_OF(epoch, cls);
    Ready *top = load_acquire(&heap->hot.top[bin]);
    if (top == MAGAZINE_SHUT) top = heap->aside[bin];
    while (top && top->object) top = leave_run(heap, bin, top);
  }
  heap_reset_epoch(heap, epoch);
}
