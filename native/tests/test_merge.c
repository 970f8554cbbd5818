/* epoch_merge: what still lives in one closed epoch becomes another's, and a ring of 16 lasts. */
#include <stdlib.h>

#include "actor.h"
#include "check.h"
#include "laws.h"
#include "payload.h"

static SlabSnapshot snapshot;

static SlabSnapshot *take(SlabAllocator *alloc) {
  CHECK_RESULT(slab_stats_snapshot(alloc, &snapshot), SLAB_OK);
  laws_check_at_rest(&snapshot, NULL, NULL);
  return &snapshot;
}

static void bad_arguments_are_refused(void) {
  SlabAllocator *alloc = slab_allocator_create();
  CHECK_U64(epoch_advance(alloc), 1);
  CHECK_RESULT(epoch_merge(NULL, 0, 1), SLAB_ERR_ARGUMENT);
  CHECK_RESULT(epoch_merge(alloc, 1, 1), SLAB_ERR_ARGUMENT);
  CHECK_RESULT(epoch_merge(alloc, SLAB_EPOCH_COUNT, 1), SLAB_ERR_ARGUMENT);
  CHECK_RESULT(epoch_merge(alloc, 0, EPOCH_INVALID), SLAB_ERR_ARGUMENT);
  CHECK_RESULT(epoch_merge(alloc, 0, 5), SLAB_ERR_CLOSED); /* never opened */
  CHECK_RESULT(epoch_merge(alloc, 5, 0), SLAB_ERR_CLOSED);
  CHECK_RESULT(epoch_merge(alloc, 0, 1), SLAB_ERR_BUSY); /* both ACTIVE */
  CHECK_RESULT(epoch_close(alloc, 0), SLAB_OK);
  CHECK_RESULT(epoch_merge(alloc, 0, 1), SLAB_ERR_BUSY);
  CHECK_RESULT(epoch_merge(alloc, 1, 0), SLAB_ERR_BUSY);
  CHECK_RESULT(slab_epoch_inc_refcount(alloc, 1), SLAB_OK);
  CHECK_RESULT(epoch_close(alloc, 1), SLAB_OK);
  CHECK_RESULT(epoch_merge(alloc, 1, 0), SLAB_ERR_BUSY); /* somebody is inside the first */
  CHECK_RESULT(epoch_merge(alloc, 0, 1), SLAB_OK);       /* into it is fine */
  CHECK_RESULT(slab_epoch_dec_refcount(alloc, 1), SLAB_OK);
  CHECK_RESULT(epoch_merge(alloc, 1, 0), SLAB_OK);
  take(alloc);
  slab_allocator_free(alloc);
}

enum { COUNT = 2000 };
static SlabHandle handles[SLAB_EPOCH_COUNT][COUNT];
static void *objects[SLAB_EPOCH_COUNT][COUNT];

static uint32_t size_of(int i) { return 1 + (uint32_t)(i * 37) % 768; }

static void fill(SlabAllocator *alloc, EpochId epoch, int set) {
  for (int i = 0; i < COUNT; i++) {
    objects[set][i] = alloc_obj_epoch(alloc, size_of(i), epoch, &handles[set][i]);
    if (!CHECK(objects[set][i] != NULL)) return;
    payload_stamp(objects[set][i], size_of(i), handles[set][i]);
  }
}

static void drain(SlabAllocator *alloc, int set, int first, int step) {
  for (int i = first; i < COUNT; i += step) {
    CHECK(payload_intact(objects[set][i], size_of(i), handles[set][i]));
    CHECK(free_obj(alloc, handles[set][i]));
    CHECK(!free_obj(alloc, handles[set][i]));
  }
}

static void objects_move_and_keep_their_handles(void) {
  SlabAllocator *alloc = slab_allocator_create();
  CHECK_U64(epoch_advance(alloc), 1);
  fill(alloc, 0, 0);
  fill(alloc, 1, 1);
  CHECK_RESULT(slab_epoch_set_label(alloc, 1, "kept"), SLAB_OK);
  CHECK_RESULT(epoch_close(alloc, 0), SLAB_OK);
  CHECK_RESULT(epoch_close(alloc, 1), SLAB_OK);
  drain(alloc, 0, 0, 2);
  uint64_t waste = take(alloc)->epochs[0].pinned_waste_bytes + snapshot.epochs[1].pinned_waste_bytes;
  uint64_t bytes = snapshot.epochs[0].live_bytes + snapshot.epochs[1].live_bytes;
  CHECK_RESULT(epoch_merge(alloc, 0, 1), SLAB_OK);
  take(alloc);
  CHECK_U64(snapshot.epochs[0].live_objects, 0);
  CHECK_U64(snapshot.epochs[0].total_partial_slabs + snapshot.epochs[0].total_full_slabs, 0);
  CHECK_U64(snapshot.epochs[1].live_objects, COUNT + COUNT / 2);
  CHECK_U64(snapshot.epochs[1].live_bytes, bytes);
  CHECK_U64(snapshot.epochs[1].pinned_waste_bytes, waste);
  CHECK_U64(snapshot.epochs[1].epoch_era, 2);
  CHECK_TEXT(snapshot.epochs[1].label, "kept");
  drain(alloc, 0, 1, 2);
  CHECK_U64(take(alloc)->epochs[1].live_objects, COUNT);
  drain(alloc, 1, 0, 1);
  take(alloc);
  CHECK_U64(snapshot.epochs[1].live_objects, 0);
  CHECK_U64(snapshot.global.net_slabs, 0); /* drained: given back, wherever they were born */
  slab_allocator_free(alloc);
}

static void the_freed_slot_opens_again(void) {
  SlabAllocator *alloc = slab_allocator_create();
  for (EpochId e = 0; e < SLAB_EPOCH_COUNT; e++) {
    if (e) CHECK_U64(epoch_advance(alloc), e);
    fill(alloc, e, (int)e);
    CHECK_RESULT(epoch_close(alloc, e), SLAB_OK);
  }
  CHECK_U64(epoch_advance(alloc), EPOCH_INVALID);
  for (EpochId e = 1; e < SLAB_EPOCH_COUNT; e++) CHECK_RESULT(epoch_merge(alloc, e, 0), SLAB_OK);
  CHECK_U64(take(alloc)->epochs[0].live_objects, SLAB_EPOCH_COUNT * COUNT);
  for (EpochId e = 1; e < SLAB_EPOCH_COUNT; e++) {
    CHECK_U64(epoch_advance(alloc), e);
    CHECK(slab_malloc_epoch(alloc, 64, e) != NULL);
    CHECK_U64(take(alloc)->epochs[e].live_objects, 1);
  }
  CHECK_U64(epoch_advance(alloc), EPOCH_INVALID); /* 0 holds the old ones */
  for (int set = 0; set < SLAB_EPOCH_COUNT; set++) drain(alloc, set, 0, 1);
  CHECK_U64(take(alloc)->epochs[0].live_objects, 0);
  CHECK_U64(epoch_advance(alloc), 0);
  slab_allocator_free(alloc);
}

/* Chains and rings of merges, with frees by another thread between them. */
static void merged_epochs_may_be_merged_again(void) {
  SlabAllocator *alloc = slab_allocator_create();
  for (EpochId e = 0; e < 4; e++) {
    if (e) CHECK_U64(epoch_advance(alloc), e);
    fill(alloc, e, (int)e);
    CHECK_RESULT(epoch_close(alloc, e), SLAB_OK);
  }
  for (int round = 0; round < 10; round++)
    for (EpochId e = 0; e < 4; e++) {
      drain(alloc, (int)e, round * 4 + (int)e, 40 * 4);
      CHECK_RESULT(epoch_merge(alloc, e, (e + 1) % 4), SLAB_OK);
      take(alloc);
      CHECK_U64(snapshot.epochs[e].live_objects, 0);
    }
  slab_allocator_free(alloc);
}

int main(void) {
  RUN(bad_arguments_are_refused);
  RUN(objects_move_and_keep_their_handles);
  RUN(the_freed_slot_opens_again);
  RUN(merged_epochs_may_be_merged_again);
  return check_finish();
}
