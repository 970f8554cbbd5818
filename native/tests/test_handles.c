/* Frees by handle that must be refused: 0, forged, stale, double, foreign. Refused, counted, harmless. */
#include <stdlib.h>

#include "check.h"
#include "laws.h"
#include "payload.h"
#include "random.h"

static SlabSnapshot snapshot;

static uint64_t refused_frees(SlabAllocator *alloc) {
  slab_stats_snapshot(alloc, &snapshot);
  return snapshot.global.total_invalid_frees + snapshot.global.unattributed_invalid_frees;
}

enum { LIVE = 2000 };
static void *objects[LIVE];
static SlabHandle handles[LIVE];

static void make_live(SlabAllocator *alloc) {
  for (int i = 0; i < LIVE; i++) {
    objects[i] = alloc_obj_epoch(alloc, 1 + (uint32_t)i % SLAB_MAX_OBJECT_BYTES, 0, &handles[i]);
    payload_stamp(objects[i], 1 + (size_t)i % SLAB_MAX_OBJECT_BYTES, handles[i]);
  }
}

static void end_live(SlabAllocator *alloc) {
  for (int i = 0; i < LIVE; i++) {
    CHECK(payload_intact(objects[i], 1 + (size_t)i % SLAB_MAX_OBJECT_BYTES, handles[i]));
    CHECK(free_obj(alloc, handles[i]));
  }
  laws_check_allocator(alloc, 0, &snapshot);
}

static int by_value(const void *a, const void *b) {
  SlabHandle x = *(const SlabHandle *)a, y = *(const SlabHandle *)b;
  return x < y ? -1 : x > y;
}

static void zero_is_never_valid(void) {
  SlabAllocator *alloc = slab_allocator_create();
  CHECK(!free_obj(alloc, 0));
  make_live(alloc);
  CHECK(!free_obj(alloc, 0));
  CHECK_U64(refused_frees(alloc), 2);
  end_live(alloc);
  slab_allocator_free(alloc);
}

static void random_handles_are_refused(void) {
  SlabAllocator *alloc = slab_allocator_create();
  make_live(alloc);
  Random random = random_seeded(2);
  uint64_t tries = check_scaled(1000000);
  for (uint64_t i = 0; i < tries; i++)
    if (!CHECK(!free_obj(alloc, random_u64(&random)))) break;
  CHECK_U64(refused_frees(alloc), tries);
  end_live(alloc);
  slab_allocator_free(alloc);
}

/* Handles that differ from a live one in one, two or a field of bits: only those that are live themselves may be accepted. */
static void near_misses_are_refused(void) {
  SlabAllocator *alloc = slab_allocator_create();
  make_live(alloc);
  SlabHandle *sorted = malloc(sizeof handles);
  for (int i = 0; i < LIVE; i++) sorted[i] = handles[i];
  qsort(sorted, LIVE, sizeof *sorted, by_value);
  uint64_t tried = 0;
  for (int i = 0; i < LIVE; i += 50)
    for (int low = 0; low < 64; low++)
      for (int high = low; high < 64; high++) {
        SlabHandle forged = handles[i] ^ UINT64_C(1) << low ^ (high == low ? 0 : UINT64_C(1) << high);
        if (bsearch(&forged, sorted, LIVE, sizeof *sorted, by_value)) continue;
        tried++;
        if (!CHECK(!free_obj(alloc, forged))) return;
      }
  CHECK_U64(refused_frees(alloc), tried);
  free(sorted);
  end_live(alloc);
  slab_allocator_free(alloc);
}

static void double_free_is_refused(void) {
  SlabAllocator *alloc = slab_allocator_create();
  make_live(alloc);
  SlabHandle handle;
  alloc_obj_epoch(alloc, 100, 0, &handle);
  CHECK(free_obj(alloc, handle));
  for (int i = 0; i < 10; i++) CHECK(!free_obj(alloc, handle));
  CHECK_U64(refused_frees(alloc), 10);
  CHECK_U64(snapshot.classes[2].invalid_frees, 10); /* 128 bytes: the handle's slab is known, so is its class */
  end_live(alloc);
  slab_allocator_free(alloc);
}

/* The same slot again and again: its old handles stay dead, whoever lives there now. */
static void stale_handles_stay_refused_after_reuse(void) {
  SlabAllocator *alloc = slab_allocator_create();
  enum { REUSES = 1000 };
  static SlabHandle dead[REUSES];
  uint64_t same_address = 0, refused = 0;
  void *before = NULL;
  for (int i = 0; i < REUSES; i++) {
    void *object = alloc_obj_epoch(alloc, 64, 0, &dead[i]);
    same_address += object == before;
    before = object;
    for (int j = 0; j < i; j++) {
      CHECK(dead[j] != dead[i]);
      if (j % 17 == 0 || j == i - 1) {
        CHECK(!free_obj(alloc, dead[j]));
        refused++;
      }
    }
    CHECK(free_obj(alloc, dead[i]));
  }
  CHECK(same_address > 0); /* otherwise this test says nothing about reuse */
  CHECK_U64(refused_frees(alloc), refused);
  laws_check_allocator(alloc, 0, &snapshot);
  slab_allocator_free(alloc);
}

/* The slab itself went back to the kernel, and serves another epoch (and another class, if chunks change class) now. */
static void stale_handles_stay_refused_after_the_slab_served_elsewhere(void) {
  SlabAllocator *alloc = slab_allocator_create();
  enum { COUNT = 4000 };
  static SlabHandle dead[COUNT], alive[COUNT];
  for (int i = 0; i < COUNT; i++) CHECK(alloc_obj_epoch(alloc, 128, 0, &dead[i]) != NULL);
  for (int i = 0; i < COUNT; i++) CHECK(free_obj(alloc, dead[i]));
  CHECK_RESULT(epoch_close(alloc, 0), SLAB_OK);
  for (int i = 0; i < COUNT; i += 3) CHECK(!free_obj(alloc, dead[i]));
  for (int round = 0; round < 3; round++) {
    EpochId epoch = epoch_advance(alloc);
    for (int i = 0; i < COUNT; i++) CHECK(alloc_obj_epoch(alloc, 128, epoch, &alive[i]) != NULL);
    for (int i = 0; i < COUNT; i++) CHECK(!free_obj(alloc, dead[i]));
    for (int i = 0; i < COUNT; i++) CHECK(free_obj(alloc, alive[i]));
    CHECK_RESULT(epoch_close(alloc, epoch), SLAB_OK);
    for (int i = 0; i < COUNT; i++) CHECK(!free_obj(alloc, alive[i]));
  }
  laws_check_allocator(alloc, 0, &snapshot);
  slab_allocator_free(alloc);
}

static void foreign_handles_are_refused(void) {
  SlabAllocator *ours = slab_allocator_create(), *theirs = slab_allocator_create();
  make_live(ours);
  enum { COUNT = 1000 };
  static SlabHandle foreign[COUNT];
  for (int i = 0; i < COUNT; i++) CHECK(alloc_obj_epoch(theirs, 1 + (uint32_t)i % 768, 0, &foreign[i]) != NULL);
  for (int i = 0; i < COUNT; i++) CHECK(!free_obj(ours, foreign[i]));
  CHECK_U64(refused_frees(ours), COUNT);
  CHECK_U64(refused_frees(theirs), 0);
  for (int i = 0; i < COUNT; i++) CHECK(free_obj(theirs, foreign[i]));
  slab_allocator_free(theirs);
  for (int i = 0; i < COUNT; i++) CHECK(!free_obj(ours, foreign[i])); /* of an instance that is gone */
  end_live(ours);
  slab_allocator_free(ours);
}

/* A handle of an instance that ended names nothing in the ones that came after it, though they got the same addresses. */
static void handles_do_not_outlive_their_instance(void) {
  enum { COUNT = 300 };
  static SlabHandle old[COUNT];
  SlabAllocator *first = slab_allocator_create();
  for (int i = 0; i < COUNT; i++) CHECK(alloc_obj_epoch(first, 64, 0, &old[i]) != NULL);
  slab_allocator_free(first);
  for (int churn = 0; churn < 20; churn++) {
    SlabAllocator *next = slab_allocator_create();
    make_live(next);
    for (int i = 0; i < COUNT; i++)
      if (!CHECK(!free_obj(next, old[i]))) return;
    end_live(next);
    slab_allocator_free(next);
  }
}

int main(void) {
  RUN(zero_is_never_valid);
  RUN(random_handles_are_refused);
  RUN(near_misses_are_refused);
  RUN(double_free_is_refused);
  RUN(stale_handles_stay_refused_after_reuse);
  RUN(stale_handles_stay_refused_after_the_slab_served_elsewhere);
  RUN(foreign_handles_are_refused);
  RUN(handles_do_not_outlive_their_instance);
  return check_finish();
}
