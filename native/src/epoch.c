/* Epochs: opened by epoch_advance, closed once, drained, and only then opened again as a new incarnation. */
#include "epoch.h"

#include "fork_child.h"
#include "heap.h"
#include "label.h"
#include "lock.h"
#include "os.h"
#include "pool.h"

static EpochCounters *epoch_of(SlabAllocator *alloc, uint32_t epoch) { return &alloc->counters->epochs[epoch]; }

/* epoch_lock held; nobody is inside and no slab is left of the incarnation before. */
static void open_epoch(SlabAllocator *alloc, uint32_t epoch) {
  EpochCounters *e = epoch_of(alloc, epoch);
  section_begin(&e->seq);
  store_relaxed(&e->opened_monotonic_ns, os_monotonic_coarse_ns());
  store_relaxed(&e->opened_realtime_ns, os_realtime_coarse_ns());
  store_relaxed(&e->closed_monotonic_ns, 0);
  store_relaxed(&e->label_id, 0);
  for (uint32_t w = 0; w < LABEL_WORDS; w++) store_relaxed(&e->label[w], 0);
  store_relaxed(&e->rss_before_close, 0);
  store_relaxed(&e->rss_after_close, 0);
  store_relaxed(&e->close_madvise_bytes, 0);
  store_relaxed(&e->close_calls, 0);
  store_relaxed(&e->close_ns, 0);
  store_relaxed(&e->close_scanned, 0);
  store_relaxed(&e->refused_allocs, 0);
  store_seq_cst(&e->word, EPOCH_WORD(++alloc->last_era, 0, 1));
  section_end(&e->seq);
  store_relaxed(&alloc->label_of_epoch[epoch], 0);
  store_relaxed(&alloc->counters->current_epoch, epoch);
  store_seq_cst(&alloc->open[epoch], 1);
}

void epochs_create(SlabAllocator *alloc) { open_epoch(alloc, 0); }

static bool reusable(SlabAllocator *alloc, uint32_t epoch) {
  uint64_t word = load_seq_cst(&epoch_of(alloc, epoch)->word);
  return !EPOCH_IS_ACTIVE(word) && EPOCH_REFS(word) == 0 && epoch_settled(alloc, epoch) && load_acquire(&alloc->slabs_in_epoch[epoch]) == 0;
}

EpochId epoch_current(SlabAllocator *alloc) { return alloc ? (EpochId)load_relaxed(&alloc->counters->current_epoch) : EPOCH_INVALID; }

EpochId epoch_advance(SlabAllocator *alloc) {
  if (!alloc) return EPOCH_INVALID;
  fork_finish(alloc);
  GlobalCounters *g = alloc->counters;
  if (load_relaxed(&alloc->deferred)) epoch_sweep_deferred(alloc);
  EpochId opened = EPOCH_INVALID;
  lock(&alloc->epoch_lock);
  uint32_t current = (uint32_t)load_relaxed(&g->current_epoch);
  for (uint32_t step = 1; step <= SLAB_EPOCH_COUNT && opened == EPOCH_INVALID; step++) {
    uint32_t epoch = (current + step) % SLAB_EPOCH_COUNT;
    if (!reusable(alloc, epoch)) continue;
    open_epoch(alloc, epoch);
    counter_add_shared(&g->epoch_slots_skipped, step - 1);
    opened = epoch;
  }
  unlock(&alloc->epoch_lock);
  counter_add_shared(opened == EPOCH_INVALID ? &g->epoch_advances_refused : &g->epoch_advances, 1);
  return opened;
}

uint64_t epoch_era(SlabAllocator *alloc, EpochId epoch) {
  if (!alloc || epoch >= SLAB_EPOCH_COUNT) return 0;
  return EPOCH_ERA(load_acquire(&epoch_of(alloc, epoch)->word));
}

/* ---- who is inside ---- */

SlabResult epoch_enter(SlabAllocator *alloc, uint32_t epoch, uint64_t era) {
  _Atomic uint64_t *word = &epoch_of(alloc, epoch)->word;
  uint64_t seen = load_acquire(word);
  do {
    if (era && EPOCH_ERA(seen) != era) return SLAB_ERR_STALE;
    if (!EPOCH_IS_ACTIVE(seen)) return SLAB_ERR_CLOSED;
    if (EPOCH_REFS(seen) == EPOCH_REF_MAX) return SLAB_ERR_BUSY;
  } while (!cas_acq_rel(word, &seen, seen + EPOCH_REF_ONE));
  return SLAB_OK;
}

/* Turns the epoch CLOSING. epoch_lock held. From here on no slab of it is reclaimed until it is settled. */
static void mark_closing(SlabAllocator *alloc, uint32_t epoch) {
  fetch_or_seq_cst(&alloc->unsettled, 1u << epoch);
  store_relaxed(&epoch_of(alloc, epoch)->closed_monotonic_ns, os_monotonic_coarse_ns());
  fetch_and_seq_cst(&epoch_of(alloc, epoch)->word, ~EPOCH_ACTIVE_BIT);
  store_seq_cst(&alloc->open[epoch], 0);
}

static void reclaim_epoch(SlabAllocator *alloc, uint32_t epoch, uint64_t era, bool fresh);

SlabResult epoch_leave(SlabAllocator *alloc, uint32_t epoch, uint64_t era, bool close_if_last) {
  _Atomic uint64_t *word = &epoch_of(alloc, epoch)->word;
  bool close = false;
  if (close_if_last) lock(&alloc->epoch_lock);
  SlabResult result = SLAB_OK;
  uint64_t seen = load_acquire(word);
  do {
    if (era && EPOCH_ERA(seen) != era) result = SLAB_ERR_STALE;
    else if (EPOCH_REFS(seen) == 0) result = SLAB_ERR_UNDERFLOW;
    if (result != SLAB_OK) break;
    close = close_if_last && EPOCH_REFS(seen) == 1 && EPOCH_IS_ACTIVE(seen);
    /* Nobody may enter between the last one's leaving and the closing: one step. */
  } while (!cas_acq_rel(word, &seen, (seen - EPOCH_REF_ONE) & ~(close ? EPOCH_ACTIVE_BIT : 0)));
  if (result == SLAB_OK && close) mark_closing(alloc, epoch);
  if (close_if_last) unlock(&alloc->epoch_lock);
  if (result == SLAB_OK && close) reclaim_epoch(alloc, epoch, EPOCH_ERA(seen), true);
  return result;
}

SlabResult slab_epoch_inc_refcount(SlabAllocator *alloc, EpochId epoch) {
  return alloc && epoch < SLAB_EPOCH_COUNT ? epoch_enter(alloc, epoch, 0) : SLAB_ERR_ARGUMENT;
}

SlabResult slab_epoch_dec_refcount(SlabAllocator *alloc, EpochId epoch) {
  if (!alloc || epoch >= SLAB_EPOCH_COUNT) return SLAB_ERR_ARGUMENT;
  SlabResult result = epoch_leave(alloc, epoch, 0, false);
  if (result != SLAB_OK) counter_add_shared(&alloc->counters->domain_misuses, 1);
  return result;
}

static SlabResult set_label(SlabAllocator *alloc, EpochId epoch, const char *label, bool registered) {
  uint64_t words[LABEL_WORDS];
  if (!alloc || epoch >= SLAB_EPOCH_COUNT || !label_prepare(label, words)) return SLAB_ERR_ARGUMENT;
  EpochCounters *e = epoch_of(alloc, epoch);
  lock(&alloc->epoch_lock);
  bool opened = EPOCH_ERA(load_relaxed(&e->word)) != 0;
  if (opened) {
    uint32_t id = registered ? label_register(alloc, words) : 0;
    section_begin(&e->seq);
    store_relaxed(&e->label_id, id);
    for (uint32_t w = 0; w < LABEL_WORDS; w++) store_relaxed(&e->label[w], words[w]);
    section_end(&e->seq);
    store_relaxed(&alloc->label_of_epoch[epoch], (uint8_t)id);
  }
  unlock(&alloc->epoch_lock);
  return opened ? SLAB_OK : SLAB_ERR_CLOSED;
}

SlabResult slab_epoch_set_label(SlabAllocator *alloc, EpochId epoch, const char *label) { return set_label(alloc, epoch, label, true); }
SlabResult epoch_set_passing_label(SlabAllocator *alloc, EpochId epoch, const char *label) { return set_label(alloc, epoch, label, false); }

/* ---- closing ---- */

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

/* fresh: the epoch has just been turned CLOSING. */
static void reclaim_epoch(SlabAllocator *alloc, uint32_t epoch, uint64_t era, bool fresh) {
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
  if (fresh) mark_closing(alloc, epoch);
  unlock(&alloc->epoch_lock);
  if (result == SLAB_OK) reclaim_epoch(alloc, epoch, EPOCH_ERA(word), fresh);
  return result;
}

SlabResult epoch_close(SlabAllocator *alloc, EpochId epoch) {
  return alloc && epoch < SLAB_EPOCH_COUNT ? epoch_close_era(alloc, epoch, 0) : SLAB_ERR_ARGUMENT;
}
