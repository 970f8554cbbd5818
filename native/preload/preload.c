/* malloc and its family for a program that knows nothing of this library: LD_PRELOAD=libtslab_preload.so program.
 *
 *   1 … 768 bytes, aligned to 16   this library's instance
 *   everything else                the next allocator, which has the last word on errors too
 *
 * An object is recognised by its address, so each function takes what any other has given. What is no object but lies among them (freed twice,
 * not the start of an object) is refused and counted; any other address is the next allocator's to judge. */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "free.h"
#include "guard.h"
#include "heap.h"
#include "instance.h"
#include "next.h"
#include "slices.h"

#define EXPORT __attribute__((visibility("default")))

void free_sized(void *p, size_t size);
void free_aligned_sized(void *p, size_t align, size_t size);

static inline __attribute__((always_inline)) bool owns(const void *p) {
#ifdef PRELOAD_SANITIZED
  if (!process_started()) return false;
#endif
  return chunk_of_address(p) != NULL;
}

/* ---- allocating ---- */

/* From the instance, by a thread that has no heap yet, or in an epoch that has just been closed. NULL when it cannot: the next allocator can. */
static noinline_cold void *allocate_guarded(size_t size) {
  if (guarded || !process_started()) return NULL;
  Guard guard = guard_enter();
  void *p = NULL;
  if (instance_ready()) {
    enum { TRIES = 4 };
    for (int i = 0; i < TRIES && !p; i++) p = slab_malloc_epoch(instance, size, load_acquire(&slice_epoch));
  }
  guard_leave(guard);
  return p;
}

/* Where the inlined path does not serve: nothing at hand, or no heap yet. */
static __attribute__((noinline)) void *allocate_otherwise(SlabAllocator *alloc, uint32_t size, EpochId epoch, SlabHandle *out) {
  (void)out;
  void *p = heap_of_thread() != NO_HEAP ? slab_malloc_epoch(alloc, size, epoch) : NULL;
  if (!p) p = allocate_guarded(size);
  return p ? p : next_malloc(size);
}

/* size: 1 … 768. */
static inline __attribute__((always_inline)) void *allocate_small(size_t size) {
  return slab_hot_alloc(instance, (uint32_t)size, size - 1, load_relaxed(&slice_epoch), NULL, NULL, allocate_otherwise);
}

/* Apart, so that malloc itself needs no stack. */
static __attribute__((noinline)) void *allocate_looking(size_t size) {
  slices_look();
  return allocate_small(size);
}

static inline __attribute__((always_inline)) void *allocate_counted(size_t size) { return unlikely(slices_due()) ? allocate_looking(size) : allocate_small(size); }

static noinline_cold void *allocate_nothing(void) { return allocate_counted(1); }

static inline __attribute__((always_inline)) void *allocate(size_t size) {
  if (likely(size - 1 < SLAB_MAX_OBJECT_BYTES)) return allocate_counted(size);
  return size == 0 ? allocate_nothing() : next_malloc(size);
}

EXPORT void *malloc(size_t size) { return allocate(size); }

EXPORT void *calloc(size_t count, size_t size) {
  size_t bytes;
  if (unlikely(__builtin_mul_overflow(count, size, &bytes))) {
    errno = ENOMEM;
    return NULL;
  }
  if (bytes > SLAB_MAX_OBJECT_BYTES) return next_calloc(count, size);
  void *p = allocate(bytes);
  return p ? memset(p, 0, bytes) : NULL;
}

/* ---- freeing ---- */

/* Where the inlined path does not serve: a full magazine, another thread's object, what is none. */
static __attribute__((noinline)) bool free_otherwise(SlabAllocator *alloc, void *p) {
  if (!p) return true;
  if (!owns(p)) {
    next_free(p);
    return true;
  }
  if (free_own(alloc, p)) return true;
  Guard guard = guard_enter();
  slab_free(instance, p);
  guard_leave(guard);
  return true;
}

static inline __attribute__((always_inline)) void release(void *p) {
#ifdef PRELOAD_SANITIZED
  if (!process_started()) {
    free_otherwise(instance, p);
    return;
  }
#endif
  slab_hot_free_address(instance, p, NULL, free_otherwise);
}

EXPORT void free(void *p) { release(p); }
EXPORT void free_sized(void *p, size_t size) { (void)size, release(p); }
EXPORT void free_aligned_sized(void *p, size_t align, size_t size) { (void)align, (void)size, release(p); }

/* ---- changing the size ---- */

static void *reallocate_ours(void *p, size_t size) {
  size_t had = slab_usable_size(p);
  if (had == 0 || size == 0) {
    release(p); /* refuses and counts what is no object */
    if (had == 0) errno = EINVAL;
    return NULL;
  }
  if (size <= had && size > had / 2) return p;
  if (had == class_object_bytes[0] && size <= had) return p;
  void *moved = allocate(size);
  if (!moved) return size <= had ? p : NULL;
  memcpy(moved, p, had < size ? had : size);
  release(p);
  return moved;
}

static void *reallocate_others(void *p, size_t size) {
  void *moved = size - 1 < SLAB_MAX_OBJECT_BYTES ? allocate_guarded(size) : NULL;
  if (!moved) return next_realloc(p, size);
  size_t had = next_usable_size(p);
  memcpy(moved, p, had < size ? had : size);
  next_free(p);
  return moved;
}

EXPORT void *realloc(void *p, size_t size) {
  if (!p) return allocate(size);
  return owns(p) ? reallocate_ours(p, size) : reallocate_others(p, size);
}

EXPORT void *reallocarray(void *p, size_t count, size_t size) {
  size_t bytes;
  if (!__builtin_mul_overflow(count, size, &bytes)) return realloc(p, bytes);
  errno = ENOMEM;
  return NULL;
}

/* ---- alignment ---- */

/* An alignment that every object has. */
static bool is_common(size_t align) { return align != 0 && (align & (align - 1)) == 0 && align <= 16; }

EXPORT void *aligned_alloc(size_t align, size_t size) { return is_common(align) ? allocate(size) : next_aligned_alloc(align, size); }
EXPORT void *memalign(size_t align, size_t size) { return is_common(align) ? allocate(size) : next_memalign(align, size); }

EXPORT int posix_memalign(void **out, size_t align, size_t size) {
  if (!is_common(align) || align % sizeof(void *) != 0 || size > SLAB_MAX_OBJECT_BYTES) return next_posix_memalign(out, align, size);
  int saved_errno = errno;
  void *p = allocate(size);
  errno = saved_errno;
  if (!p) return ENOMEM;
  *out = p;
  return 0;
}

static size_t page_bytes(void) { return (size_t)sysconf(_SC_PAGESIZE); }

EXPORT void *valloc(size_t size) { return next_memalign(page_bytes(), size); }

EXPORT void *pvalloc(size_t size) {
  size_t page = page_bytes(), bytes;
  if (!__builtin_add_overflow(size, page - 1, &bytes)) return next_memalign(page, bytes & ~(page - 1));
  errno = ENOMEM;
  return NULL;
}

EXPORT size_t malloc_usable_size(void *p) {
#ifdef PRELOAD_SANITIZED
  if (!process_started()) return next_usable_size(p);
#endif
  size_t bytes = slab_usable_size(p);
  return bytes || owns(p) ? bytes : next_usable_size(p);
}
