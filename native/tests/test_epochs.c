/* The ring: eras, CLOSING, which slots epoch_advance takes and when it refuses; reference counts. */
#include <stdlib.h>

#include "actor.h"
#include "check.h"
#include "laws.h"

static SlabSnapshot snapshot;

static SlabSnapshot *take(SlabAllocator *alloc) {
  CHECK_RESULT(slab_stats_snapshot(alloc, &snapshot), SLAB_OK);
  laws_check_at_rest(&snapshot, NULL, NULL);
  return &snapshot;
}

static void a_new_instance_has_epoch_0_open(void) {
  SlabAllocator *alloc = slab_allocator_create();
  CHECK_U64(epoch_current(alloc), 0);
  CHECK_U64(epoch_era(alloc, 0), 1);
  for (EpochId e = 1; e < SLAB_EPOCH_COUNT; e++) {
    CHECK_U64(epoch_era(alloc, e), 0);
    CHECK_RESULT(epoch_close(alloc, e), SLAB_ERR_CLOSED);
    CHECK(slab_malloc_epoch(alloc, 64, e) == NULL);
  }
  CHECK_U64(epoch_era(alloc, SLAB_EPOCH_COUNT), 0);
  CHECK_U64(epoch_era(alloc, EPOCH_INVALID), 0);
  CHECK_RESULT(epoch_close(alloc, SLAB_EPOCH_COUNT), SLAB_ERR_ARGUMENT);
  CHECK_RESULT(epoch_close(alloc, EPOCH_INVALID), SLAB_ERR_ARGUMENT);
  take(alloc);
  CHECK_U64(snapshot.global.active_epoch_count, 1);
  CHECK_U64(snapshot.global.closing_epoch_count, SLAB_EPOCH_COUNT - 1); /* never opened: nothing can be allocated there */
  slab_allocator_free(alloc);
}

static void eras_rise_by_one_for_ever(void) {
  SlabAllocator *alloc = slab_allocator_create();
  uint64_t era = 1;
  for (int i = 0; i < 1000; i++) {
    EpochId before = epoch_current(alloc);
    EpochId opened = epoch_advance(alloc);
    if (!CHECK(opened < SLAB_EPOCH_COUNT)) return;
    CHECK_U64(opened, (before + 1) % SLAB_EPOCH_COUNT);
    CHECK_U64(epoch_era(alloc, opened), ++era);
    CHECK_U64(epoch_current(alloc), opened);
    CHECK_RESULT(epoch_close(alloc, before), SLAB_OK);
    CHECK_U64(epoch_era(alloc, before), era - 1); /* closing does not change the incarnation */
  }
  take(alloc);
  CHECK_U64(snapshot.global.epoch_advances, 1000);
  CHECK_U64(snapshot.global.epoch_slots_skipped, 0);
  CHECK_U64(snapshot.global.epoch_advances_refused, 0);
  CHECK_U64(snapshot.global.active_epoch_count, 1);
  slab_allocator_free(alloc);
}

static void closing_refuses_allocation_and_counts_it_as_a_slow_path_hit(void) {
  SlabAllocator *alloc = slab_allocator_create();
  SlabHandle survivor;
  CHECK(alloc_obj_epoch(alloc, 64, 0, &survivor) != NULL); /* the thread now has a current slab there */
  CHECK_RESULT(epoch_close(alloc, 0), SLAB_OK);
  take(alloc);
  uint64_t hits = snapshot.classes[0].slow_path_hits;
  for (int i = 0; i < 5; i++) {
    SlabHandle handle = 7;
    CHECK(alloc_obj_epoch(alloc, 64, 0, &handle) == NULL);
    CHECK_U64(handle, 0);
    CHECK(slab_malloc_epoch(alloc, 64, 0) == NULL);
  }
  CHECK(slab_malloc_epoch(alloc, 700, 0) == NULL);
  take(alloc);
  CHECK_U64(snapshot.classes[0].slow_path_epoch_closed, 10);
  CHECK_U64(snapshot.classes[0].slow_path_hits, hits + 10);
  CHECK_U64(snapshot.classes[7].slow_path_epoch_closed, 1);
  CHECK_U64(snapshot.classes[7].slow_path_hits, 1);
  CHECK_U64(snapshot.global.total_slow_epoch_closed, 11);
  CHECK_U64(snapshot.global.total_alloc_failures, 0); /* refused, not out of memory */
  CHECK_U64(snapshot.epochs[0].live_objects, 1);
  CHECK(free_obj(alloc, survivor));
  slab_allocator_free(alloc);
}

static void close_in_thread(void *alloc) { CHECK_RESULT(epoch_close(alloc, 0), SLAB_OK); }

/* The owner's fast path must learn of a close by somebody else. */
static void closing_by_another_thread_stops_the_owner(void) {
  SlabAllocator *alloc = slab_allocator_create();
  Actor other;
  actor_start(&other);
  for (int i = 0; i < 10; i++) CHECK(slab_malloc_epoch(alloc, 64, 0) != NULL);
  actor_call(&other, close_in_thread, alloc);
  for (int i = 0; i < 10; i++) CHECK(slab_malloc_epoch(alloc, 64, 0) == NULL);
  take(alloc);
  CHECK_U64(snapshot.classes[0].slow_path_epoch_closed, 10);
  CHECK_U64(snapshot.epochs[0].live_objects, 10);
  actor_stop(&other);
  slab_allocator_free(alloc);
}

static void closing_may_be_repeated(void) {
  SlabAllocator *alloc = slab_allocator_create();
  for (int i = 1; i <= 3; i++) {
    CHECK_RESULT(epoch_close(alloc, 0), SLAB_OK);
    take(alloc);
    CHECK_U64(snapshot.epochs[0].close_calls, i);
    CHECK_U64(snapshot.epochs[0].epoch_era, 1);
    CHECK(snapshot.global.ever_closed);
    CHECK_U64(snapshot.global.last_epoch_close.epoch_id, 0);
    CHECK_U64(snapshot.global.last_epoch_close.epoch_era, 1);
  }
  CHECK_U64(epoch_advance(alloc), 1);
  CHECK(slab_malloc_epoch(alloc, 64, 1) != NULL);
  CHECK_U64(take(alloc)->epochs[1].close_calls, 0);
  slab_allocator_free(alloc);
}

static void a_full_ring_refuses_and_recovers(void) {
  SlabAllocator *alloc = slab_allocator_create();
  for (EpochId e = 1; e < SLAB_EPOCH_COUNT; e++) CHECK_U64(epoch_advance(alloc), e);
  for (int i = 0; i < 3; i++) CHECK_U64(epoch_advance(alloc), EPOCH_INVALID);
  CHECK_U64(epoch_current(alloc), SLAB_EPOCH_COUNT - 1);
  take(alloc);
  CHECK_U64(snapshot.global.epoch_advances, SLAB_EPOCH_COUNT - 1);
  CHECK_U64(snapshot.global.epoch_advances_refused, 3);
  CHECK_U64(snapshot.global.active_epoch_count, SLAB_EPOCH_COUNT);
  CHECK(slab_malloc_epoch(alloc, 64, epoch_current(alloc)) != NULL); /* the current one still serves */

  uint64_t skipped = snapshot.global.epoch_slots_skipped;
  CHECK_RESULT(epoch_close(alloc, 9), SLAB_OK);
  CHECK_U64(epoch_advance(alloc), 9);
  CHECK_U64(epoch_era(alloc, 9), SLAB_EPOCH_COUNT + 1);
  take(alloc);
  CHECK_U64(snapshot.global.epoch_slots_skipped, skipped + 9); /* 0 … 8 are ACTIVE */
  CHECK_U64(epoch_advance(alloc), EPOCH_INVALID);
  slab_allocator_free(alloc);
}

/* The current epoch itself may be closed: allocation waits for the next advance, which may even take the same slot again. */
static void the_current_epoch_may_be_closed(void) {
  SlabAllocator *alloc = slab_allocator_create();
  CHECK_RESULT(epoch_close(alloc, 0), SLAB_OK);
  CHECK_U64(epoch_current(alloc), 0);
  CHECK(slab_malloc_epoch(alloc, 64, epoch_current(alloc)) == NULL);
  EpochId opened = epoch_advance(alloc);
  CHECK_U64(opened, 1);
  CHECK(slab_malloc_epoch(alloc, 64, opened) != NULL);
  slab_allocator_free(alloc);
}

/* A CLOSING slot that still has an object inside is stepped over until it is gone, and shows that object under its own era. */
static void survivors_keep_their_slot(void) {
  SlabAllocator *alloc = slab_allocator_create();
  SlabHandle survivor;
  CHECK(alloc_obj_epoch(alloc, 200, 0, &survivor) != NULL);
  CHECK_RESULT(epoch_close(alloc, 0), SLAB_OK);
  for (int round = 0; round < 3 * SLAB_EPOCH_COUNT; round++) {
    EpochId opened = epoch_advance(alloc);
    CHECK(opened != 0 && opened != EPOCH_INVALID);
    CHECK(slab_malloc_epoch(alloc, 200, 0) == NULL);
    CHECK_RESULT(epoch_close(alloc, opened), SLAB_OK);
  }
  take(alloc);
  CHECK_U64(snapshot.epochs[0].epoch_era, 1);
  CHECK_U64(snapshot.epochs[0].live_objects, 1);
  CHECK(snapshot.epochs[0].state == SLAB_EPOCH_CLOSING);
  CHECK(snapshot.global.epoch_slots_skipped >= 3);
  CHECK(free_obj(alloc, survivor));
  CHECK_U64(take(alloc)->epochs[0].total_partial_slabs, 0); /* drained: its slab went back at once */
  bool taken_again = false;
  for (int round = 0; round < SLAB_EPOCH_COUNT; round++) {
    EpochId opened = epoch_advance(alloc);
    taken_again |= opened == 0;
    CHECK_RESULT(epoch_close(alloc, opened), SLAB_OK);
  }
  CHECK(taken_again);
  slab_allocator_free(alloc);
}

static void a_ring_full_of_survivors_refuses_and_recovers(void) {
  SlabAllocator *alloc = slab_allocator_create();
  SlabHandle survivors[SLAB_EPOCH_COUNT];
  for (EpochId e = 0; e < SLAB_EPOCH_COUNT; e++) {
    if (e) CHECK_U64(epoch_advance(alloc), e);
    CHECK(alloc_obj_epoch(alloc, 64, e, &survivors[e]) != NULL);
    CHECK_RESULT(epoch_close(alloc, e), SLAB_OK);
  }
  CHECK_U64(epoch_advance(alloc), EPOCH_INVALID);
  CHECK_U64(take(alloc)->global.epoch_advances_refused, 1);
  CHECK_U64(snapshot.global.active_epoch_count, 0);
  CHECK(free_obj(alloc, survivors[6]));
  CHECK_U64(epoch_advance(alloc), 6);
  CHECK(slab_malloc_epoch(alloc, 64, 6) != NULL);
  CHECK_U64(epoch_advance(alloc), EPOCH_INVALID);
  slab_allocator_free(alloc);
}

static void a_refcount_keeps_its_slot(void) {
  SlabAllocator *alloc = slab_allocator_create();
  CHECK_RESULT(slab_epoch_inc_refcount(alloc, 0), SLAB_OK);
  CHECK_RESULT(epoch_close(alloc, 0), SLAB_OK);
  for (int round = 0; round < 2 * SLAB_EPOCH_COUNT; round++) {
    EpochId opened = epoch_advance(alloc);
    CHECK(opened != 0 && opened != EPOCH_INVALID);
    CHECK_RESULT(epoch_close(alloc, opened), SLAB_OK);
  }
  CHECK_U64(take(alloc)->epochs[0].refcount, 1);
  CHECK_RESULT(slab_epoch_dec_refcount(alloc, 0), SLAB_OK); /* leaving a CLOSING epoch is always possible */
  CHECK_RESULT(slab_epoch_dec_refcount(alloc, 0), SLAB_ERR_UNDERFLOW);
  bool taken_again = false;
  for (int round = 0; round < SLAB_EPOCH_COUNT; round++) {
    EpochId opened = epoch_advance(alloc);
    taken_again |= opened == 0;
    CHECK_RESULT(epoch_close(alloc, opened), SLAB_OK);
  }
  CHECK(taken_again);
  slab_allocator_free(alloc);
}

static void refcounts_refuse_what_cannot_be(void) {
  SlabAllocator *alloc = slab_allocator_create();
  CHECK_RESULT(slab_epoch_dec_refcount(alloc, 0), SLAB_ERR_UNDERFLOW);
  CHECK_RESULT(slab_epoch_inc_refcount(alloc, 1), SLAB_ERR_CLOSED); /* never opened */
  CHECK_RESULT(slab_epoch_inc_refcount(alloc, SLAB_EPOCH_COUNT), SLAB_ERR_ARGUMENT);
  CHECK_RESULT(slab_epoch_dec_refcount(alloc, EPOCH_INVALID), SLAB_ERR_ARGUMENT);
  CHECK_RESULT(slab_epoch_inc_refcount(NULL, 0), SLAB_ERR_ARGUMENT);
  CHECK_RESULT(slab_epoch_dec_refcount(NULL, 0), SLAB_ERR_ARGUMENT);
  for (int i = 0; i < 100000; i++) CHECK_RESULT(slab_epoch_inc_refcount(alloc, 0), SLAB_OK);
  CHECK_U64(take(alloc)->epochs[0].refcount, 100000);
  for (int i = 0; i < 100000; i++) CHECK_RESULT(slab_epoch_dec_refcount(alloc, 0), SLAB_OK);
  CHECK_RESULT(slab_epoch_dec_refcount(alloc, 0), SLAB_ERR_UNDERFLOW);
  take(alloc);
  CHECK_U64(snapshot.epochs[0].refcount, 0);
  CHECK_U64(snapshot.global.domain_misuses, 2); /* the two below 0 */
  CHECK_RESULT(epoch_close(alloc, 0), SLAB_OK);
  CHECK_RESULT(slab_epoch_inc_refcount(alloc, 0), SLAB_ERR_CLOSED);
  slab_allocator_free(alloc);
}

/* Counts are by epoch: many sizes in three epochs, a known part freed, one epoch closed. */
static void objects_are_counted_in_their_own_epoch(void) {
  SlabAllocator *alloc = slab_allocator_create();
  CHECK_U64(epoch_advance(alloc), 1);
  CHECK_U64(epoch_advance(alloc), 2);
  enum { COUNT = 3000 };
  static SlabHandle handles[3][COUNT];
  static const uint32_t sizes[SLAB_CLASS_COUNT] = {64, 96, 128, 192, 256, 384, 512, 768};
  uint64_t by_class[SLAB_CLASS_COUNT] = {0}, by_epoch[SLAB_EPOCH_COUNT] = {0}, bytes[3] = {0};
  for (EpochId e = 0; e < 3; e++)
    for (int i = 0; i < COUNT; i++) {
      int c = (i * 5 + (int)e) % SLAB_CLASS_COUNT;
      CHECK(alloc_obj_epoch(alloc, sizes[c], e, &handles[e][i]) != NULL);
      by_class[c]++, by_epoch[e]++, bytes[e] += sizes[c];
    }
  CHECK_RESULT(epoch_close(alloc, 1), SLAB_OK);
  for (EpochId e = 0; e < 3; e++)
    for (int i = 0; i < COUNT; i += (int)e + 2) {
      int c = (i * 5 + (int)e) % SLAB_CLASS_COUNT;
      CHECK(free_obj(alloc, handles[e][i]));
      by_class[c]--, by_epoch[e]--, bytes[e] -= sizes[c];
    }
  CHECK_RESULT(slab_stats_snapshot(alloc, &snapshot), SLAB_OK);
  laws_check_at_rest(&snapshot, by_class, by_epoch);
  for (EpochId e = 0; e < 3; e++) CHECK_U64(snapshot.epochs[e].live_bytes, bytes[e]);
  slab_allocator_free(alloc);
}

/* Some epochs are kept by a survivor. What a thread needs for slots at hand passes from the ones that are gone to the next. */
static void epochs_that_are_gone_leave_no_metadata_behind(void) {
  static const uint32_t sizes[SLAB_CLASS_COUNT] = {64, 96, 128, 192, 256, 384, 512, 768};
  enum { ROUNDS = 200, OBJECTS = 300, KEPT = 2, FEW = 8 };
  static SlabHandle handles[SLAB_CLASS_COUNT * OBJECTS];
  SlabHandle kept[KEPT] = {0};
  SlabAllocator *alloc = slab_allocator_create();
  uint64_t metadata = 0;
  for (int round = 0; round < ROUNDS; round++) {
    EpochId e = epoch_advance(alloc);
    CHECK(e != EPOCH_INVALID);
    for (int i = 0; i < SLAB_CLASS_COUNT * OBJECTS; i++) CHECK(alloc_obj_epoch(alloc, sizes[i % SLAB_CLASS_COUNT], e, &handles[i]) != NULL);
    int first = round % 2;
    if (first) {
      CHECK(round < 2 * KEPT || free_obj(alloc, kept[round / 2 % KEPT]));
      kept[round / 2 % KEPT] = handles[0];
    }
    for (int i = first; i < SLAB_CLASS_COUNT * OBJECTS; i++) CHECK(free_obj(alloc, handles[i]));
    CHECK_RESULT(epoch_close(alloc, e), SLAB_OK);
    for (int i = first; i < SLAB_CLASS_COUNT * OBJECTS; i++) CHECK(!free_obj(alloc, handles[i]));
    if (round == FEW) metadata = take(alloc)->global.metadata_bytes;
  }
  CHECK_U64(take(alloc)->global.metadata_bytes, metadata);
  CHECK_U64(snapshot.classes[0].live_objects, KEPT);
  CHECK_U64(snapshot.classes[1].net_slabs, 0);
  slab_allocator_free(alloc);
}

static void null_instances_are_refused(void) {
  CHECK_U64(epoch_current(NULL), EPOCH_INVALID);
  CHECK_U64(epoch_advance(NULL), EPOCH_INVALID);
  CHECK_RESULT(epoch_close(NULL, 0), SLAB_ERR_ARGUMENT);
  CHECK_U64(epoch_era(NULL, 0), 0);
}

int main(void) {
  RUN(a_new_instance_has_epoch_0_open);
  RUN(eras_rise_by_one_for_ever);
  RUN(closing_refuses_allocation_and_counts_it_as_a_slow_path_hit);
  RUN(closing_by_another_thread_stops_the_owner);
  RUN(closing_may_be_repeated);
  RUN(a_full_ring_refuses_and_recovers);
  RUN(the_current_epoch_may_be_closed);
  RUN(survivors_keep_their_slot);
  RUN(a_ring_full_of_survivors_refuses_and_recovers);
  RUN(a_refcount_keeps_its_slot);
  RUN(refcounts_refuse_what_cannot_be);
  RUN(objects_are_counted_in_their_own_epoch);
  RUN(epochs_that_are_gone_leave_no_metadata_behind);
  RUN(null_instances_are_refused);
  return check_finish();
}
