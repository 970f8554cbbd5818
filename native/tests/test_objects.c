/* Sizes, classes, alignment, usable bytes, and that no two live objects share a byte. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "laws.h"
#include "payload.h"
#include "random.h"

static const uint32_t class_bytes[SLAB_CLASS_COUNT] = {64, 96, 128, 192, 256, 384, 512, 768};

static unsigned class_of(uint32_t size) {
  unsigned i = 0;
  while (class_bytes[i] < size) i++;
  return i;
}

static SlabSnapshot snapshot;

static void every_size_lands_in_the_smallest_class_that_holds_it(void) {
  SlabAllocator *alloc = slab_allocator_create();
  uint64_t live[SLAB_CLASS_COUNT] = {0};
  SlabHandle handles[SLAB_MAX_OBJECT_BYTES + 1];
  void *objects[SLAB_MAX_OBJECT_BYTES + 1];
  for (uint32_t size = 1; size <= SLAB_MAX_OBJECT_BYTES; size++) {
    objects[size] = alloc_obj_epoch(alloc, size, 0, &handles[size]);
    if (!CHECK(objects[size] != NULL)) return;
    CHECK(handles[size] != 0);
    CHECK_U64((uintptr_t)objects[size] % 16, 0);
    CHECK_U64(slab_usable_size(objects[size]), class_bytes[class_of(size)]);
    payload_stamp(objects[size], slab_usable_size(objects[size]), size); /* every usable byte may be written */
    live[class_of(size)]++;
  }
  CHECK_RESULT(slab_stats_snapshot(alloc, &snapshot), SLAB_OK);
  laws_check_at_rest(&snapshot, live, NULL);
  for (uint32_t size = 1; size <= SLAB_MAX_OBJECT_BYTES; size++) {
    CHECK(payload_intact(objects[size], class_bytes[class_of(size)], size));
    CHECK(free_obj(alloc, handles[size]));
    CHECK_U64(slab_usable_size(objects[size]), 0);
  }
  laws_check_allocator(alloc, 0, &snapshot);
  slab_allocator_free(alloc);
}

static void sizes_out_of_range_are_refused_and_counted(void) {
  SlabAllocator *alloc = slab_allocator_create();
  static const uint32_t sizes[] = {0, 769, 770, 4096, 65536 + 64, 1u << 31, UINT32_MAX};
  uint64_t refused = 0;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    SlabHandle handle = 7;
    CHECK(alloc_obj_epoch(alloc, sizes[i], 0, &handle) == NULL);
    CHECK_U64(handle, 0);
    CHECK(slab_malloc_epoch(alloc, sizes[i], 0) == NULL);
    refused += 2;
  }
  static const size_t wide[] = {(size_t)UINT32_MAX + 1 + 64, (size_t)1 << 63, SIZE_MAX};
  for (size_t i = 0; i < sizeof wide / sizeof *wide; i++, refused++) CHECK(slab_malloc_epoch(alloc, wide[i], 0) == NULL);
  laws_check_allocator(alloc, 0, &snapshot);
  CHECK_U64(snapshot.global.refused_sizes, refused);
  CHECK_U64(snapshot.global.total_bitmap_alloc_attempts, 0);
  slab_allocator_free(alloc);
}

static void epochs_out_of_the_ring_are_refused_and_counted(void) {
  SlabAllocator *alloc = slab_allocator_create();
  static const EpochId epochs[] = {SLAB_EPOCH_COUNT, SLAB_EPOCH_COUNT + 1, 256, 1u << 31, EPOCH_INVALID};
  for (size_t i = 0; i < sizeof epochs / sizeof *epochs; i++) {
    SlabHandle handle = 7;
    CHECK(alloc_obj_epoch(alloc, 64, epochs[i], &handle) == NULL);
    CHECK_U64(handle, 0);
    CHECK(slab_malloc_epoch(alloc, 64, epochs[i]) == NULL);
  }
  laws_check_allocator(alloc, 0, &snapshot);
  CHECK_U64(snapshot.global.refused_sizes, 2 * sizeof epochs / sizeof *epochs);
  slab_allocator_free(alloc);
}

static int by_address(const void *a, const void *b) {
  uintptr_t x = *(const uintptr_t *)a, y = *(const uintptr_t *)b;
  return x < y ? -1 : x > y;
}

typedef struct Object {
  unsigned char *at;
  SlabHandle handle; /* 0: made by slab_malloc_epoch */
  uint32_t size;
  uint64_t key;
} Object;

static void release(SlabAllocator *alloc, Object *object) {
  CHECK(payload_intact(object->at, object->size, object->key));
  if (object->handle)
    CHECK(free_obj(alloc, object->handle));
  else
    CHECK(slab_free(alloc, object->at));
  object->at = NULL;
}

/* Random sizes and epochs, a third freed again and again; then the live ones' address ranges are sorted and must not touch. */
static void live_objects_never_overlap(void) {
  SlabAllocator *alloc = slab_allocator_create();
  Random random = random_seeded(1);
  const size_t count = check_scaled(60000);
  Object *objects = calloc(count, sizeof *objects);
  for (int i = 0; i < 3; i++) epoch_advance(alloc);
  for (size_t round = 0; round < 4; round++) {
    for (size_t i = 0; i < count; i++) {
      Object *object = &objects[i];
      if (object->at) continue;
      object->size = 1 + random_below(&random, SLAB_MAX_OBJECT_BYTES);
      object->key = random_u64(&random);
      EpochId epoch = random_below(&random, 4);
      object->handle = 0;
      object->at = random_below(&random, 2) ? slab_malloc_epoch(alloc, object->size, epoch)
                                            : alloc_obj_epoch(alloc, object->size, epoch, &object->handle);
      if (!CHECK(object->at != NULL)) return;
      payload_stamp(object->at, object->size, object->key);
    }
    for (size_t i = 0; i < count && round < 3; i++)
      if (random_below(&random, 3) == 0) release(alloc, &objects[i]);
  }
  uintptr_t *starts = malloc(count * sizeof *starts);
  for (size_t i = 0; i < count; i++) starts[i] = (uintptr_t)objects[i].at;
  qsort(starts, count, sizeof *starts, by_address);
  for (size_t i = 0; i + 1 < count; i++)
    if (!CHECK(starts[i] + slab_usable_size((void *)starts[i]) <= starts[i + 1])) break;
  laws_check_allocator(alloc, count, &snapshot);
  for (size_t i = 0; i < count; i++) release(alloc, &objects[i]);
  laws_check_allocator(alloc, 0, &snapshot);
  free(starts);
  free(objects);
  slab_allocator_free(alloc);
}

/* Objects of two epochs never stand in one slab: else one epoch's survivor would pin the other's memory. */
static void epochs_do_not_share_slabs(void) {
  SlabAllocator *alloc = slab_allocator_create();
  CHECK_U64(epoch_advance(alloc), 1);
  enum { COUNT = 500 };
  uintptr_t slab_of[2][COUNT];
  CHECK_RESULT(slab_stats_snapshot(alloc, &snapshot), SLAB_OK);
  uint64_t slab_bytes = snapshot.global.slab_bytes;
  for (int i = 0; i < COUNT; i++)
    for (EpochId epoch = 0; epoch < 2; epoch++) slab_of[epoch][i] = (uintptr_t)slab_malloc_epoch(alloc, 64, epoch) / slab_bytes;
  for (int i = 0; i < COUNT; i++)
    for (int j = 0; j < COUNT; j++)
      if (!CHECK(slab_of[0][i] != slab_of[1][j])) return;
  slab_allocator_free(alloc);
}

/* Freed slots serve again: live memory bounded, slabs bounded. */
static void freed_slots_are_used_again(void) {
  SlabAllocator *alloc = slab_allocator_create();
  for (uint64_t i = 0; i < check_scaled(200000); i++) {
    SlabHandle handle;
    if (!CHECK(alloc_obj_epoch(alloc, 1 + (uint32_t)(i * 7 % SLAB_MAX_OBJECT_BYTES), 0, &handle) != NULL)) return;
    CHECK(free_obj(alloc, handle));
  }
  laws_check_allocator(alloc, 0, &snapshot);
  CHECK(snapshot.global.total_slabs_allocated <= 2 * SLAB_CLASS_COUNT);
  slab_allocator_free(alloc);
}

/* Also when the thread changes allocators with every call; and nothing of it is left when the epochs are closed. */
static void allocators_in_turn_lose_no_slot(void) {
  SlabAllocator *allocs[2] = {slab_allocator_create(), slab_allocator_create()};
  for (uint64_t i = 0; i < check_scaled(20000); i++) {
    SlabHandle handles[2];
    for (int a = 0; a < 2; a++)
      if (!CHECK(alloc_obj_epoch(allocs[a], 128, 0, &handles[a]) != NULL)) return;
    for (int a = 0; a < 2; a++) CHECK(free_obj(allocs[a], handles[a]));
  }
  for (int a = 0; a < 2; a++) {
    CHECK_RESULT(epoch_close(allocs[a], 0), SLAB_OK);
    laws_check_allocator(allocs[a], 0, &snapshot);
    CHECK_U64(snapshot.global.total_slabs_allocated, 1);
    CHECK_U64(snapshot.epochs[0].total_partial_slabs + snapshot.epochs[0].total_full_slabs, 0);
    slab_allocator_free(allocs[a]);
  }
}

static void null_arguments_are_refused(void) {
  SlabHandle handle = 7;
  CHECK(alloc_obj_epoch(NULL, 64, 0, &handle) == NULL);
  CHECK_U64(handle, 0);
  CHECK(slab_malloc_epoch(NULL, 64, 0) == NULL);
  CHECK(!free_obj(NULL, 1));
  CHECK(!slab_free(NULL, &handle));
  CHECK_U64(slab_usable_size(NULL), 0);
  slab_allocator_free(NULL);
}

int main(void) {
  RUN(every_size_lands_in_the_smallest_class_that_holds_it);
  RUN(sizes_out_of_range_are_refused_and_counted);
  RUN(epochs_out_of_the_ring_are_refused_and_counted);
  RUN(live_objects_never_overlap);
  RUN(epochs_do_not_share_slabs);
  RUN(freed_slots_are_used_again);
  RUN(allocators_in_turn_lose_no_slot);
  RUN(null_arguments_are_refused);
  return check_finish();
}
