/* The way of drained slabs back to the kernel. */
#include "os.h"
#include "pool.h"

/* Sorts a list by reference: slabs of one chunk that stand side by side in memory have successive references. */
static SlabRef sort_by_address(SlabRef head) {
  if (!head || !book_of_ref(head)->list_next) return head;
  SlabRef slow = head, fast = book_of_ref(head)->list_next;
  while (fast && (fast = book_of_ref(fast)->list_next)) {
    slow = book_of_ref(slow)->list_next;
    fast = book_of_ref(fast)->list_next;
  }
  SlabRef right = book_of_ref(slow)->list_next;
  book_of_ref(slow)->list_next = 0;
  SlabRef left = sort_by_address(head);
  right = sort_by_address(right);
  SlabRef sorted = 0, *tail = &sorted;
  while (left && right) {
    SlabRef *low = left < right ? &left : &right;
    *tail = *low;
    tail = &book_of_ref(*low)->list_next;
    *low = *tail;
  }
  *tail = left ? left : right;
  return sorted;
}

typedef struct Discards {
  uint64_t calls, failures;
  uint64_t bytes; /* of slabs */
} Discards;

/* Makes a chain by list_next a list of its own. Its last slab. */
static Slab *link_back(SlabRef ref) {
  SlabRef before = 0;
  for (; ref; ref = book_of_ref(ref)->list_next) {
    book_of_ref(ref)->list_prev = before;
    before = ref;
  }
  return slab_of_ref(before);
}

/* Gives back the states of neighbours, as far as they fill pages. */
static void discard_states(const Slab *first, const Slab *last, Discards *d) {
  uintptr_t page = os_page_bytes();
  uintptr_t from = (uintptr_t)load_relaxed(&first->states), to = (uintptr_t)(load_relaxed(&last->states) + slab_chunk(last)->stride);
  from = (from + page - 1) / page * page;
  to = to / page * page;
  if (to <= from) return;
  d->calls++;
  if (!os_discard((void *)from, to - from)) d->failures++;
}

/* One madvise for each run of neighbours in a sorted list, and one for their states where there are many. */
static Discards discard_runs(SlabRef ref) {
  Discards d = {0};
  while (ref) {
    Slab *first = slab_of_ref(ref), *s = first;
    char *from = s->base;
    size_t bytes = SLAB_BYTES;
    slab_outlive_states(s);
    while (slab_book(s)->list_next && slab_of_ref(slab_book(s)->list_next)->base == from + bytes) {
      bytes += SLAB_BYTES;
      s = slab_of_ref(slab_book(s)->list_next);
      slab_outlive_states(s);
    }
    ref = slab_book(s)->list_next;
    d.calls++;
    if (os_discard(from, bytes)) {
      d.bytes += bytes;
      discard_states(first, s, &d);
    } else {
      d.failures++;
    }
  }
  return d;
}

uint64_t pool_give_back(SlabAllocator *alloc, uint32_t cls, uint32_t keep, ThreadCounters *counters) {
  ClassPool *pool = &alloc->pools[cls];
  ClassCounters *c = &alloc->counters->classes[cls];

  pool_lock(alloc, cls, 0, counters);
  section_begin(&c->seq);
  while (load_relaxed(&pool->cached) > keep) {
    slab_list_push(&pool->drained, slab_list_pop(&pool->cache));
    pool_count(&pool->cached, -1);
    pool_count(&pool->drained_count, 1);
    counter_add(&c->cached, (uint64_t)-1);
    counter_add(&c->overflow, 1);
    counter_add(&c->overflowed, 1);
  }
  section_end(&c->seq);
  SlabRef batch = pool->drained;
  pool->drained = 0;
  store_relaxed(&pool->drained_count, 0);
  store_relaxed(&pool->due, false);
  pool_unlock(alloc, cls);
  if (!batch) return 0;

  batch = sort_by_address(batch);
  Discards d = discard_runs(batch);
  Slab *last = link_back(batch);

  pool_lock(alloc, cls, 0, counters);
  section_begin(&c->seq);
  counter_add(&c->madvise_calls, d.calls);
  counter_add(&c->madvise_bytes, d.bytes);
  counter_add(&c->madvise_failures, d.failures);
  section_end(&c->seq);
  slab_book(last)->list_next = pool->overflow;
  if (pool->overflow) book_of_ref(pool->overflow)->list_prev = slab_ref(last);
  pool->overflow = batch;
  pool_unlock(alloc, cls);
  return d.bytes;
}

void pool_relieve(SlabAllocator *alloc, uint32_t cls, ThreadCounters *counters) {
  ClassPool *pool = &alloc->pools[cls];
  if (unlikely(load_relaxed(&pool->due) || load_relaxed(&pool->drained_count) >= SURPLUS_BATCH) && load_seq_cst(&pool->sweeping) <= 0)
    pool_give_back(alloc, cls, CACHE_CAPACITY, counters);
}

/* Something waits to be given back, or more is warm than is kept at a close. */
static bool has_surplus(SlabAllocator *alloc, ClassPool *pool) {
  return load_relaxed(&pool->drained_count) > 0 || load_relaxed(&pool->cached) > cache_reserve(alloc);
}

CloseShare pool_drain(SlabAllocator *alloc, uint32_t cls, uint32_t epoch, ThreadCounters *counters) {
  ClassPool *pool = &alloc->pools[cls];
  fetch_add_relaxed(&pool->sweeping, 1);
  CloseShare share = pool_sweep(alloc, cls, epoch, counters);
  if (has_surplus(alloc, pool)) share.bytes = pool_give_back(alloc, cls, cache_reserve(alloc), counters);
  fetch_sub_seq_cst(&pool->sweeping, 1);
  pool_relieve(alloc, cls, counters); /* what drained since, and was left to us */
  return share;
}
