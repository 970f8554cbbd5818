#include "pool.h"

/* ---- everything below up to pool_grow: class lock held ---- */

/* Counts a slab out of its epoch. */
static void detach(SlabAllocator *alloc, Slab *s) {
  ClassCounters *c = &alloc->counters->classes[BIN_CLASS(slab_bin(s))];
  uint32_t epoch = BIN_EPOCH(slab_bin(s));
  counter_add(&c->detached[epoch], 1);
  if (s->flags & SLAB_IS_FULL) counter_add(&c->full_detached[epoch], 1);
  if (s->flags & SLAB_IS_EMPTY) counter_add(&c->empty_detached[epoch], 1);
  uint32_t duplicates = slab_duplicates(s);
  if (unlikely(duplicates)) slab_count_duplicates(heap_counters(alloc->shared), slab_bin(s), duplicates);
  s->flags = 0;
  store_seq_cst(&s->owner, OWNER_NONE);
}

/* Counts it into one, with every slot free. */
static void attach(SlabAllocator *alloc, Heap *heap, Slab *s, uint32_t bin) {
  ClassCounters *c = &alloc->counters->classes[BIN_CLASS(bin)];
  SlabBook *book = slab_book(s);
  for (uint32_t w = 0; w < BITMAP_WORDS; w++) {
    store_relaxed(&book->free[w], word_mask(slab_slots(s), w));
    store_relaxed(&book->remote[w], 0);
  }
  slab_set_bin(s, bin);
  s->flags = 0;
  book->trip = 0;
  counter_add(&c->attached[BIN_EPOCH(bin)], 1);
  fetch_add_relaxed(&alloc->slabs_in_epoch[BIN_EPOCH(bin)], 1);
  slab_list_push(&heap->owned[bin], s);
  store_seq_cst(&s->owner, heap);
}

/* Puts a detached slab into the cache, or with the drained ones. The epoch it left is free for reuse only after that, so that slabs are in one place
 * at any time. */
static void shelve(SlabAllocator *alloc, ClassPool *pool, Slab *s, uint32_t room) {
  ClassCounters *c = &alloc->counters->classes[BIN_CLASS(slab_bin(s))];
  if (load_relaxed(&pool->cached) < room) {
    slab_list_push(&pool->cache, s);
    pool_count(&pool->cached, 1);
    counter_add(&c->cached, 1);
    counter_add(&c->recycled, 1);
  } else {
    slab_list_push(&pool->drained, s);
    pool_count(&pool->drained_count, 1);
    counter_add(&c->overflow, 1);
    counter_add(&c->overflowed, 1);
  }
  fetch_sub_relaxed(&alloc->slabs_in_epoch[BIN_EPOCH(slab_bin(s))], 1);
}

static void orphan_append(ClassPool *pool, uint32_t epoch, Slab *s) {
  SlabRef last = pool->last_orphan[epoch];
  SlabBook *book = slab_book(s);
  book->list_prev = last;
  book->list_next = 0;
  if (last)
    book_of_ref(last)->list_next = slab_ref(s);
  else
    pool->orphans[epoch] = slab_ref(s);
  pool->last_orphan[epoch] = slab_ref(s);
}

static void orphan_remove(ClassPool *pool, uint32_t epoch, Slab *s) {
  if (pool->last_orphan[epoch] == slab_ref(s)) pool->last_orphan[epoch] = slab_book(s)->list_prev;
  slab_list_remove(&pool->orphans[epoch], s);
}

/* One of the first orphans of the bin's epoch that has a free slot; NULL when none of them has. Full ones go to the end: what is freed into them later is found before it has grown by
 * much, as every slab that is taken from elsewhere is preceded by a look at so many. */
static Slab *adopt_orphan(ClassPool *pool, Heap *heap, uint32_t bin) {
  enum { LOOK_AT_MOST = 8 };
  uint32_t epoch = BIN_EPOCH(bin);
  for (int i = 0; pool->orphans[epoch] && i < LOOK_AT_MOST; i++) {
    Slab *s = slab_of_ref(pool->orphans[epoch]);
    orphan_remove(pool, epoch, s);
    if (slab_has_free(s)) {
      slab_list_push(&heap->owned[bin], s);
      store_seq_cst(&s->owner, heap);
      return s;
    }
    orphan_append(pool, epoch, s);
  }
  return NULL;
}

/* The next slab of the first chunk that has one left. */
static Slab *carve(ClassPool *pool) {
  Chunk *chunk = pool->uncarved;
  uint32_t index = chunk->carved++;
  if (chunk->carved == SLABS_PER_CHUNK) pool->uncarved = chunk->next_uncarved;
  Slab *s = slab_of_ref(chunk_slab_ref(chunk, index));
  SlotState *states = chunk_states(chunk, index);
  s->base = (char *)chunk + (size_t)index * SLAB_BYTES;
  s->object_bytes = (uint16_t)chunk->object_bytes;
  s->inverse = (uint32_t)(((UINT64_C(1) << 32) + chunk->object_bytes - 1) / chunk->object_bytes);
  slab_book(s)->first_tag = chunk->first_tag;
  for (uint32_t slot = chunk->slots; slot < chunk->stride; slot++) store_relaxed(&states[slot], 0);
  store_release(&s->states, states);
  slab_set_states(s);
  return s;
}

/* Of the first of a list one that no thread has in its pending list, or any: whoever frees into one that another thread has there, which may sleep, tells nobody of it.
 * NULL when there is none. */
static Slab *take_unlisted(SlabRef *list, bool any) {
  enum { LOOK_AT_MOST = 8 };
  SlabRef ref = *list;
  for (int i = 0; ref && i < LOOK_AT_MOST; i++) {
    Slab *s = slab_of_ref(ref);
    if (any || !load_seq_cst(&slab_book(s)->pending)) {
      slab_list_remove(list, s);
      return s;
    }
    ref = slab_book(s)->list_next;
  }
  return NULL;
}

PoolResult pool_take(SlabAllocator *alloc, Heap *heap, uint32_t bin, bool any, Slab **out) {
  uint32_t cls = BIN_CLASS(bin), epoch = BIN_EPOCH(bin);
  ClassPool *pool = &alloc->pools[cls];
  ClassCounters *c = &alloc->counters->classes[cls];
  ThreadCounters *t = heap_counters(heap);
  PoolResult result = POOL_OK;
  Slab *s = NULL;

  pool_lock(alloc, cls, epoch, t);
  /* Asked again under the lock: epoch_close clears open[] before it takes the lock to look for the epoch's slabs. */
  if (!load_relaxed(&alloc->open[epoch])) {
    result = POOL_CLOSED;
  } else if (!(s = adopt_orphan(pool, heap, bin))) {
    section_begin(&c->seq);
    if ((s = take_unlisted(&pool->cache, any))) {
      pool_count(&pool->cached, -1);
      counter_add(&c->cached, (uint64_t)-1);
    } else if ((s = take_unlisted(&pool->drained, any))) {
      pool_count(&pool->drained_count, -1);
      counter_add(&c->overflow, (uint64_t)-1);
    } else if ((s = take_unlisted(&pool->overflow, any))) {
      slab_set_states(s);
      counter_add(&c->overflow, (uint64_t)-1);
      tally(t, &t->classes[cls].cache_miss, 1);
    } else if (pool->uncarved) {
      s = carve(pool);
      counter_add(&c->new_slabs, 1);
      counter_add_shared(&alloc->counters->metadata_bytes, sizeof(Slab) + sizeof(SlabBook) + slab_chunk(s)->stride * sizeof(SlotState));
      tally(t, &t->classes[cls].cache_miss, 1);
    } else {
      result = POOL_NEEDS_CHUNK;
    }
    if (s) attach(alloc, heap, s, bin);
    section_end(&c->seq);
  }
  pool_unlock(alloc, cls);
  *out = s;
  return result;
}

bool pool_grow(SlabAllocator *alloc, uint32_t cls, ThreadCounters *counters) {
  bool mapped;
  Chunk *chunk = chunk_acquire(alloc, cls, &mapped);
  counter_add_shared(&alloc->counters->mmap_calls, mapped);
  if (!chunk) {
    counter_add_shared(&alloc->counters->mmap_failures, 1);
    return false;
  }
  counter_add_shared(&alloc->counters->mapped_bytes, CHUNK_BYTES);
  counter_add_shared(&alloc->counters->metadata_bytes, CHUNK_HEADER_BYTES);

  Chunk *head = load_relaxed(&alloc->chunks);
  do chunk->next = head;
  while (!cas_acq_rel(&alloc->chunks, &head, chunk));

  ClassPool *pool = &alloc->pools[cls];
  pool_lock(alloc, cls, 0, counters);
  chunk->next_uncarved = pool->uncarved;
  pool->uncarved = chunk;
  pool_unlock(alloc, cls);
  return true;
}

bool pool_return(SlabAllocator *alloc, Heap *heap, Slab *s) {
  if (!slab_is_reclaimable(s)) return false;
  uint32_t bin = slab_bin(s), cls = BIN_CLASS(bin);
  pool_lock(alloc, cls, BIN_EPOCH(bin), heap_counters(heap));
  /* epoch_close may have taken the slab over between the caller's look and the lock; then it is the closer's to reclaim. */
  if (load_relaxed(&s->owner) == heap) {
    Counter *seq = &alloc->counters->classes[cls].seq;
    section_begin(seq);
    slab_list_remove(&heap->owned[bin], s);
    detach(alloc, s);
    shelve(alloc, &alloc->pools[cls], s, CACHE_CAPACITY);
    section_end(seq);
  }
  pool_unlock(alloc, cls);
  return true;
}

void pool_orphan(SlabAllocator *alloc, SlabRef *owned, Slab *s) {
  slab_list_remove(owned, s);
  orphan_append(&alloc->pools[BIN_CLASS(slab_bin(s))], BIN_EPOCH(slab_bin(s)), s);
  store_seq_cst(&s->owner, OWNER_SHARED);
}

uint32_t cache_reserve(SlabAllocator *alloc) {
  uint64_t threads = load_relaxed(&alloc->counters->threads);
  return threads < CACHE_RESERVE_MIN ? CACHE_RESERVE_MIN : threads > CACHE_RESERVE_MAX ? CACHE_RESERVE_MAX : (uint32_t)threads;
}

/* Detaches a shared slab without objects and shelves it. */
static void reclaim(SlabAllocator *alloc, ClassPool *pool, Slab *s, uint32_t room) {
  orphan_remove(pool, BIN_EPOCH(slab_bin(s)), s);
  detach(alloc, s);
  shelve(alloc, pool, s, room);
}

void pool_reclaim_orphan(SlabAllocator *alloc, Slab *s) {
  uint32_t epoch = BIN_EPOCH(slab_bin(s));
  if (!slab_is_reclaimable(s) || !epoch_settled(alloc, epoch)) return;
  reclaim(alloc, &alloc->pools[BIN_CLASS(slab_bin(s))], s, load_relaxed(&alloc->open[epoch]) ? CACHE_CAPACITY : cache_reserve(alloc));
}

void pool_reclaim_shared(SlabAllocator *alloc, Slab *s, ThreadCounters *counters) {
  uint32_t cls = slab_chunk(s)->cls;
  ClassPool *pool = &alloc->pools[cls];
  pool_lock(alloc, cls, BIN_EPOCH(slab_bin(s)), counters);
  uint32_t epoch = BIN_EPOCH(slab_bin(s));
  /* An unsettled epoch is left to its closer, who sweeps it as soon as it is settled. */
  if (epoch_settled(alloc, epoch) && load_relaxed(&s->owner) == OWNER_SHARED && slab_is_reclaimable(s)) {
    Counter *seq = &alloc->counters->classes[cls].seq;
    bool closing = !load_relaxed(&alloc->open[epoch]);
    section_begin(seq);
    reclaim(alloc, pool, s, closing ? cache_reserve(alloc) : CACHE_CAPACITY);
    section_end(seq);
    uint32_t waiting = load_relaxed(&pool->drained_count);
    if (closing && waiting > 0 && (waiting >= DRAIN_BATCH || pool->orphans[epoch] == 0)) store_seq_cst(&pool->due, true); /* and then look at sweeping */
  }
  pool_unlock(alloc, cls);
}

/* Some of the epoch's orphans, from mark on, or from the first when what mark names has left the list meanwhile. Class lock held. Number of them; *mark: where the
 * walk goes on, 0 at the end. */
static uint32_t some_orphans(ClassPool *pool, uint32_t epoch, SlabRef *mark, Slab *some[CLOSE_BATCH]) {
  SlabRef ref = pool->orphans[epoch];
  if (*mark) {
    Slab *m = slab_of_ref(*mark);
    if (load_relaxed(&m->owner) == OWNER_SHARED && BIN_EPOCH(slab_bin(m)) == epoch) ref = *mark;
  }
  uint32_t n = 0;
  for (; ref && n < CLOSE_BATCH; ref = book_of_ref(ref)->list_next) some[n++] = slab_of_ref(ref);
  *mark = ref;
  return n;
}

CloseShare pool_sweep(SlabAllocator *alloc, uint32_t cls, uint32_t epoch, ThreadCounters *counters) {
  ClassPool *pool = &alloc->pools[cls];
  Counter *seq = &alloc->counters->classes[cls].seq;
  CloseShare share = {0};
  uint32_t reserve = cache_reserve(alloc);
  uint64_t era = EPOCH_ERA(load_acquire(&alloc->counters->epochs[epoch].word));
  SlabRef mark = 0;
  do {
    Slab *some[CLOSE_BATCH];
    bool drained[CLOSE_BATCH];
    pool_lock(alloc, cls, epoch, counters);
    bool ours = epoch_settled(alloc, epoch) && !load_relaxed(&alloc->open[epoch]);
    uint32_t n = ours ? some_orphans(pool, epoch, &mark, some) : 0;
    pool_unlock(alloc, cls);
    if (!ours) break;

    /* Looked at without the lock, which an allocating thread may want; what has no object now has none later. */
    uint32_t found = 0;
    for (uint32_t i = 0; i < n; i++) {
      drained[i] = slab_is_reclaimable(some[i]);
      found += drained[i];
    }
    share.scanned += n;
    if (found == 0) continue;

    pool_lock(alloc, cls, epoch, counters);
    /* Freeing threads may have reclaimed some, and the epoch may have been opened and closed again since. */
    ours = epoch_settled(alloc, epoch) && !load_relaxed(&alloc->open[epoch]) &&
           EPOCH_ERA(load_relaxed(&alloc->counters->epochs[epoch].word)) == era;
    section_begin(seq);
    for (uint32_t i = 0; ours && i < n; i++) {
      Slab *s = some[i];
      if (!drained[i] || load_relaxed(&s->owner) != OWNER_SHARED || BIN_EPOCH(slab_bin(s)) != epoch || !slab_is_empty(s)) continue;
      reclaim(alloc, pool, s, reserve);
      share.recycled++;
    }
    section_end(seq);
    pool_unlock(alloc, cls);
    pool_give_way(alloc, cls);
    if (!ours) break;
  } while (mark);
  return share;
}

void pool_move_orphans(SlabAllocator *alloc, uint32_t cls, uint32_t from, uint32_t into, ThreadCounters *counters) {
  ClassPool *pool = &alloc->pools[cls];
  ClassCounters *c = &alloc->counters->classes[cls];
  bool more = true;
  while (more) {
    pool_lock(alloc, cls, from, counters);
    section_begin(&c->seq);
    for (int i = 0; i < CLOSE_BATCH && pool->orphans[from]; i++) {
      Slab *s = slab_of_ref(pool->orphans[from]);
      orphan_remove(pool, from, s);
      if (s->flags & SLAB_IS_FULL) counter_add(&c->full_detached[from], 1);
      if (s->flags & SLAB_IS_EMPTY) counter_add(&c->empty_detached[from], 1);
      s->flags = 0;
      slab_set_bin(s, BIN_OF(into, cls));
      orphan_append(pool, into, s);
      counter_add(&c->detached[from], 1);
      counter_add(&c->attached[into], 1);
      fetch_add_relaxed(&alloc->slabs_in_epoch[into], 1);
      fetch_sub_relaxed(&alloc->slabs_in_epoch[from], 1);
    }
    section_end(&c->seq);
    more = pool->orphans[from] != 0;
    pool_unlock(alloc, cls);
    pool_give_way(alloc, cls);
  }
}
