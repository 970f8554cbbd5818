#include "laws.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "utf8.h"

static void equal(int line, const char *law, const char *scope, unsigned index, uint64_t left, uint64_t right) {
  if (left != right)
    check_fail(__FILE__, line, "law broken: %s (%s %u): %" PRIu64 " against %" PRIu64, law, scope, index, left, right);
}

static void at_most(int line, const char *law, const char *scope, unsigned index, uint64_t left, uint64_t right) {
  if (left > right)
    check_fail(__FILE__, line, "law broken: %s (%s %u): %" PRIu64 " against %" PRIu64, law, scope, index, left, right);
}

#define LAW_EQUAL(law, scope, index, left, right) equal(__LINE__, law, scope, index, left, right)
#define LAW_AT_MOST(law, scope, index, left, right) at_most(__LINE__, law, scope, index, left, right)

#define SUM_CLASSES(s, field) sum_u64(&(s)->classes[0].field, sizeof(SlabClassStats), SLAB_CLASS_COUNT)
#define SUM_EPOCHS(s, field) sum_u64(&(s)->epochs[0].field, sizeof(SlabEpochStats), SLAB_EPOCH_COUNT)

static uint64_t sum_u64(const uint64_t *first, size_t stride_bytes, unsigned count) {
  uint64_t sum = 0;
  for (unsigned i = 0; i < count; i++) sum += *(const uint64_t *)((const char *)first + i * stride_bytes);
  return sum;
}

static void totals(const SlabSnapshot *s) {
  const SlabGlobalStats *g = &s->global;
#define TOTAL(top, field) LAW_EQUAL(#top " = sum of " #field, "top", 0, g->top, SUM_CLASSES(s, field))
  TOTAL(total_slabs_allocated, new_slab_count);
  TOTAL(total_slabs_recycled, empty_slab_recycled);
  TOTAL(net_slabs, net_slabs);
  TOTAL(estimated_slab_rss_bytes, estimated_rss_bytes);
  TOTAL(total_slow_path_hits, slow_path_hits);
  TOTAL(total_cache_overflows, empty_slab_overflowed);
  TOTAL(total_slow_cache_miss, slow_path_cache_miss);
  TOTAL(total_slow_epoch_closed, slow_path_epoch_closed);
  TOTAL(total_madvise_calls, madvise_calls);
  TOTAL(total_madvise_bytes, madvise_bytes);
  TOTAL(total_madvise_failures, madvise_failures);
  TOTAL(total_bitmap_alloc_cas_retries, bitmap_alloc_cas_retries);
  TOTAL(total_bitmap_free_cas_retries, bitmap_free_cas_retries);
  TOTAL(total_current_partial_cas_failures, current_partial_cas_failures);
  TOTAL(total_bitmap_alloc_attempts, bitmap_alloc_attempts);
  TOTAL(total_bitmap_free_attempts, bitmap_free_attempts);
  TOTAL(total_current_partial_cas_attempts, current_partial_cas_attempts);
  TOTAL(total_invalid_frees, invalid_frees);
  TOTAL(total_alloc_failures, alloc_failures);
  TOTAL(total_remote_frees, remote_frees);
#undef TOTAL
}

static void rate(int line, const char *law, unsigned index, double found, uint64_t part, uint64_t whole) {
  double expected = whole ? (double)part / (double)whole : 0.0;
  if (!isfinite(found) || fabs(found - expected) > 1e-9 * (1.0 + expected))
    check_fail(__FILE__, line, "law broken: %s (class %u): expected %g, found %g", law, index, expected, found);
}

static void by_label(const SlabSnapshot *s, unsigned i) {
  const SlabClassStats *c = &s->classes[i];
#define LABELS(field)                                                                                                  \
  LAW_EQUAL("sum over labels of " #field, "class", i, sum_u64(c->by_label.field, sizeof(uint64_t), SLAB_LABEL_COUNT), \
            s->global.label_contention ? c->field : 0)
  LABELS(lock_fast_acquire);
  LABELS(lock_contended);
  LABELS(bitmap_alloc_cas_retries);
  LABELS(bitmap_free_cas_retries);
#undef LABELS
}

static void class_alone(const SlabSnapshot *s, unsigned i) {
  static const uint64_t sizes[SLAB_CLASS_COUNT] = {64, 96, 128, 192, 256, 384, 512, 768};
  const SlabClassStats *c = &s->classes[i];
  uint64_t held = c->total_partial_slabs + c->total_full_slabs;
  LAW_EQUAL("class_index is the index", "class", i, c->class_index, i);
  LAW_EQUAL("object_size", "class", i, c->object_size, sizes[i]);
  LAW_AT_MOST("slots fit into a slab", "class", i, c->slots_per_slab * c->object_size, s->global.slab_bytes);
  LAW_AT_MOST("reclaimable <= partial + full", "class", i, c->total_reclaimable_slabs, held);
  LAW_EQUAL("slabs_mapped = partial + full + cached + overflow", "class", i, c->slabs_mapped,
            held + c->cache_size + c->cache_overflow_len);
  if (!s->global.torn) LAW_EQUAL("every slab ever taken is somewhere: new_slab_count = slabs_mapped", "class", i, c->new_slab_count, c->slabs_mapped);
  LAW_EQUAL("net_slabs = partial + full", "class", i, c->net_slabs, held);
  LAW_AT_MOST("cache_size <= cache_capacity", "class", i, c->cache_size, c->cache_capacity);
  LAW_EQUAL("live = alloc attempts - free attempts", "class", i, c->live_objects, c->bitmap_alloc_attempts - c->bitmap_free_attempts);
  LAW_EQUAL("live_bytes = live x object_size", "class", i, c->live_bytes, c->live_objects * c->object_size);
  LAW_AT_MOST("epoch_closed + cache_miss <= slow_path_hits", "class", i, c->slow_path_epoch_closed + c->slow_path_cache_miss,
              c->slow_path_hits);
  LAW_AT_MOST("remote frees <= frees", "class", i, c->remote_frees, c->bitmap_free_attempts);
  LAW_AT_MOST("current_partial failures <= attempts", "class", i, c->current_partial_cas_failures, c->current_partial_cas_attempts);
  LAW_AT_MOST("recycled by close <= scanned by close", "class", i, c->epoch_close_recycled_slabs, c->epoch_close_scanned_slabs);
  rate(__LINE__, "avg_alloc_cas_retries_per_attempt", i, c->avg_alloc_cas_retries_per_attempt, c->bitmap_alloc_cas_retries,
       c->bitmap_alloc_attempts);
  rate(__LINE__, "avg_free_cas_retries_per_attempt", i, c->avg_free_cas_retries_per_attempt, c->bitmap_free_cas_retries,
       c->bitmap_free_attempts);
  rate(__LINE__, "current_partial_cas_failure_rate", i, c->current_partial_cas_failure_rate, c->current_partial_cas_failures,
       c->current_partial_cas_attempts);
  rate(__LINE__, "lock_contention_rate", i, c->lock_contention_rate, c->lock_contended, c->lock_fast_acquire + c->lock_contended);
  if (!(c->recycle_rate_pct >= 0.0 && c->recycle_rate_pct <= 100.0))
    check_fail(__FILE__, __LINE__, "law broken: recycle_rate_pct in 0 … 100 (class %u): found %g", i, c->recycle_rate_pct);
  by_label(s, i);
}

static void epoch_alone(const SlabSnapshot *s, unsigned i) {
  const SlabEpochStats *e = &s->epochs[i];
  const SlabGlobalStats *g = &s->global;
  LAW_EQUAL("epoch_id is the index", "epoch", i, e->epoch_id, i);
  LAW_AT_MOST("reclaimable <= partial + full", "epoch", i, e->total_reclaimable_slabs, e->total_partial_slabs + e->total_full_slabs);
  LAW_AT_MOST("label id in the registry", "epoch", i, e->label_id + 1u, g->label_count);
  if (!utf8_text_fits(e->label, SLAB_LABEL_BYTES)) check_fail(__FILE__, __LINE__, "law broken: epoch %u's label is whole UTF-8", i);
  if (e->label_id && e->label_id < g->label_count && strcmp(e->label, g->labels[e->label_id]) != 0)
    check_fail(__FILE__, __LINE__, "law broken: label id %u is \"%s\" in the registry, \"%s\" on epoch %u", e->label_id,
               g->labels[e->label_id], e->label, i);
  if (e->close_calls == 0) LAW_EQUAL("never closed: no time spent on it", "epoch", i, e->close_ns + e->close_scanned_slabs, 0);
  if (e->epoch_era == 0) {
    LAW_EQUAL("never opened: not ACTIVE", "epoch", i, e->state == SLAB_EPOCH_ACTIVE, 0);
    LAW_EQUAL("never opened: holds nothing", "epoch", i, e->total_partial_slabs + e->total_full_slabs + e->live_objects + e->refcount, 0);
    LAW_EQUAL("never opened: no opening time", "epoch", i, e->open_since_ns, 0);
  } else if (e->open_since_ns == 0) {
    check_fail(__FILE__, __LINE__, "law broken: epoch %u has era %" PRIu64 " and no opening time", i, e->epoch_era);
  }
}

static void across_epochs(const SlabSnapshot *s) {
#define ACROSS(field) LAW_EQUAL("classes' " #field " = epochs' " #field, "top", 0, SUM_CLASSES(s, field), SUM_EPOCHS(s, field))
  ACROSS(total_partial_slabs);
  ACROSS(total_full_slabs);
  ACROSS(total_reclaimable_slabs);
  ACROSS(live_objects);
  ACROSS(live_bytes);
  ACROSS(pinned_waste_bytes);
#undef ACROSS
  unsigned active = 0, closing = 0;
  for (unsigned i = 0; i < SLAB_EPOCH_COUNT; i++) {
    const SlabEpochStats *e = &s->epochs[i];
    active += e->state == SLAB_EPOCH_ACTIVE;
    closing += e->state == SLAB_EPOCH_CLOSING; /* never opened ones, too: allocation there is refused alike */
    for (unsigned j = 0; j < i; j++)
      if (e->epoch_era && e->epoch_era == s->epochs[j].epoch_era)
        check_fail(__FILE__, __LINE__, "law broken: epochs %u and %u share era %" PRIu64, j, i, e->epoch_era);
  }
  LAW_EQUAL("active_epoch_count", "top", 0, s->global.active_epoch_count, active);
  LAW_EQUAL("closing_epoch_count", "top", 0, s->global.closing_epoch_count, closing);
}

static void top_alone(const SlabSnapshot *s) {
  const SlabGlobalStats *g = &s->global;
  LAW_EQUAL("schema_version", "top", 0, g->schema_version, 1);
  LAW_EQUAL("epoch_count", "top", 0, g->epoch_count, SLAB_EPOCH_COUNT);
  LAW_AT_MOST("current_epoch < epoch_count", "top", 0, g->current_epoch + 1, SLAB_EPOCH_COUNT);
  LAW_AT_MOST("timestamp_ns is above 2^53", "top", 0, (UINT64_C(1) << 53) + 1, g->timestamp_ns);
  LAW_AT_MOST("slabs mapped lie in mapped_bytes", "top", 0, SUM_CLASSES(s, slabs_mapped) * g->slab_bytes, g->mapped_bytes);
  LAW_AT_MOST("mmap_failures <= mmap_calls", "top", 0, g->mmap_failures, g->mmap_calls);
  LAW_AT_MOST("label ids", "top", 0, g->label_count, SLAB_LABEL_COUNT);
  LAW_AT_MOST("label id 0 is always there", "top", 0, 1, g->label_count);
  for (unsigned i = 0; i < SLAB_LABEL_COUNT; i++)
    if (!utf8_text_fits(g->labels[i], SLAB_LABEL_BYTES)) check_fail(__FILE__, __LINE__, "law broken: label %u is whole UTF-8", i);
}

/* No number has gone below 0 and come out as 2^64 less a bit: nothing here counts or measures that far. */
static void nothing_wrapped(const SlabSnapshot *s) {
  const uint64_t limit = UINT64_C(1) << 62;
#define WRAPPED_COUNTER(scope, index, name, value) LAW_AT_MOST("has not wrapped: " name, scope, index, value, limit);
#define WRAPPED_GAUGE WRAPPED_COUNTER
#define WRAPPED_META(scope, index, name, value)
#define ROW_TOP(name, kind) WRAPPED_##kind("top", 0, #name, s->global.name)
#define ROW_CLASS(name, kind) \
  for (unsigned i = 0; i < SLAB_CLASS_COUNT; i++) { WRAPPED_##kind("class", i, #name, s->classes[i].name) }
#define ROW_EPOCH(name, kind) \
  for (unsigned i = 0; i < SLAB_EPOCH_COUNT; i++) { WRAPPED_##kind("epoch", i, #name, s->epochs[i].name) }
#define ROW_CLOSE(name, kind) WRAPPED_##kind("last close", 0, #name, s->global.last_epoch_close.name)
#define U64(scope, name, kind) ROW_##scope(name, kind)
#define F64(scope, name, kind)
#include "temporal_slab_fields.def"
#undef U64
#undef F64
#undef ROW_TOP
#undef ROW_CLASS
#undef ROW_EPOCH
#undef ROW_CLOSE
}

void laws_check(const SlabSnapshot *s) {
  top_alone(s);
  nothing_wrapped(s);
  totals(s);
  for (unsigned i = 0; i < SLAB_CLASS_COUNT; i++) class_alone(s, i);
  if (s->global.torn) return; /* the epochs' section is then known not to be of one moment */
  for (unsigned i = 0; i < SLAB_EPOCH_COUNT; i++) epoch_alone(s, i);
  across_epochs(s);
}

void laws_check_at_rest(const SlabSnapshot *s, const uint64_t live_by_class[SLAB_CLASS_COUNT],
                        const uint64_t live_by_epoch[SLAB_EPOCH_COUNT]) {
  LAW_EQUAL("nothing is torn at rest", "top", 0, s->global.torn, 0);
  LAW_AT_MOST("last close <= longest close", "top", 0, s->global.last_epoch_close.duration_ns, s->global.longest_epoch_close.duration_ns);
  laws_check(s);
  for (unsigned i = 0; i < SLAB_CLASS_COUNT; i++) {
    const SlabClassStats *c = &s->classes[i];
    uint64_t pinning = c->total_partial_slabs + c->total_full_slabs - c->total_reclaimable_slabs;
    uint64_t held_bytes = (c->total_partial_slabs + c->total_full_slabs) * c->slots_per_slab * c->object_size;
    LAW_AT_MOST("live + pinned waste fit into the slabs held", "class", i, c->live_bytes + c->pinned_waste_bytes, held_bytes);
    LAW_AT_MOST("live_bytes <= committed_bytes", "class", i, c->live_bytes, c->committed_bytes);
    if (live_by_class) LAW_EQUAL("live objects as counted by the test", "class", i, c->live_objects, live_by_class[i]);
    LAW_EQUAL("pinned waste = free slots of slabs that hold an object", "class", i, c->pinned_waste_bytes,
              (pinning * c->slots_per_slab - c->live_objects) * c->object_size);
  }
  for (unsigned i = 0; live_by_epoch && i < SLAB_EPOCH_COUNT; i++)
    LAW_EQUAL("live objects as counted by the test", "epoch", i, s->epochs[i].live_objects, live_by_epoch[i]);
}

void laws_check_monotonic(const SlabSnapshot *before, const SlabSnapshot *after) {
#define MONOTONIC_COUNTER(scope, index, name, was, is) LAW_AT_MOST("never goes down: " name, scope, index, was, is);
#define MONOTONIC_GAUGE(scope, index, name, was, is)
#define MONOTONIC_META(scope, index, name, was, is)
#define ROW_TOP(name, kind) MONOTONIC_##kind("top", 0, #name, before->global.name, after->global.name)
#define ROW_CLASS(name, kind) \
  for (unsigned i = 0; i < SLAB_CLASS_COUNT; i++) { MONOTONIC_##kind("class", i, #name, before->classes[i].name, after->classes[i].name) }
#define ROW_EPOCH(name, kind)
#define ROW_CLOSE(name, kind)
#define U64(scope, name, kind) ROW_##scope(name, kind)
#define F64(scope, name, kind)
#include "temporal_slab_fields.def"
#undef U64
#undef F64
  if (before->global.torn || after->global.torn) return;
  for (unsigned i = 0; i < SLAB_EPOCH_COUNT; i++) {
    const SlabEpochStats *was = &before->epochs[i], *is = &after->epochs[i];
    LAW_AT_MOST("eras never go down", "epoch", i, was->epoch_era, is->epoch_era);
    if (was->epoch_era != is->epoch_era) continue;
    LAW_AT_MOST("a CLOSING incarnation never opens again", "epoch", i, is->state == SLAB_EPOCH_ACTIVE, was->state == SLAB_EPOCH_ACTIVE || !was->epoch_era);
    LAW_AT_MOST("madvise_bytes of one incarnation", "epoch", i, was->madvise_bytes, is->madvise_bytes);
    LAW_AT_MOST("close_calls of one incarnation", "epoch", i, was->close_calls, is->close_calls);
    LAW_AT_MOST("close_ns of one incarnation", "epoch", i, was->close_ns, is->close_ns);
    LAW_AT_MOST("close_scanned_slabs of one incarnation", "epoch", i, was->close_scanned_slabs, is->close_scanned_slabs);
  }
}

void laws_check_allocator(SlabAllocator *alloc, uint64_t live, SlabSnapshot *snapshot) {
  CHECK_RESULT(slab_stats_snapshot(alloc, snapshot), SLAB_OK);
  laws_check_at_rest(snapshot, NULL, NULL);
  CHECK_U64(SUM_CLASSES(snapshot, live_objects), live);
}
