/* The stats functions' arguments, that they agree with one another, and what each counter counts where one thread can say exactly. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actor.h"
#include "allocator.h"
#include "check.h"
#include "intercept.h"
#include "laws.h"

static SlabSnapshot snapshot, before;

static SlabSnapshot *take(SlabAllocator *alloc) {
  CHECK_RESULT(slab_stats_snapshot(alloc, &snapshot), SLAB_OK);
  laws_check_at_rest(&snapshot, NULL, NULL);
  return &snapshot;
}

static void bad_arguments_are_refused(void) {
  SlabAllocator *alloc = slab_allocator_create();
  SlabGlobalStats global;
  SlabClassStats class_stats;
  SlabEpochStats epoch;
  CHECK_RESULT(slab_stats_global(NULL, &global), SLAB_ERR_ARGUMENT);
  CHECK_RESULT(slab_stats_global(alloc, NULL), SLAB_ERR_ARGUMENT);
  CHECK_RESULT(slab_stats_class(NULL, 0, &class_stats), SLAB_ERR_ARGUMENT);
  CHECK_RESULT(slab_stats_class(alloc, 0, NULL), SLAB_ERR_ARGUMENT);
  CHECK_RESULT(slab_stats_class(alloc, SLAB_CLASS_COUNT, &class_stats), SLAB_ERR_ARGUMENT);
  CHECK_RESULT(slab_stats_class(alloc, UINT32_MAX, &class_stats), SLAB_ERR_ARGUMENT);
  CHECK_RESULT(slab_stats_epoch(NULL, 0, &epoch), SLAB_ERR_ARGUMENT);
  CHECK_RESULT(slab_stats_epoch(alloc, 0, NULL), SLAB_ERR_ARGUMENT);
  CHECK_RESULT(slab_stats_epoch(alloc, SLAB_EPOCH_COUNT, &epoch), SLAB_ERR_ARGUMENT);
  CHECK_RESULT(slab_stats_epoch(alloc, EPOCH_INVALID, &epoch), SLAB_ERR_ARGUMENT);
  CHECK_RESULT(slab_stats_snapshot(NULL, &snapshot), SLAB_ERR_ARGUMENT);
  CHECK_RESULT(slab_stats_snapshot(alloc, NULL), SLAB_ERR_ARGUMENT);
  slab_allocator_free(alloc);
}

/* Field by field through the table: the single functions say what the snapshot says, except for what time itself moves. */
static void the_functions_agree(void) {
  SlabAllocator *alloc = slab_allocator_create();
  for (int i = 0; i < 5000; i++) {
    SlabHandle handle;
    CHECK(alloc_obj_epoch(alloc, 1 + (uint32_t)i % 768, 0, &handle) != NULL);
    if (i % 3) CHECK(free_obj(alloc, handle));
  }
  CHECK_RESULT(slab_epoch_set_label(alloc, 0, "both"), SLAB_OK);
  CHECK_U64(epoch_advance(alloc), 1);
  CHECK_RESULT(epoch_close(alloc, 0), SLAB_OK);
  take(alloc);
  SlabGlobalStats global;
  CHECK_RESULT(slab_stats_global(alloc, &global), SLAB_OK);
#define SAME(name, found, expected) \
  if (strcmp(name, "timestamp_ns") && strcmp(name, "rss_bytes_current") && strcmp(name, "age_sec") && (found) != (expected)) \
    check_fail(__FILE__, __LINE__, "%s differs between the snapshot and the single function", name);
#define ROW_TOP(name) SAME(#name, global.name, snapshot.global.name)
#define ROW_CLASS(name) SAME(#name, class_stats.name, snapshot.classes[i].name)
#define ROW_EPOCH(name) SAME(#name, epoch.name, snapshot.epochs[i].name)
#define ROW_CLOSE(name) SAME(#name, global.last_epoch_close.name, snapshot.global.last_epoch_close.name)
#define IGNORE(name)
  {
#define U64(scope, name, kind) ONLY_TOP_##scope(name)
#define F64(scope, name, kind) ONLY_TOP_##scope(name)
#define ONLY_TOP_TOP(name) ROW_TOP(name)
#define ONLY_TOP_CLASS(name)
#define ONLY_TOP_EPOCH(name)
#define ONLY_TOP_CLOSE(name) ROW_CLOSE(name)
#include "temporal_slab_fields.def"
#undef U64
#undef F64
  }
  CHECK_U64(global.label_count, snapshot.global.label_count);
  CHECK(memcmp(global.labels, snapshot.global.labels, sizeof global.labels) == 0);
  for (uint32_t i = 0; i < SLAB_CLASS_COUNT; i++) {
    SlabClassStats class_stats;
    CHECK_RESULT(slab_stats_class(alloc, i, &class_stats), SLAB_OK);
#define U64(scope, name, kind) ONLY_CLASS_##scope(name)
#define F64(scope, name, kind) ONLY_CLASS_##scope(name)
#define ONLY_CLASS_TOP(name)
#define ONLY_CLASS_CLASS(name) ROW_CLASS(name)
#define ONLY_CLASS_EPOCH(name)
#define ONLY_CLASS_CLOSE(name)
#include "temporal_slab_fields.def"
#undef U64
#undef F64
  }
  for (uint32_t i = 0; i < SLAB_EPOCH_COUNT; i++) {
    SlabEpochStats epoch;
    CHECK_RESULT(slab_stats_epoch(alloc, i, &epoch), SLAB_OK);
    CHECK_TEXT(epoch.label, snapshot.epochs[i].label);
    CHECK_U64(epoch.label_id, snapshot.epochs[i].label_id);
    CHECK_U64(epoch.state, snapshot.epochs[i].state);
#define U64(scope, name, kind) ONLY_EPOCH_##scope(name)
#define F64(scope, name, kind) ONLY_EPOCH_##scope(name)
#define ONLY_EPOCH_TOP(name)
#define ONLY_EPOCH_CLASS(name)
#define ONLY_EPOCH_EPOCH(name) ROW_EPOCH(name)
#define ONLY_EPOCH_CLOSE(name)
#include "temporal_slab_fields.def"
#undef U64
#undef F64
  }
  slab_allocator_free(alloc);
}

static void the_top_level_describes_the_process(void) {
  SlabAllocator *alloc = slab_allocator_create(), *second = slab_allocator_create();
  take(alloc);
  CHECK_U64(snapshot.global.pid, (uint64_t)getpid());
  CHECK_U64(snapshot.global.page_size, (uint64_t)sysconf(_SC_PAGESIZE));
  CHECK_U64(snapshot.global.slab_bytes % snapshot.global.page_size, 0);
  CHECK(snapshot.global.rss_bytes_current > 0);
  CHECK(!snapshot.global.ever_closed);
#ifdef ENABLE_LABEL_CONTENTION
  CHECK(snapshot.global.label_contention);
#else
  CHECK(!snapshot.global.label_contention);
#endif
  uint64_t instance = snapshot.global.instance;
  CHECK(instance >= 1);
  CHECK(take(second)->global.instance > instance);
  slab_allocator_free(second);
  slab_allocator_free(alloc);
}

/* A new instance has counted nothing; taking snapshots counts nothing either. */
static void reading_changes_nothing(void) {
  SlabAllocator *alloc = slab_allocator_create();
  for (int i = 0; i < 100; i++) CHECK(slab_malloc_epoch(alloc, 64, 0) != NULL);
  before = *take(alloc);
  for (int i = 0; i < 10; i++) take(alloc);
#define SAME_TOP(name, kind) SAME(#name, snapshot.global.name, before.global.name)
#define SAME_CLASS(name, kind) \
  for (int i = 0; i < SLAB_CLASS_COUNT; i++) { SAME(#name, snapshot.classes[i].name, before.classes[i].name) }
#define SAME_EPOCH(name, kind) \
  for (int i = 0; i < SLAB_EPOCH_COUNT; i++) { SAME(#name, snapshot.epochs[i].name, before.epochs[i].name) }
#define SAME_CLOSE(name, kind)
#define U64(scope, name, kind) SAME_##scope(name, kind)
#define F64(scope, name, kind) SAME_##scope(name, kind)
#include "temporal_slab_fields.def"
#undef U64
#undef F64
  slab_allocator_free(alloc);
}

static void a_slab_moves_between_partial_and_full(void) {
  enum { SLABS = 12, FREED = 10 };
  SlabAllocator *alloc = slab_allocator_create();
  uint64_t slots = take(alloc)->classes[7].slots_per_slab;
  SlabHandle *handles = calloc(SLABS * slots, sizeof *handles), spare;
  for (uint64_t i = 0; i < SLABS * slots; i++) CHECK(alloc_obj_epoch(alloc, 768, 0, &handles[i]) != NULL);
  CHECK_U64(take(alloc)->classes[7].net_slabs, SLABS);
  CHECK(alloc_obj_epoch(alloc, 768, 0, &spare) != NULL); /* a slab is known to be full once it had to be passed over */
  take(alloc);
  CHECK_U64(snapshot.classes[7].net_slabs, SLABS + 1);
  CHECK_U64(snapshot.classes[7].total_full_slabs, SLABS);
  CHECK_U64(snapshot.classes[7].list_move_partial_to_full, SLABS);
  CHECK_U64(snapshot.classes[7].pinned_waste_bytes, (slots - 1) * 768);
  CHECK_U64(snapshot.epochs[0].total_full_slabs, SLABS);
  CHECK(free_obj(alloc, handles[0]));
  take(alloc);
  CHECK_U64(snapshot.classes[7].total_full_slabs, SLABS); /* the slot is at hand, which its slab does not know */
  CHECK_U64(snapshot.classes[7].pinned_waste_bytes, slots * 768);
  for (uint64_t i = 1; i < FREED * slots; i++) CHECK(free_obj(alloc, handles[i]));
  take(alloc);
  uint64_t moved = snapshot.classes[7].list_move_full_to_partial; /* their slots were more than a thread has at hand */
  CHECK(moved > 0 && moved <= FREED);
  CHECK_U64(snapshot.classes[7].total_full_slabs, SLABS - moved);
  CHECK_U64(snapshot.classes[7].total_partial_slabs, moved + 1);
  CHECK(snapshot.classes[7].total_reclaimable_slabs > 0 && snapshot.classes[7].total_reclaimable_slabs <= moved);
  CHECK_U64(snapshot.classes[7].pinned_waste_bytes, (FREED * slots + slots - 1 - snapshot.classes[7].total_reclaimable_slabs * slots) * 768);
  CHECK_U64(snapshot.epochs[0].pinned_waste_bytes, snapshot.classes[7].pinned_waste_bytes);
  for (uint64_t i = FREED * slots; i < SLABS * slots; i++) CHECK(free_obj(alloc, handles[i]));
  CHECK(free_obj(alloc, spare));
  take(alloc);
  CHECK_U64(snapshot.global.net_slabs, snapshot.classes[7].total_reclaimable_slabs);
  free(handles);
  slab_allocator_free(alloc);
}

/* New slabs come from a mapping (a miss) or from what was freed before; all of it adds up. */
static void slabs_are_accounted_from_birth_to_cache(void) {
  SlabAllocator *alloc = slab_allocator_create();
  enum { COUNT = 20000 };
  static SlabHandle handles[COUNT];
  for (int i = 0; i < COUNT; i++) CHECK(alloc_obj_epoch(alloc, 256, 0, &handles[i]) != NULL);
  take(alloc);
  const SlabClassStats *c = &snapshot.classes[4];
  uint64_t needed = (COUNT + c->slots_per_slab - 1) / c->slots_per_slab;
  CHECK_U64(c->net_slabs, needed);
  CHECK(c->new_slab_count >= needed);
  CHECK(c->slow_path_cache_miss >= 1); /* memory had to be mapped */
  CHECK(c->slow_path_hits >= needed);
  CHECK(c->slow_path_hits <= 4 * needed);
  uint64_t born = c->new_slab_count;
  for (int i = 0; i < COUNT; i++) CHECK(free_obj(alloc, handles[i]));
  CHECK_RESULT(epoch_close(alloc, 0), SLAB_OK);
  take(alloc);
  CHECK_U64(c->net_slabs, 0);
  CHECK(c->empty_slab_recycled + c->empty_slab_overflowed >= needed); /* some went to the cache first, on from there at the close */
  CHECK_U64(c->empty_slab_overflowed, c->cache_overflow_len);
  CHECK_U64(c->cache_size + c->cache_overflow_len, c->slabs_mapped);
  CHECK(c->madvise_calls >= 1);
  CHECK(c->madvise_bytes >= (needed - c->cache_capacity) * snapshot.global.slab_bytes);
  CHECK_U64(c->epoch_close_calls, 1);
  CHECK(c->epoch_close_recycled_slabs <= needed);
  CHECK(c->epoch_close_total_ns > 0);
  EpochId next = epoch_advance(alloc);
  for (int i = 0; i < COUNT; i++) CHECK(alloc_obj_epoch(alloc, 256, next, &handles[i]) != NULL);
  take(alloc);
  CHECK_U64(c->new_slab_count, born); /* everything came from the cache and the overflow list */
  CHECK_U64(c->net_slabs, needed);
  slab_allocator_free(alloc);
}

typedef struct RemoteFree {
  SlabAllocator *alloc;
  SlabHandle *handles;
  int count;
} RemoteFree;

static void free_remotely(void *argument) {
  RemoteFree *work = argument;
  for (int i = 0; i < work->count; i++) CHECK(free_obj(work->alloc, work->handles[i]));
}

static void remote_frees_are_counted(void) {
  SlabAllocator *alloc = slab_allocator_create();
  enum { COUNT = 1000 };
  SlabHandle handles[COUNT];
  for (int i = 0; i < COUNT; i++) CHECK(alloc_obj_epoch(alloc, 96, 0, &handles[i]) != NULL);
  Actor other;
  actor_start(&other);
  RemoteFree work = {alloc, handles, COUNT / 2};
  actor_call(&other, free_remotely, &work);
  for (int i = COUNT / 2; i < COUNT; i++) CHECK(free_obj(alloc, handles[i]));
  laws_check_allocator(alloc, 0, &snapshot);
  CHECK_U64(snapshot.classes[1].remote_frees, COUNT / 2);
  CHECK_U64(snapshot.global.total_remote_frees, COUNT / 2);
  CHECK_U64(snapshot.classes[1].bitmap_free_attempts, COUNT);
  actor_stop(&other);
  slab_allocator_free(alloc);
}

static void threads_are_counted_while_they_live(void) {
  SlabAllocator *alloc = slab_allocator_create();
  CHECK(slab_malloc_epoch(alloc, 64, 0) != NULL);
  CHECK_U64(take(alloc)->global.thread_count, 1);
  enum { THREADS = 5 };
  Actor actors[THREADS];
  SlabHandle handle;
  for (int i = 0; i < THREADS; i++) {
    actor_start(&actors[i]);
    CHECK(alloc_obj_epoch(alloc, 64, 0, &handle) != NULL);
    RemoteFree work = {alloc, &handle, 1};
    actor_call(&actors[i], free_remotely, &work);
  }
  CHECK(take(alloc)->global.thread_count <= THREADS + 1);
  for (int i = 0; i < THREADS; i++) actor_stop(&actors[i]);
  CHECK_U64(take(alloc)->global.thread_count, 1);
  slab_allocator_free(alloc);
}

static void close_is_measured(void) {
  SlabAllocator *alloc = slab_allocator_create();
  enum { COUNT = 20000 };
  static SlabHandle handles[COUNT];
  for (int i = 0; i < COUNT; i++) {
    void *object = alloc_obj_epoch(alloc, 512, 0, &handles[i]);
    memset(object, 1, 512);
  }
  for (int i = 0; i < COUNT; i++) CHECK(free_obj(alloc, handles[i]));
  CHECK_RESULT(epoch_close(alloc, 0), SLAB_OK);
  take(alloc);
  const SlabEpochStats *e = &snapshot.epochs[0];
  const SlabEpochCloseStats *last = &snapshot.global.last_epoch_close;
  CHECK(snapshot.global.ever_closed);
  CHECK(e->rss_before_close > 0);
  CHECK(e->rss_after_close > 0);
  CHECK(e->madvise_bytes > 0);
  CHECK(e->madvise_bytes <= snapshot.global.total_madvise_bytes); /* some went back before, from the class cache, which knows no epochs */
  CHECK_U64(last->rss_before, e->rss_before_close);
  CHECK_U64(last->rss_after, e->rss_after_close);
  CHECK_U64(last->madvise_bytes, e->madvise_bytes);
  CHECK(last->timestamp_ns >= e->open_since_ns);
  CHECK(last->timestamp_ns <= snapshot.global.timestamp_ns);
  CHECK(e->rss_before_close >= e->rss_after_close + e->madvise_bytes / 2); /* the kernel did take it back */
  slab_allocator_free(alloc);
}

static void read_in_the_midst(void *alloc) {
  intercept_hold_mine(CALL_SLEEP);
  CHECK_RESULT(slab_stats_snapshot(alloc, &snapshot), SLAB_OK);
}

static void allocate_first(void *alloc) { CHECK(slab_malloc_epoch(alloc, 64, 0) != NULL); }

/* As of a thread that the kernel takes off its processor there: the reader gives it time to go on. A thread that is new to the allocator does not wait for the reader. */
static void a_reading_waits_for_a_section_to_end(void) {
  SlabAllocator *alloc = slab_allocator_create();
  Counter *seq = &alloc->counters->classes[3].seq;
  Actor reader, newcomer;
  actor_start(&reader);
  actor_start(&newcomer);
  section_begin(seq);
  actor_begin(&reader, read_in_the_midst, alloc);
  CHECK(intercept_wait_held(60));
  actor_begin(&newcomer, allocate_first, alloc);
  for (int i = 0; i < 1000 && actor_busy(&newcomer); i++) usleep(10 * 1000);
  CHECK(!actor_busy(&newcomer));
  section_end(seq);
  intercept_release();
  actor_wait(&reader);
  CHECK(!snapshot.global.torn);

  section_begin(seq); /* and for no more than some time */
  CHECK_RESULT(slab_stats_snapshot(alloc, &snapshot), SLAB_OK);
  CHECK(snapshot.global.torn);
  section_end(seq);
  actor_stop(&reader);
  actor_stop(&newcomer);
  slab_allocator_free(alloc);
}

enum { STEP_NS = 1000 };

/* An epoch with one object in each of so many slabs of 768 bytes, closed while each look at the clock moves it by step_ns. */
static EpochId close_in_steps(SlabAllocator *alloc, const char *label, uint32_t slabs, uint64_t step_ns) {
  EpochId epoch = epoch_advance(alloc);
  CHECK_RESULT(slab_epoch_set_label(alloc, epoch, label), SLAB_OK);
  uint64_t slots = snapshot.classes[SLAB_CLASS_COUNT - 1].slots_per_slab;
  for (uint64_t i = 0; i < slabs * slots; i++) CHECK(slab_malloc_epoch(alloc, 768, epoch) != NULL);
  intercept_time(step_ns, 0);
  CHECK_RESULT(epoch_close(alloc, epoch), SLAB_OK);
  intercept_time(0, 0);
  return epoch;
}

static void each_epoch_has_its_own_close_time(void) {
  SlabAllocator *alloc = slab_allocator_create();
  take(alloc);
  EpochId large = close_in_steps(alloc, "large", 50, 10 * STEP_NS), small = close_in_steps(alloc, "small", 3, STEP_NS);
  take(alloc);
  const SlabEpochStats *e = snapshot.epochs;
  const SlabGlobalStats *g = &snapshot.global;
  CHECK_U64(e[large].close_ns, 10 * e[small].close_ns); /* as many looks at the clock */
  CHECK_U64(e[large].close_scanned_slabs, 50);
  CHECK_U64(e[small].close_scanned_slabs, 3);
  CHECK_U64(e[0].close_ns, 0);
  uint64_t shares = 0, scanned = 0;
  for (int i = 0; i < SLAB_CLASS_COUNT; i++) shares += snapshot.classes[i].epoch_close_total_ns, scanned += snapshot.classes[i].epoch_close_scanned_slabs;
  CHECK_U64(scanned, 53);
  CHECK(shares > 0 && shares < e[large].close_ns + e[small].close_ns); /* and what concerns no class */

  CHECK_TEXT(g->last_epoch_close.label, "small");
  CHECK_U64(g->last_epoch_close.duration_ns, e[small].close_ns);
  CHECK_U64(g->last_epoch_close.scanned_slabs, 3);
  CHECK_TEXT(g->longest_epoch_close.label, "large");
  CHECK_U64(g->longest_epoch_close.epoch_id, large);
  CHECK_U64(g->longest_epoch_close.epoch_era, e[large].epoch_era);
  CHECK_U64(g->longest_epoch_close.duration_ns, e[large].close_ns);
  CHECK_U64(g->longest_epoch_close.scanned_slabs, 50);

  uint64_t once = e[large].close_ns;
  intercept_time(STEP_NS, 0);
  CHECK_RESULT(epoch_close(alloc, large), SLAB_OK);
  intercept_time(0, 0);
  take(alloc);
  CHECK_U64(snapshot.epochs[large].close_calls, 2);
  CHECK_U64(snapshot.epochs[large].close_ns, once + once / 10);
  CHECK_U64(snapshot.epochs[large].close_scanned_slabs, 100);
  CHECK_U64(snapshot.global.longest_epoch_close.duration_ns, once); /* each close by itself */
  slab_allocator_free(alloc);
}

static void an_epoch_opened_anew_has_not_been_closed(void) {
  SlabAllocator *alloc = slab_allocator_create();
  take(alloc);
  CHECK_RESULT(slab_epoch_set_label(alloc, 0, "first"), SLAB_OK);
  CHECK_RESULT(epoch_close(alloc, 0), SLAB_OK);
  CHECK(take(alloc)->epochs[0].close_ns > 0);
  for (int i = 1; i <= SLAB_EPOCH_COUNT; i++) CHECK(epoch_advance(alloc) != EPOCH_INVALID);
  CHECK_U64(take(alloc)->epochs[0].epoch_era, SLAB_EPOCH_COUNT + 1);
  CHECK_U64(snapshot.epochs[0].close_ns, 0);
  CHECK_TEXT(snapshot.global.longest_epoch_close.label, "first"); /* is still told */
  CHECK_U64(snapshot.global.longest_epoch_close.epoch_era, 1);
  slab_allocator_free(alloc);
}

static void the_longest_close_gives_way_after_a_minute(void) {
  const uint64_t SECOND = UINT64_C(1000000000);
  SlabAllocator *alloc = slab_allocator_create();
  const SlabEpochCloseStats *longest = &snapshot.global.longest_epoch_close;
  intercept_time(10 * STEP_NS, 0);
  CHECK_RESULT(epoch_close(alloc, 0), SLAB_OK);
  uint64_t first = take(alloc)->global.longest_epoch_close.duration_ns;
  intercept_time(STEP_NS, 59 * SECOND);
  CHECK_RESULT(epoch_close(alloc, 0), SLAB_OK);
  take(alloc);
  CHECK_U64(longest->duration_ns, first);
  CHECK_U64(snapshot.global.last_epoch_close.duration_ns, first / 10);
  intercept_time(STEP_NS, 61 * SECOND);
  CHECK_RESULT(epoch_close(alloc, 0), SLAB_OK);
  take(alloc);
  CHECK_U64(longest->duration_ns, first / 10);
  CHECK(longest->timestamp_ns == snapshot.global.last_epoch_close.timestamp_ns);
  intercept_time(STEP_NS / 10, 0); /* the wall clock is set back */
  CHECK_RESULT(epoch_close(alloc, 0), SLAB_OK);
  take(alloc);
  CHECK_U64(longest->duration_ns, first / 100);
  intercept_time(0, 0);
  slab_allocator_free(alloc);
}

int main(void) {
  RUN(bad_arguments_are_refused);
  RUN(the_functions_agree);
  RUN(the_top_level_describes_the_process);
  RUN(reading_changes_nothing);
  RUN(a_slab_moves_between_partial_and_full);
  RUN(slabs_are_accounted_from_birth_to_cache);
  RUN(remote_frees_are_counted);
  RUN(threads_are_counted_while_they_live);
  RUN(a_reading_waits_for_a_section_to_end);
  RUN(close_is_measured);
  RUN(each_epoch_has_its_own_close_time);
  RUN(an_epoch_opened_anew_has_not_been_closed);
  RUN(the_longest_close_gives_way_after_a_minute);
  return check_finish();
}
