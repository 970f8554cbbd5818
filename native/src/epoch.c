/* Epochs: opened by epoch_advance, entered and left, labelled; closed once, drained, and only then opened again as a new incarnation. */
#include "epoch.h"

#include "fork_child.h"
#include "label.h"
#include "lock.h"
#include "os.h"

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
  uint64_t era;
  return epoch_open_next(alloc, &era);
}

EpochId epoch_open_next(SlabAllocator *alloc, uint64_t *era) {
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
    *era = alloc->last_era;
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

SlabResult epoch_leave(SlabAllocator *alloc, uint32_t epoch, uint64_t era, bool close_if_last) {
  fork_finish(alloc);
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
  if (result == SLAB_OK && close) epoch_mark_closing(alloc, epoch);
  if (close_if_last) unlock(&alloc->epoch_lock);
  if (result == SLAB_OK && close) epoch_reclaim(alloc, epoch, EPOCH_ERA(seen), true);
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
