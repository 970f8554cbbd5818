/* How an epoch is closed: no thread allocates in it any more, every heap gives up what it has of it, and what is empty goes back to the kernel. */
#include "epoch.h"
#include "fork_child.h"
#include "heap.h"
#include "lock.h"
#include "os.h"
#include "pool.h"

void epoch_mark_closing(SlabAllocator *alloc, uint32_t epoch) {
  fetch_or_seq_cst(&alloc->unsettled, 1u << epoch);
  store_relaxed(&epoch_of(alloc, epoch)->closed_monotonic_ns, os_monotonic_coarse_ns());
  fetch_and_seq_cst(&epoch_of(alloc, epoch)->word, ~EPOCH_ACTIVE_BIT);
  store_seq_cst(&alloc->open[epoch], 0);
}

/* Takes the slabs of a closed epoch from the heaps that own them. */
static void orphan_all(SlabAllocator *alloc, uint32_t epoch, ThreadCounters *counters) {
  /* Whoever was attaching a slab under a class lock has finished after this, or will see the epoch closed. */
  for (uint32_t cls = 0; cls < SLAB_CLASS_COUNT; cls++) {
    pool_lock(alloc, cls, epoch, counters);
    pool_unlock(alloc, cls);
  }
  lock(&alloc->heaps_lock);
  for (Heap *heap = alloc->heaps; heap; heap = heap->next_of_alloc)
    for (uint32_t cls = 0; cls < SLAB_CLASS_COUNT; cls++) {
      SlabRef *owned = &heap->owned[BIN_OF(epoch, cls)];
      bool more = true;
      while (more) {
        pool_lock(alloc, cls, epoch, counters);
        for (int i = 0; i < CLOSE_BATCH && *owned; i++) pool_orphan(alloc, owned, slab_of_ref(*owned));
        more = *owned != 0;
        pool_unlock(alloc, cls);
        pool_give_way(alloc, cls);
      }
    }
  unlock(&alloc->heaps_lock);
}

typedef enum Settled { SETTLED, THREAD_INSIDE, SHUT_UNDONE } Settled;

/* The heaps, shut and seen outside, forget the epoch. heaps_lock held. */
static Settled leave_epoch(SlabAllocator *alloc, uint32_t epoch) {
  uint32_t spins = 0;
  for (Heap *heap = alloc->heaps; heap; heap = heap->next_of_alloc) {
    if (heap->is_shared) {
      lock(&alloc->shared_lock);
      heap_reset_epoch(heap, epoch);
      unlock(&alloc->shared_lock);
      continue;
    }
    while (heap_is_inside(heap, epoch) && spins++ < HANDSHAKE_SPINS) cpu_relax();
    if (heap_is_inside(heap, epoch)) return THREAD_INSIDE;
    if (!heap_epoch_is_shut(heap, epoch)) return SHUT_UNDONE;
    heap_leave_epoch(heap, epoch);
  }
  fetch_and_seq_cst(&alloc->unsettled, ~(1u << epoch));
  return SETTLED;
}

/* True when no thread is inside an allocation that began before the epoch was closed; the heaps then forget the epoch. */
static bool settle(SlabAllocator *alloc, uint32_t epoch) {
  Settled result = SHUT_UNDONE;
  for (int round = 0; result == SHUT_UNDONE && round < SETTLE_ROUNDS; round++) {
    lock(&alloc->heaps_lock);
    for (Heap *heap = alloc->heaps; heap; heap = heap->next_of_alloc)
      if (!heap->is_shared) heap_shut_epoch(heap, epoch);
    unlock(&alloc->heaps_lock);
    if (alloc->handshake && !os_barrier_all_threads()) return false;
    lock(&alloc->heaps_lock);
    result = leave_epoch(alloc, epoch);
    unlock(&alloc->heaps_lock);
  }
  return result == SETTLED;
}

/* What one epoch_close was and did, over all classes. */
typedef struct Close {
  uint32_t epoch;
  uint64_t era, began, label[LABEL_WORDS];
  uint64_t scanned, bytes, rss_before, rss_after;
} Close;

static Close begin_close(SlabAllocator *alloc, uint32_t epoch, uint64_t era) {
  Close close = {.epoch = epoch, .era = era, .began = os_monotonic_ns()};
  EpochCounters *e = epoch_of(alloc, epoch);
  lock(&alloc->epoch_lock);
  /* Now, as a drained slot may have been opened anew by the end. */
  if (EPOCH_ERA(load_relaxed(&e->word)) == era)
    for (uint32_t w = 0; w < LABEL_WORDS; w++) close.label[w] = load_relaxed(&e->label[w]);
  unlock(&alloc->epoch_lock);
  return close;
}

/* Returns the epoch's empty slabs. RSS is read once, and again when something was given back. */
static void give_back(SlabAllocator *alloc, Close *close, ThreadCounters *counters) {
  close->rss_before = close->rss_after = os_rss_bytes();
  uint64_t began = os_monotonic_ns();
  for (uint32_t cls = 0; cls < SLAB_CLASS_COUNT; cls++) {
    ClassCounters *c = &alloc->counters->classes[cls];
    CloseShare share = pool_drain(alloc, cls, close->epoch, counters);
    close->bytes += share.bytes;
    uint64_t now = os_monotonic_ns();
    counter_add_shared(&c->close_calls, 1);
    counter_add_shared(&c->close_scanned, share.scanned);
    counter_add_shared(&c->close_recycled, share.recycled);
    counter_add_shared(&c->close_ns, now - began);
    close->scanned += share.scanned;
    began = now;
  }
  if (close->bytes) close->rss_after = os_rss_bytes();
}

/* epoch_lock held. */
static void publish_close(CloseCounters *o, const Close *close, uint64_t now, uint64_t duration) {
  section_begin(&o->seq);
  store_relaxed(&o->timestamp_ns, now);
  store_relaxed(&o->epoch_id, close->epoch);
  store_relaxed(&o->epoch_era, close->era);
  for (uint32_t w = 0; w < LABEL_WORDS; w++) store_relaxed(&o->label[w], close->label[w]);
  store_relaxed(&o->duration_ns, duration);
  store_relaxed(&o->scanned, close->scanned);
  store_relaxed(&o->rss_before, close->rss_before);
  store_relaxed(&o->rss_after, close->rss_after);
  store_relaxed(&o->madvise_bytes, close->bytes);
  section_end(&o->seq);
}

static void record_close(SlabAllocator *alloc, const Close *close) {
  EpochCounters *e = epoch_of(alloc, close->epoch);
  GlobalCounters *g = alloc->counters;
  uint64_t now = os_realtime_ns(), duration = os_monotonic_ns() - close->began;
  lock(&alloc->epoch_lock);
  /* The slot may have drained and been opened anew meanwhile. */
  if (EPOCH_ERA(load_relaxed(&e->word)) == close->era) {
    section_begin(&e->seq);
    store_relaxed(&e->close_calls, load_relaxed(&e->close_calls) + 1);
    store_relaxed(&e->close_ns, load_relaxed(&e->close_ns) + duration);
    store_relaxed(&e->close_scanned, load_relaxed(&e->close_scanned) + close->scanned);
    store_relaxed(&e->rss_before_close, close->rss_before);
    store_relaxed(&e->rss_after_close, close->rss_after);
    store_relaxed(&e->close_madvise_bytes, load_relaxed(&e->close_madvise_bytes) + close->bytes);
    section_end(&e->seq);
  }
  publish_close(&g->last_close, close, now, duration);
  uint64_t at = load_relaxed(&g->longest_close.timestamp_ns); /* later than now where the clock was set back, or another close was quicker to the lock */
  bool outlived = (now > at ? now - at : at - now) > LONGEST_CLOSE_NS;
  if (outlived || duration >= load_relaxed(&g->longest_close.duration_ns)) publish_close(&g->longest_close, close, now, duration);
  unlock(&alloc->epoch_lock);
}

void epoch_reclaim(SlabAllocator *alloc, uint32_t epoch, uint64_t era, bool fresh) {
  ThreadCounters *counters = heap_counters(heap_of(alloc));
  Close close = begin_close(alloc, epoch, era);
  if (fresh) {
    orphan_all(alloc, epoch, counters);
    if (!settle(alloc, epoch)) {
      counter_add_shared(&alloc->counters->handshake_deferrals, 1);
      fetch_or_seq_cst(&alloc->deferred, 1u << epoch);
    }
  }
  give_back(alloc, &close, counters);
  record_close(alloc, &close);
}

void epoch_sweep(SlabAllocator *alloc, uint32_t epoch, ThreadCounters *counters) {
  for (uint32_t cls = 0; cls < SLAB_CLASS_COUNT; cls++) pool_drain(alloc, cls, epoch, counters);
}

void epoch_sweep_deferred(SlabAllocator *alloc) {
  uint32_t mask = exchange_seq_cst(&alloc->deferred, 0);
  for (uint32_t epoch = 0; epoch < SLAB_EPOCH_COUNT; epoch++) {
    if (!(mask >> epoch & 1)) continue;
    if (!settle(alloc, epoch)) {
      fetch_or_seq_cst(&alloc->deferred, 1u << epoch);
      continue;
    }
    epoch_sweep(alloc, epoch, heap_counters(heap_of(alloc)));
  }
}

void epoch_take_over_close(SlabAllocator *alloc, uint32_t epoch) {
  orphan_all(alloc, epoch, heap_counters(alloc->shared));
  lock(&alloc->heaps_lock);
  for (Heap *heap = alloc->heaps; heap; heap = heap->next_of_alloc)
    if (!heap->is_shared) heap_leave_epoch(heap, epoch);
  unlock(&alloc->heaps_lock);
  fetch_or_seq_cst(&alloc->deferred, 1u << epoch);
}

SlabResult epoch_close_era(SlabAllocator *alloc, uint32_t epoch, uint64_t era) {
  fork_finish(alloc);
  if (load_relaxed(&alloc->deferred)) epoch_sweep_deferred(alloc);
  lock(&alloc->epoch_lock);
  uint64_t word = load_acquire(&epoch_of(alloc, epoch)->word);
  SlabResult result = EPOCH_ERA(word) == 0 ? SLAB_ERR_CLOSED : era && EPOCH_ERA(word) != era ? SLAB_ERR_STALE : SLAB_OK;
  bool fresh = result == SLAB_OK && EPOCH_IS_ACTIVE(word);
  if (fresh) epoch_mark_closing(alloc, epoch);
  unlock(&alloc->epoch_lock);
  if (result == SLAB_OK) epoch_reclaim(alloc, epoch, EPOCH_ERA(word), fresh);
  return result;
}

SlabResult epoch_close(SlabAllocator *alloc, EpochId epoch) {
  return alloc && epoch < SLAB_EPOCH_COUNT ? epoch_close_era(alloc, epoch, 0) : SLAB_ERR_ARGUMENT;
}
