/* The hot paths inlined: that they are, that their slow cases are the functions', and that the name of the layout stands for one. Everything else that is said of the four functions is
 * checked of them, too: tests/run inline. */
#include "temporal_slab_inline.h"

#include "check.h"
#include "laws.h"
#include "payload.h"

static SlabSnapshot snapshot;

/* Calls of the functions, counted by the linker's --wrap. */
static uint64_t alloc_calls, malloc_calls, free_calls, free_address_calls;
void *__real_alloc_obj_epoch(SlabAllocator *alloc, uint32_t size, EpochId epoch, SlabHandle *out);
void *__real_slab_malloc_epoch(SlabAllocator *alloc, size_t size, EpochId epoch);
bool __real_free_obj(SlabAllocator *alloc, SlabHandle handle);
bool __real_slab_free(SlabAllocator *alloc, void *ptr);
void *__wrap_alloc_obj_epoch(SlabAllocator *alloc, uint32_t size, EpochId epoch, SlabHandle *out);
void *__wrap_slab_malloc_epoch(SlabAllocator *alloc, size_t size, EpochId epoch);
bool __wrap_free_obj(SlabAllocator *alloc, SlabHandle handle);
bool __wrap_slab_free(SlabAllocator *alloc, void *ptr);

void *__wrap_alloc_obj_epoch(SlabAllocator *alloc, uint32_t size, EpochId epoch, SlabHandle *out) {
  alloc_calls++;
  return __real_alloc_obj_epoch(alloc, size, epoch, out);
}
void *__wrap_slab_malloc_epoch(SlabAllocator *alloc, size_t size, EpochId epoch) {
  malloc_calls++;
  return __real_slab_malloc_epoch(alloc, size, epoch);
}
bool __wrap_free_obj(SlabAllocator *alloc, SlabHandle handle) {
  free_calls++;
  return __real_free_obj(alloc, handle);
}
bool __wrap_slab_free(SlabAllocator *alloc, void *ptr) {
  free_address_calls++;
  return __real_slab_free(alloc, ptr);
}
static void forget_calls(void) { alloc_calls = malloc_calls = free_calls = free_address_calls = 0; }

/* One number for everything that a program has compiled in. Another one needs another SLAB_HOT_LAYOUT. */
static void the_layout_is_the_one_its_name_says(void) {
  static const size_t sizes[] = {
      sizeof(SlabHotSlab), offsetof(SlabHotSlab, states), offsetof(SlabHotSlab, base), offsetof(SlabHotSlab, owner), offsetof(SlabHotSlab, inverse), offsetof(SlabHotSlab, object_bytes),
      offsetof(SlabHotSlab, bin), sizeof(SlabHotReady), offsetof(SlabHotReady, object), offsetof(SlabHotReady, state), offsetof(SlabHotHeap, top), offsetof(SlabHotHeap, table_mask),
      offsetof(SlabHotHeap, alloc), offsetof(SlabHotHeap, table), offsetof(SlabHotHeap, window), offsetof(SlabHotHeap, class_of_last_byte), offsetof(SlabHotHeap, busy),
      SLAB_HOT_MAGAZINE_BYTES, SLAB_HOT_COUNTERS, SLAB_HOT_ALLOCS, SLAB_HOT_FREES, SLAB_HOT_BUSY_NOT, SLAB_HOT_SLAB_SHIFT, SLAB_EPOCH_COUNT, SLAB_CLASS_COUNT, SLAB_MAX_OBJECT_BYTES, SLAB_HOT_TAG_ONE,
#define BYTES(index, bytes) bytes,
      SLAB_HOT_CLASSES(BYTES)
#undef BYTES
  };
  uint64_t sum = 0;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) sum = sum * 1000003 + sizes[i];
  CHECK_U64(SLAB_HOT_LAYOUT, 1);
  CHECK_U64(sum, UINT64_C(14572938484729122413));
}

static void nothing_is_called_while_a_slot_is_at_hand(void) {
  SlabAllocator *alloc = slab_allocator_create();
  enum { PAIRS = 10000 };
  SlabHandle handle;
  CHECK(free_obj(alloc, (alloc_obj_epoch(alloc, 100, 0, &handle), handle)));
  forget_calls();
  for (int i = 0; i < PAIRS; i++) {
    void *object = alloc_obj_epoch_inline(alloc, 100, 0, &handle);
    payload_stamp(object, 100, handle);
    CHECK(payload_intact(object, 100, handle) && free_obj_inline(alloc, handle));
    object = slab_malloc_epoch_inline(alloc, 100, 0);
    CHECK(slab_free_inline(alloc, object));
  }
  CHECK_U64(alloc_calls + malloc_calls + free_calls + free_address_calls, 0);
  laws_check_allocator(alloc, 0, &snapshot);
  CHECK_U64(snapshot.global.total_bitmap_alloc_attempts, 2 * PAIRS + 1);
  CHECK_U64(snapshot.global.total_bitmap_free_attempts, 2 * PAIRS + 1);
  slab_allocator_free(alloc);
}

/* Many at a time: magazines run empty and full, and one call in some dozens sees to it. */
static void few_calls_while_magazines_run_empty_and_full(void) {
  SlabAllocator *alloc = slab_allocator_create();
  enum { OBJECTS = 6400 };
  static SlabHandle handles[OBJECTS];
  static void *objects[OBJECTS];
  forget_calls();
  for (int i = 0; i < OBJECTS; i++) {
    objects[i] = alloc_obj_epoch_inline(alloc, 192, 0, &handles[i]);
    payload_stamp(objects[i], 192, handles[i]);
  }
  CHECK(alloc_calls > 0 && alloc_calls <= OBJECTS / 30);
  for (int i = 0; i < OBJECTS; i++) CHECK(payload_intact(objects[i], 192, handles[i]));
  for (int i = 0; i < OBJECTS / 2; i++) CHECK(free_obj_inline(alloc, handles[i]));
  for (int i = OBJECTS / 2; i < OBJECTS; i++) CHECK(slab_free_inline(alloc, objects[i]));
  CHECK(free_calls > 0 && free_calls <= OBJECTS / 50 && free_address_calls > 0 && free_address_calls <= OBJECTS / 50);
  for (int i = 0; i < OBJECTS; i++) CHECK(!free_obj_inline(alloc, handles[i]) && !slab_free_inline(alloc, objects[i]));
  laws_check_allocator(alloc, 0, &snapshot);
  CHECK_U64(snapshot.global.total_bitmap_alloc_attempts, OBJECTS);
  CHECK_U64(snapshot.global.total_invalid_frees, 2 * OBJECTS);
  slab_allocator_free(alloc);
}

/* A size that the compiler knows gets its class from it, not from the table. */
static void constant_sizes_have_the_class_of_others(void) {
  SlabAllocator *alloc = slab_allocator_create();
#define ONE(bytes)                                                             \
  do {                                                                         \
    void *object = slab_malloc_epoch_inline(alloc, (bytes), 0);                \
    volatile size_t unknown = (bytes);                                         \
    void *other = slab_malloc_epoch_inline(alloc, unknown, 0);                 \
    CHECK_U64(slab_usable_size(object), slab_usable_size(other));              \
    CHECK(slab_free_inline(alloc, object) && slab_free_inline(alloc, other)); \
  } while (0);
#define AROUND(index, bytes) ONE((bytes) - 1) ONE(bytes) ONE((bytes) + 1)
  ONE(1)
  ONE(SLAB_MAX_OBJECT_BYTES) /* and one more is nobody's: 0 on both sides, refused */
  SLAB_HOT_CLASSES(AROUND)
#undef AROUND
#undef ONE
  laws_check_allocator(alloc, 0, &snapshot);
  slab_allocator_free(alloc);
}

/* Whoever closes an epoch would take this thread for one in the midst of something. */
static void whatever_is_refused_leaves_nothing_held(void) {
  enum { CASES = 9 };
  for (int which = 0; which < CASES; which++) {
    SlabAllocator *alloc = slab_allocator_create();
    SlabHandle handle;
    char *object = alloc_obj_epoch_inline(alloc, 64, 0, &handle);
    switch (which) {
    case 0: CHECK(!free_obj_inline(alloc, handle + (UINT64_C(2) << 32))); break;
    case 1: CHECK(!free_obj_inline(alloc, handle + 1)); break;
    case 2: CHECK(!free_obj_inline(alloc, handle ^ UINT64_C(1) << 31)); break;
    case 3: CHECK(!free_obj_inline(alloc, 0)); break;
    case 4: CHECK(!slab_free_inline(alloc, object + 1)); break;
    case 5: CHECK(!slab_free_inline(alloc, object + 64)); break;
    case 6: CHECK(!slab_free_inline(alloc, (char *)&handle)); break;
    case 7: CHECK(free_obj_inline(alloc, handle) && !slab_free_inline(alloc, object)); break;
    case 8: CHECK(!alloc_obj_epoch_inline(alloc, 0, 0, &handle)); break;
    }
    CHECK_RESULT(epoch_close(alloc, 0), SLAB_OK);
    slab_stats_snapshot(alloc, &snapshot);
    if (!CHECK_U64(snapshot.global.handshake_deferrals, 0)) check_fail(__FILE__, __LINE__, "case %d", which);
    slab_allocator_free(alloc);
  }
}

static void what_the_functions_refuse_is_refused(void) {
  SlabAllocator *alloc = slab_allocator_create(), *other = slab_allocator_create();
  SlabHandle handle = 1, live;
  char *object = alloc_obj_epoch_inline(alloc, 64, 0, &live);
  CHECK(!alloc_obj_epoch_inline(alloc, 0, 0, &handle) && handle == 0);
  CHECK(!alloc_obj_epoch_inline(alloc, SLAB_MAX_OBJECT_BYTES + 1, 0, &handle) && !alloc_obj_epoch_inline(alloc, UINT32_MAX, 0, &handle));
  CHECK(!alloc_obj_epoch_inline(alloc, 64, SLAB_EPOCH_COUNT, &handle) && !alloc_obj_epoch_inline(alloc, 64, EPOCH_INVALID, &handle));
  CHECK(!slab_malloc_epoch_inline(alloc, 0, 0) && !slab_malloc_epoch_inline(alloc, (size_t)1 << 32 | 64, 0) && !slab_malloc_epoch_inline(alloc, SIZE_MAX, 0));
  CHECK(!alloc_obj_epoch_inline(NULL, 64, 0, &handle) && !free_obj_inline(NULL, live) && !slab_free_inline(NULL, object));
  CHECK(slab_free_inline(alloc, NULL));
  CHECK(!free_obj_inline(alloc, 0) && !free_obj_inline(alloc, live + 1) && !free_obj_inline(alloc, live + (UINT64_C(2) << 32)) && !free_obj_inline(alloc, -live));
  CHECK(!slab_free_inline(alloc, object + 1) && !slab_free_inline(alloc, &handle) && !slab_free_inline(alloc, (void *)(uintptr_t)-1));
  CHECK(!free_obj_inline(other, live) && !slab_free_inline(other, object));
  CHECK(free_obj_inline(alloc, live) && !free_obj_inline(alloc, live) && !slab_free_inline(alloc, object));
  EpochId next = epoch_advance(alloc);
  object = slab_malloc_epoch_inline(alloc, 64, next);
  CHECK_RESULT(epoch_close(alloc, next), SLAB_OK);
  CHECK(!alloc_obj_epoch_inline(alloc, 64, next, &handle) && !slab_malloc_epoch_inline(alloc, 64, next));
  CHECK(slab_free_inline(alloc, object));
  laws_check_allocator(alloc, 0, &snapshot);
  CHECK_U64(snapshot.global.handshake_deferrals, 0);
  slab_allocator_free(other);
  slab_allocator_free(alloc);
  CHECK(!alloc_obj_epoch_inline(NULL, 64, 0, NULL));
}

int main(void) {
  RUN(the_layout_is_the_one_its_name_says);
  RUN(nothing_is_called_while_a_slot_is_at_hand);
  RUN(few_calls_while_magazines_run_empty_and_full);
  RUN(constant_sizes_have_the_class_of_others);
  RUN(what_the_functions_refuse_is_refused);
  RUN(whatever_is_refused_leaves_nothing_held);
  return check_finish();
}
