/* What the hot paths of temporal_slab_inline.h touch. No interface: nothing here is for programs to use by itself, and every version may change it.
 *
 * A program that has the hot paths inlined must be of the same layout as the library that it runs with. The name of the variable that they start from says which layout it is
 * (SLAB_HOT_THREAD), so a library of another one is refused by the linker, or when the program is started. Whoever changes a struct or a constant here, the numbers of epochs, classes and
 * bytes in temporal_slab_stats.h, or what the functions of temporal_slab_inline.h do changes SLAB_HOT_LAYOUT; native/tests/test_inline.c holds the layout that it stands for.
 */
#ifndef TEMPORAL_SLAB_LAYOUT_H
#define TEMPORAL_SLAB_LAYOUT_H

#include "temporal_slab.h"

#define SLAB_HOT_LAYOUT 1

#ifndef SLAB_PAGE_KIB
#define SLAB_PAGE_KIB 4 /* as the library was built: make PAGE_KIB=… */
#elif SLAB_PAGE_KIB != 4 && SLAB_PAGE_KIB != 16 && SLAB_PAGE_KIB != 64
#error "SLAB_PAGE_KIB is 4, 16 or 64"
#endif

/* C++ has no _Atomic. All accesses are through the macros of temporal_slab_inline.h, or the library's. */
#ifdef __cplusplus
#define SLAB_HOT_ATOMIC(type) type
extern "C" {
#else
#include <stdatomic.h>
#define SLAB_HOT_ATOMIC(type) _Atomic(type)
#endif

#define SLAB_HOT_LINE_BYTES 64

/* A slab is the unit that is given back, so it is at least one page of the largest page size the build is for. */
#define SLAB_HOT_SLAB_BYTES ((SLAB_PAGE_KIB > 16 ? SLAB_PAGE_KIB : 16) * 1024u)
#define SLAB_HOT_SLOT_BITS (SLAB_HOT_SLAB_BYTES > 16 * 1024u ? 10 : 8)

/* Size classes: index, bytes. */
#define SLAB_HOT_CLASSES(X) X(0, 64) X(1, 96) X(2, 128) X(3, 192) X(4, 256) X(5, 384) X(6, 512) X(7, 768)

/* Bins: what belongs together in one epoch and class. */
#define SLAB_HOT_BINS (SLAB_EPOCH_COUNT * SLAB_CLASS_COUNT)

struct SlabHeap;

/* What stands in the table of slabs: all that a free by its owner looks at, besides the slot's state. Zero for a number whose slab was never handed out.
 *
 * While `owner` is a heap, only that heap's thread writes here and in the first line of the book; other threads free through `remote`.
 * While `owner` is OWNER_SHARED (epoch CLOSING, or the owning thread is gone) `free` stands still and everybody frees through `remote`.
 * While `owner` is OWNER_NONE the slab belongs to its class (cache, overflow), under the class lock. */
typedef struct SlabHotSlab {
  SLAB_HOT_ATOMIC(SLAB_HOT_ATOMIC(uint64_t) *) states; /* NULL when never handed out */
  char *base;
  SLAB_HOT_ATOMIC(struct SlabHeap *) owner;
  uint32_t inverse;                                    /* ceil(2^32 / object_bytes) */
  uint16_t object_bytes;
  SLAB_HOT_ATOMIC(uint8_t) bin;
  uint8_t flags;
} SlabHotSlab;
#define SLAB_HOT_SLAB_SHIFT 5 /* of its size */

/* A free slot that a thread has at hand: where an object goes, and the slot's state. */
typedef struct SlabHotReady {
  char *object;
  SLAB_HOT_ATOMIC(uint64_t) *state;
} SlabHotReady;

/* Size and alignment of a magazine: its end is recognised by its address. */
#define SLAB_HOT_MAGAZINE_BYTES 2048

/* The beginning of a heap, which is one thread's share of one allocator; the hot paths leave its first three arrays alone. `busy`, written twice by every operation, stands on another line than what an operation reads.
 *
 * A hot path reads and writes `top` of its bin at an address that it holds in a register: x86-64 processors of today hand a stored value to a load without delay only where neither
 * address has an index. */
typedef struct SlabHotHeap {
  SlabHotSlab *current[SLAB_HOT_BINS]; /* where the magazine is filled from; NULL when there is none */
  uint32_t partial[SLAB_HOT_BINS];     /* owner: slabs with free slots, the current one aside */
  uint32_t empty[SLAB_HOT_BINS];       /* owner: at most BIN_EMPTY_MAX */
  SLAB_HOT_ATOMIC(SlabHotReady *) top[SLAB_HOT_BINS] __attribute__((aligned(SLAB_HOT_LINE_BYTES))); /* of the bin's magazine; MAGAZINE_SHUT for allocations to take the slow path */
  size_t table_mask;                   /* this and the next two: of the table of slabs and the window, which never change */
  SLAB_HOT_ATOMIC(SlabAllocator *) alloc; /* HEAP_DEAD once the allocator is gone: not NULL, which callers may pass for an allocator */
  SlabHotSlab *table;
  uintptr_t window;
  uint8_t class_of_last_byte[SLAB_MAX_OBJECT_BYTES];
  SLAB_HOT_ATOMIC(uint32_t) busy __attribute__((aligned(SLAB_HOT_LINE_BYTES))); /* the bin; BUSY_FREEING; or SLAB_HOT_BUSY_NOT */
} SlabHotHeap;
#define SLAB_HOT_BUSY_NOT UINT32_MAX

/* A heap's counters stand at this distance behind it, so that a hot path finds them from the top it is at, without a load: allocations by bin, then frees by bin. */
#define SLAB_HOT_COUNTERS (320 * 1024)

/* The heap that this thread used last, of whichever allocator. */
#ifdef TSLAB_NO_COUNTERS
#define SLAB_HOT_NAME_OF(layout, page_kib) slab_hot_thread_##layout##_##page_kib##k_uncounted
#else
#define SLAB_HOT_NAME_OF(layout, page_kib) slab_hot_thread_##layout##_##page_kib##k
#endif
#define SLAB_HOT_NAME(layout, page_kib) SLAB_HOT_NAME_OF(layout, page_kib)
#define SLAB_HOT_THREAD SLAB_HOT_NAME(SLAB_HOT_LAYOUT, SLAB_PAGE_KIB)
#pragma GCC visibility push(default)
extern __thread SlabHotHeap *SLAB_HOT_THREAD __attribute__((tls_model("initial-exec")));
#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif
#endif
