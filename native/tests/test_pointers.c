/* Frees by address that must be refused: anything that is not the start of a live object of this instance. */
#include <stdlib.h>
#include <sys/mman.h>

#include "check.h"
#include "laws.h"
#include "payload.h"
#include "random.h"

static SlabSnapshot snapshot;

static uint64_t refused_frees(SlabAllocator *alloc) {
  slab_stats_snapshot(alloc, &snapshot);
  return snapshot.global.total_invalid_frees + snapshot.global.unattributed_invalid_frees;
}

static void null_is_fine(void) {
  SlabAllocator *alloc = slab_allocator_create();
  CHECK(slab_free(alloc, NULL));
  CHECK_U64(refused_frees(alloc), 0);
  CHECK_U64(snapshot.global.total_bitmap_free_attempts, 0);
  slab_allocator_free(alloc);
}

/* Every byte of an object but its first, in every class, its neighbours live or not. */
static void interior_and_misaligned_addresses_are_refused(void) {
  SlabAllocator *alloc = slab_allocator_create();
  static const size_t sizes[] = {64, 96, 128, 192, 256, 384, 512, 768};
  uint64_t refused = 0;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    char *object = slab_malloc_epoch(alloc, sizes[i], 0);
    payload_stamp(object, sizes[i], i);
    for (size_t offset = 1; offset < sizes[i]; offset++, refused++) {
      if (!CHECK(!slab_free(alloc, object + offset))) return;
      CHECK_U64(slab_usable_size(object + offset), 0);
    }
    CHECK(payload_intact(object, sizes[i], i));
    CHECK_U64(slab_usable_size(object), sizes[i]);
    CHECK(slab_free(alloc, object));
  }
  CHECK_U64(refused_frees(alloc), refused);
  laws_check_allocator(alloc, 0, &snapshot);
  slab_allocator_free(alloc);
}

static int global_variable;

static void addresses_of_others_are_refused(void) {
  SlabAllocator *alloc = slab_allocator_create();
  void *object = slab_malloc_epoch(alloc, 64, 0);
  int local = 0;
  void *heap = malloc(4096);
  char *mapped = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  void *foreign[] = {&local,  &global_variable, heap, mapped, mapped + 4096, (void *)(uintptr_t)&addresses_of_others_are_refused,
                     alloc,   &foreign,         (void *)1, (void *)16, (void *)0xfff0, (void *)UINTPTR_MAX, (void *)(UINTPTR_MAX - 15),
                     (void *)(UINTPTR_MAX / 2), (void *)((uintptr_t)1 << 47), (void *)(((uintptr_t)1 << 47) - 16),
                     (void *)((uintptr_t)1 << 48), (void *)((uintptr_t)1 << 56), (void *)((uintptr_t)1 << 63)};
  size_t count = sizeof foreign / sizeof *foreign;
  for (size_t i = 0; i < count; i++) {
    CHECK(!slab_free(alloc, foreign[i]));
    CHECK_U64(slab_usable_size(foreign[i]), 0);
  }
  CHECK_U64(refused_frees(alloc), count);
  CHECK_U64(snapshot.global.unattributed_invalid_frees, count); /* of no class of ours */
  CHECK(slab_free(alloc, object));
  munmap(mapped, 1 << 16);
  free(heap);
  slab_allocator_free(alloc);
}

static void random_addresses_are_refused(void) {
  SlabAllocator *alloc = slab_allocator_create();
  CHECK(slab_malloc_epoch(alloc, 64, 0) != NULL);
  Random random = random_seeded(3);
  uint64_t tries = check_scaled(1000000);
  for (uint64_t i = 0; i < tries; i++) {
    uint64_t bits = random_u64(&random);
    if (i % 4) bits &= (UINT64_C(1) << 47) - 1; /* mostly addresses that could exist */
    if (i % 2) bits &= ~UINT64_C(15);
    if (bits == 0) bits = 1;
    if (!CHECK(!slab_free(alloc, (void *)(uintptr_t)bits))) return;
  }
  CHECK_U64(refused_frees(alloc), tries);
  laws_check_allocator(alloc, 1, &snapshot);
  slab_allocator_free(alloc);
}

/* All of the 4 MiB around a live object: headers, other slabs, slots never handed out. Only the live object itself may go. */
static void every_line_around_an_object_is_refused(void) {
  SlabAllocator *alloc = slab_allocator_create();
  char *object = slab_malloc_epoch(alloc, 192, 0);
  char *chunk = (char *)((uintptr_t)object & ~(uintptr_t)((4u << 20) - 1));
  uint64_t refused = 0;
  for (char *at = chunk; at < chunk + (4u << 20); at += 16)
    if (at != object) {
      if (!CHECK(!slab_free(alloc, at))) return;
      refused++;
    }
  CHECK_U64(refused_frees(alloc), refused);
  CHECK(slab_free(alloc, object));
  laws_check_allocator(alloc, 0, &snapshot);
  slab_allocator_free(alloc);
}

static void double_free_is_refused_while_the_slot_rests(void) {
  SlabAllocator *alloc = slab_allocator_create();
  void *objects[100];
  for (int i = 0; i < 100; i++) objects[i] = slab_malloc_epoch(alloc, 300, 0);
  for (int i = 0; i < 100; i++) CHECK(slab_free(alloc, objects[i]));
  for (int i = 0; i < 100; i++) CHECK(!slab_free(alloc, objects[i]));
  CHECK_U64(refused_frees(alloc), 100);
  CHECK_RESULT(epoch_close(alloc, 0), SLAB_OK);
  for (int i = 0; i < 100; i++) CHECK(!slab_free(alloc, objects[i])); /* its slab is with the kernel now */
  CHECK_U64(refused_frees(alloc), 200);
  laws_check_allocator(alloc, 0, &snapshot);
  slab_allocator_free(alloc);
}

static void objects_of_another_instance_are_refused(void) {
  SlabAllocator *ours = slab_allocator_create(), *theirs = slab_allocator_create();
  void *own = slab_malloc_epoch(ours, 64, 0), *foreign = slab_malloc_epoch(theirs, 64, 0);
  CHECK(!slab_free(ours, foreign));
  CHECK_U64(slab_usable_size(foreign), 64);
  CHECK_U64(refused_frees(ours), 1);
  CHECK(slab_free(theirs, foreign));
  CHECK(!slab_free(ours, foreign));
  slab_allocator_free(theirs);
  CHECK(!slab_free(ours, foreign)); /* unmapped now: must not be touched */
  CHECK_U64(slab_usable_size(foreign), 0);
  CHECK(slab_free(ours, own));
  slab_allocator_free(ours);
}

/* Both kinds of free work on both kinds of allocation. */
static void the_two_apis_meet(void) {
  SlabAllocator *alloc = slab_allocator_create();
  SlabHandle handle;
  void *object = alloc_obj_epoch(alloc, 64, 0, &handle);
  CHECK(slab_free(alloc, object));
  CHECK(!free_obj(alloc, handle));
  object = alloc_obj_epoch(alloc, 64, 0, &handle);
  CHECK(free_obj(alloc, handle));
  CHECK(!slab_free(alloc, object));
  laws_check_allocator(alloc, 0, &snapshot);
  slab_allocator_free(alloc);
}

int main(void) {
  RUN(null_is_fine);
  RUN(interior_and_misaligned_addresses_are_refused);
  RUN(addresses_of_others_are_refused);
  RUN(random_addresses_are_refused);
  RUN(every_line_around_an_object_is_refused);
  RUN(double_free_is_refused_while_the_slot_rests);
  RUN(objects_of_another_instance_are_refused);
  RUN(the_two_apis_meet);
  return check_finish();
}
