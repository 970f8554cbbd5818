/* Reads the counter blocks and nothing else; computes every total from the same reading as its parts. */
#include "snapshot.h"

#include <string.h>

#include "classes.h"
#include "os.h"

enum { STATS_VERSION = 1, READ_TRIES = 1000 };

/* Sums of all threads' blocks. */
typedef struct Sums {
  uint64_t live[BIN_COUNT], full[BIN_COUNT], empty[BIN_COUNT];
  uint64_t slabs[BIN_COUNT];
} Sums;

static uint64_t minus(uint64_t a, uint64_t b) { return a > b ? a - b : 0; }
static uint64_t least(uint64_t a, uint64_t b) { return a < b ? a : b; }

#define FOR_EACH_BLOCK(view, t) for (ThreadCounters *t = (view)->block((view), true); t; t = (view)->block((view), false))

/* Parts are read before the whole and effects before their causes (remote frees before frees, frees before allocations, causes of slow paths before slow paths), each in a pass of its own over all threads:
 * an event that is counted has its cause counted. */
static void read_threads(CounterView *view, SlabSnapshot *out, Sums *sums) {
  uint64_t freed[BIN_COUNT] = {0}, to_partial[BIN_COUNT] = {0}, from_empty[BIN_COUNT] = {0};
  FOR_EACH_BLOCK(view, t) {
    for (uint32_t cls = 0; cls < SLAB_CLASS_COUNT; cls++) out->classes[cls].remote_frees += load_acquire(&t->classes[cls].remote_frees);
    for (uint32_t bin = 0; bin < BIN_COUNT; bin++) {
      freed[bin] += load_acquire(&t->frees[bin]);
      to_partial[bin] += load_acquire(&t->to_partial[bin]);
      from_empty[bin] += load_acquire(&t->from_empty[bin]);
    }
    for (uint32_t cls = 0; cls < SLAB_CLASS_COUNT; cls++) {
      ThreadClassCounters *c = &t->classes[cls];
      SlabClassStats *o = &out->classes[cls];
      o->slow_path_cache_miss += load_acquire(&c->cache_miss);
      o->slow_path_epoch_closed += load_acquire(&c->epoch_closed);
      o->current_partial_null += load_acquire(&c->current_null);
      o->current_partial_full += load_acquire(&c->current_full);
      o->current_partial_cas_failures += load_acquire(&c->pending_cas_failures);
      o->invalid_frees += load_acquire(&c->invalid_frees);
      o->alloc_failures += load_acquire(&c->alloc_failures);
      for (uint32_t label = 0; label < LABEL_BUCKETS; label++) {
        o->by_label.lock_fast_acquire[label] += load_acquire(&c->lock_fast[label]);
        o->by_label.lock_contended[label] += load_acquire(&c->lock_contended[label]);
        o->by_label.bitmap_alloc_cas_retries[label] += load_acquire(&c->alloc_cas_retries[label]);
        o->by_label.bitmap_free_cas_retries[label] += load_acquire(&c->free_cas_retries[label]);
      }
    }
    out->global.unattributed_invalid_frees += load_acquire(&t->unattributed_invalid_frees);
    out->global.refused_sizes += load_acquire(&t->refused_sizes);
  }
  FOR_EACH_BLOCK(view, t) {
    for (uint32_t bin = 0; bin < BIN_COUNT; bin++) {
      uint64_t allocs = load_acquire(&t->allocs[bin]), to_full = load_acquire(&t->to_full[bin]);
      out->classes[BIN_CLASS(bin)].bitmap_alloc_attempts += allocs;
      out->epochs[BIN_EPOCH(bin)].slot_allocs += allocs;
      out->classes[BIN_CLASS(bin)].list_move_partial_to_full += to_full;
      sums->live[bin] += allocs;
      sums->full[bin] += to_full;
      sums->empty[bin] += load_acquire(&t->to_empty[bin]);
    }
    for (uint32_t cls = 0; cls < SLAB_CLASS_COUNT; cls++) {
      out->classes[cls].slow_path_hits += load_acquire(&t->classes[cls].slow_path_hits);
      out->classes[cls].current_partial_cas_attempts += load_acquire(&t->classes[cls].pending_cas_attempts);
    }
  }
  for (uint32_t bin = 0; bin < BIN_COUNT; bin++) {
    out->classes[BIN_CLASS(bin)].bitmap_free_attempts += freed[bin];
    out->classes[BIN_CLASS(bin)].list_move_full_to_partial += to_partial[bin];
    sums->live[bin] -= freed[bin];
    sums->full[bin] = minus(sums->full[bin], to_partial[bin]);
    sums->empty[bin] = minus(sums->empty[bin], from_empty[bin]);
  }
}

/* What has left an epoch's sums by other ways than the threads' counters. live: modulo 2^64, more may have come. */
typedef struct Gone {
  uint64_t full, empty, live;
} Gone;

/* One attempt at a class's own counters; they add up only when read as a whole. */
static void read_class_once(ClassCounters *c, uint32_t cls, SlabClassStats *o, Sums *sums, Gone gone[]) {
  o->new_slab_count = load_relaxed(&c->new_slabs);
  o->cache_size = load_relaxed(&c->cached);
  o->cache_overflow_len = load_relaxed(&c->overflow);
  o->empty_slab_recycled = load_relaxed(&c->recycled);
  o->empty_slab_overflowed = load_relaxed(&c->overflowed);
  o->madvise_calls = load_relaxed(&c->madvise_calls);
  o->madvise_bytes = load_relaxed(&c->madvise_bytes);
  o->madvise_failures = load_relaxed(&c->madvise_failures);
  o->epoch_close_calls = load_relaxed(&c->close_calls);
  o->epoch_close_recycled_slabs = load_relaxed(&c->close_recycled);
  o->epoch_close_scanned_slabs = load_relaxed(&c->close_scanned);
  o->epoch_close_total_ns = load_relaxed(&c->close_ns);
  for (uint32_t epoch = 0; epoch < SLAB_EPOCH_COUNT; epoch++) {
    uint64_t detached = load_relaxed(&c->detached[epoch]);
    sums->slabs[BIN_OF(epoch, cls)] = minus(load_relaxed(&c->attached[epoch]), detached);
    gone[epoch].full = load_relaxed(&c->full_detached[epoch]);
    gone[epoch].empty = load_relaxed(&c->empty_detached[epoch]);
    gone[epoch].live = load_relaxed(&c->moved_out[epoch]) - load_relaxed(&c->moved_in[epoch]);
  }
}

/* A section, read until it is whole. False when it never was. */
#define READ_SECTION(ok, seq, read)                              \
  do {                                                           \
    (ok) = false;                                                \
    for (int try_ = 0; try_ < READ_TRIES && !(ok); try_++) {     \
      uint64_t begun_ = section_read(seq);                       \
      if (!(begun_ & 1)) {                                       \
        read;                                                    \
        (ok) = section_valid((seq), begun_);                     \
      }                                                          \
      if (!(ok)) cpu_relax();                                    \
    }                                                            \
  } while (0)

static bool read_class(GlobalCounters *global, uint32_t cls, SlabClassStats *o, Sums *sums) {
  ClassCounters *c = &global->classes[cls];
  Gone gone[SLAB_EPOCH_COUNT];
  bool ok;
  READ_SECTION(ok, &c->seq, read_class_once(c, cls, o, sums, gone));
  if (!ok) read_class_once(c, cls, o, sums, gone);
  for (uint32_t epoch = 0; epoch < SLAB_EPOCH_COUNT; epoch++) {
    uint32_t bin = BIN_OF(epoch, cls);
    sums->live[bin] -= gone[epoch].live; /* modulo 2^64: objects moved here were allocated elsewhere */
    sums->full[bin] = least(minus(sums->full[bin], gone[epoch].full), sums->slabs[bin]);
    sums->empty[bin] = least(minus(sums->empty[bin], gone[epoch].empty), sums->slabs[bin] - sums->full[bin]);
  }
  return ok;
}

static void read_label(const Counter *words, char *text) {
  for (uint32_t w = 0; w < LABEL_WORDS; w++) {
    uint64_t bytes = load_relaxed(&words[w]);
    memcpy(text + w * 8, &bytes, 8);
  }
  text[SLAB_LABEL_BYTES - 1] = 0;
}

static void read_epoch_once(EpochCounters *e, SlabEpochStats *o, uint64_t *opened_monotonic, uint64_t *closed_monotonic) {
  uint64_t word = load_relaxed(&e->word);
  o->epoch_era = EPOCH_ERA(word);
  o->refcount = EPOCH_REFS(word);
  o->state = EPOCH_IS_ACTIVE(word) ? SLAB_EPOCH_ACTIVE : SLAB_EPOCH_CLOSING;
  *opened_monotonic = load_relaxed(&e->opened_monotonic_ns);
  *closed_monotonic = load_relaxed(&e->closed_monotonic_ns);
  o->open_since_ns = load_relaxed(&e->opened_realtime_ns);
  o->label_id = (uint32_t)load_relaxed(&e->label_id);
  read_label(e->label, o->label);
  o->rss_before_close = load_relaxed(&e->rss_before_close);
  o->rss_after_close = load_relaxed(&e->rss_after_close);
  o->madvise_bytes = load_relaxed(&e->close_madvise_bytes);
  o->close_calls = load_relaxed(&e->close_calls);
  o->close_ns = load_relaxed(&e->close_ns);
  o->close_scanned_slabs = load_relaxed(&e->close_scanned);
  o->refused_allocs = load_relaxed(&e->refused_allocs);
}

static bool read_epoch(GlobalCounters *global, uint32_t epoch, uint64_t now_monotonic, SlabEpochStats *o) {
  EpochCounters *e = &global->epochs[epoch];
  uint64_t opened = 0, closed = 0;
  bool ok;
  READ_SECTION(ok, &e->seq, read_epoch_once(e, o, &opened, &closed));
  if (!ok) read_epoch_once(e, o, &opened, &closed);
  o->epoch_id = epoch;
  o->age_sec = o->epoch_era ? minus(now_monotonic, opened) / 1000000000u : 0;
  o->closing_sec = o->state == SLAB_EPOCH_CLOSING && closed ? minus(now_monotonic, closed) / 1000000000u : 0;
  return ok;
}

/* Adds a bin to its class and its epoch. Slabs that hold an object: those not known to be empty, and never more than there are objects. */
static void add_bin(uint32_t bin, const Sums *sums, SlabClassStats *c, SlabEpochStats *e) {
  uint64_t slabs = sums->slabs[bin], size = class_object_bytes[BIN_CLASS(bin)];
  uint64_t live = sums->live[bin] >> 63 ? 0 : sums->live[bin]; /* below 0 only in the midst of a merge: the snapshot is torn */
  uint64_t holding = least(slabs - sums->empty[bin], live);
  uint64_t pinned = minus(holding * class_slots[BIN_CLASS(bin)], live) * size;
  c->total_partial_slabs += slabs - sums->full[bin], e->total_partial_slabs += slabs - sums->full[bin];
  c->total_full_slabs += sums->full[bin], e->total_full_slabs += sums->full[bin];
  c->total_reclaimable_slabs += slabs - holding, e->total_reclaimable_slabs += slabs - holding;
  e->live_objects += live;
  e->live_bytes += live * size;
  c->pinned_waste_bytes += pinned, e->pinned_waste_bytes += pinned;
  e->estimated_rss_bytes += slabs * SLAB_BYTES;
}

static double ratio(uint64_t part, uint64_t whole) { return whole ? (double)part / (double)whole : 0.0; }

static uint64_t sum_labels(const uint64_t by_label[SLAB_LABEL_COUNT]) {
  uint64_t sum = 0;
  for (uint32_t label = 0; label < SLAB_LABEL_COUNT; label++) sum += by_label[label];
  return sum;
}

static void finish_class(uint32_t cls, SlabClassStats *c) {
  c->version = STATS_VERSION;
  c->class_index = cls;
  c->object_size = class_object_bytes[cls];
  c->slots_per_slab = class_slots[cls];
  c->cache_capacity = CACHE_CAPACITY;
  c->live_objects = minus(c->bitmap_alloc_attempts, c->bitmap_free_attempts);
  c->live_bytes = c->live_objects * c->object_size;
  c->net_slabs = c->total_partial_slabs + c->total_full_slabs;
  c->slabs_mapped = c->net_slabs + c->cache_size + c->cache_overflow_len;
  c->committed_bytes = c->estimated_rss_bytes = (c->net_slabs + c->cache_size) * SLAB_BYTES;
  c->lock_fast_acquire = sum_labels(c->by_label.lock_fast_acquire);
  c->lock_contended = sum_labels(c->by_label.lock_contended);
  c->bitmap_alloc_cas_retries = sum_labels(c->by_label.bitmap_alloc_cas_retries);
  c->bitmap_free_cas_retries = sum_labels(c->by_label.bitmap_free_cas_retries);
  c->avg_alloc_cas_retries_per_attempt = ratio(c->bitmap_alloc_cas_retries, c->bitmap_alloc_attempts);
  c->avg_free_cas_retries_per_attempt = ratio(c->bitmap_free_cas_retries, c->bitmap_free_attempts);
  c->current_partial_cas_failure_rate = ratio(c->current_partial_cas_failures, c->current_partial_cas_attempts);
  c->lock_contention_rate = ratio(c->lock_contended, c->lock_fast_acquire + c->lock_contended);
  c->recycle_rate_pct = 100.0 * ratio(c->empty_slab_recycled, c->empty_slab_recycled + c->empty_slab_overflowed);
}

static void add_totals(SlabGlobalStats *g, const SlabClassStats *c) {
  g->total_slabs_allocated += c->new_slab_count;
  g->total_slabs_recycled += c->empty_slab_recycled;
  g->net_slabs += c->net_slabs;
  g->estimated_slab_rss_bytes += c->estimated_rss_bytes;
  g->total_slow_path_hits += c->slow_path_hits;
  g->total_cache_overflows += c->empty_slab_overflowed;
  g->total_slow_cache_miss += c->slow_path_cache_miss;
  g->total_slow_epoch_closed += c->slow_path_epoch_closed;
  g->total_madvise_calls += c->madvise_calls;
  g->total_madvise_bytes += c->madvise_bytes;
  g->total_madvise_failures += c->madvise_failures;
  g->total_bitmap_alloc_cas_retries += c->bitmap_alloc_cas_retries;
  g->total_bitmap_free_cas_retries += c->bitmap_free_cas_retries;
  g->total_current_partial_cas_failures += c->current_partial_cas_failures;
  g->total_bitmap_alloc_attempts += c->bitmap_alloc_attempts;
  g->total_bitmap_free_attempts += c->bitmap_free_attempts;
  g->total_current_partial_cas_attempts += c->current_partial_cas_attempts;
  g->total_invalid_frees += c->invalid_frees;
  g->total_alloc_failures += c->alloc_failures;
  g->total_remote_frees += c->remote_frees;
}

static void read_close(CloseCounters *close, SlabEpochCloseStats *o) {
  o->timestamp_ns = load_relaxed(&close->timestamp_ns);
  o->epoch_id = load_relaxed(&close->epoch_id);
  o->epoch_era = load_relaxed(&close->epoch_era);
  read_label(close->label, o->label);
  o->duration_ns = load_relaxed(&close->duration_ns);
  o->scanned_slabs = load_relaxed(&close->scanned);
  o->rss_before = load_relaxed(&close->rss_before);
  o->rss_after = load_relaxed(&close->rss_after);
  o->madvise_bytes = load_relaxed(&close->madvise_bytes);
}

static bool read_global(GlobalCounters *in, SlabGlobalStats *o) {
  o->schema_version = 1;
  o->version = STATS_VERSION;
  o->epoch_count = SLAB_EPOCH_COUNT;
  o->slab_bytes = SLAB_BYTES;
  o->instance = load_relaxed(&in->instance);
  o->current_epoch = load_relaxed(&in->current_epoch) % SLAB_EPOCH_COUNT;
  o->epoch_advances = load_relaxed(&in->epoch_advances);
  o->epoch_advances_refused = load_relaxed(&in->epoch_advances_refused);
  o->epoch_slots_skipped = load_relaxed(&in->epoch_slots_skipped);
  o->domain_misuses = load_relaxed(&in->domain_misuses);
  o->label_registry_overflows = load_relaxed(&in->label_registry_overflows);
  o->handshake_deferrals = load_relaxed(&in->handshake_deferrals);
  o->mmap_failures = load_relaxed(&in->mmap_failures);
  o->mmap_calls = load_relaxed(&in->mmap_calls);
  o->mapped_bytes = load_relaxed(&in->mapped_bytes);
  o->metadata_bytes = load_relaxed(&in->metadata_bytes);
  o->thread_count = load_relaxed(&in->threads);
  o->unpublished_threads = load_relaxed(&in->unpublished_threads);
  o->label_contention = load_relaxed(&in->label_contention) != 0;
  o->label_count = (uint32_t)least(load_acquire(&in->label_count), SLAB_LABEL_COUNT);
  memcpy(o->labels[0], "unlabeled", sizeof "unlabeled");
  for (uint32_t id = 1; id < o->label_count; id++) read_label(in->labels[id], o->labels[id]);
  bool last, longest;
  READ_SECTION(last, &in->last_close.seq, read_close(&in->last_close, &o->last_epoch_close));
  READ_SECTION(longest, &in->longest_close.seq, read_close(&in->longest_close, &o->longest_epoch_close));
  o->ever_closed = o->last_epoch_close.timestamp_ns != 0 && o->longest_epoch_close.timestamp_ns != 0;
  return last && longest;
}

static bool read_once(CounterView *view, uint64_t now_monotonic_ns, SlabSnapshot *out) {
  memset(out, 0, sizeof *out);
  SlabGlobalStats *g = &out->global;
  Sums sums = {0};
  bool whole = true;
  for (uint32_t epoch = 0; epoch < SLAB_EPOCH_COUNT; epoch++) {
    whole &= read_epoch(view->global, epoch, now_monotonic_ns, &out->epochs[epoch]);
    if (out->epochs[epoch].state == SLAB_EPOCH_ACTIVE)
      g->active_epoch_count++;
    else
      g->closing_epoch_count++;
  }
  read_threads(view, out, &sums);
  for (uint32_t cls = 0; cls < SLAB_CLASS_COUNT; cls++) whole &= read_class(view->global, cls, &out->classes[cls], &sums);
  for (uint32_t bin = 0; bin < BIN_COUNT; bin++) add_bin(bin, &sums, &out->classes[BIN_CLASS(bin)], &out->epochs[BIN_EPOCH(bin)]);
  for (uint32_t cls = 0; cls < SLAB_CLASS_COUNT; cls++) {
    finish_class(cls, &out->classes[cls]);
    add_totals(g, &out->classes[cls]);
  }
  whole &= read_global(view->global, g);
  if (!g->label_contention)
    for (uint32_t cls = 0; cls < SLAB_CLASS_COUNT; cls++) memset(&out->classes[cls].by_label, 0, sizeof out->classes[cls].by_label);
  return whole;
}

/* Epochs are read before what they hold: the reading counts only if none was opened anew, and none merged, meanwhile. */
static bool same_epochs(GlobalCounters *global, const SlabSnapshot *out, uint64_t merges) {
  bool same = section_valid(&global->merge_seq, merges);
  for (uint32_t epoch = 0; epoch < SLAB_EPOCH_COUNT; epoch++)
    same &= EPOCH_ERA(load_acquire(&global->epochs[epoch].word)) == out->epochs[epoch].epoch_era;
  return same;
}

/* A thread that was interrupted in the midst of a section gets time to go on: after a few tries the reader sleeps between them, twice as long each time, 41 ms in all. */
void snapshot_read(CounterView *view, uint64_t now_monotonic_ns, SlabSnapshot *out) {
  enum { WHOLE_TRIES = 16, TRIES_AT_ONCE = 4, FIRST_PAUSE_NS = 10 * 1000 };
  bool whole = false;
  for (int i = 0; i < WHOLE_TRIES && !whole; i++) {
    if (i >= TRIES_AT_ONCE) os_sleep_ns(FIRST_PAUSE_NS << (i - TRIES_AT_ONCE));
    uint64_t merges = section_read(&view->global->merge_seq);
    whole = read_once(view, now_monotonic_ns, out);
    whole = same_epochs(view->global, out, merges) && whole;
  }
  out->global.torn = !whole;
}
