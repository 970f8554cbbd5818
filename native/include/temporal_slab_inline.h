/* The hot paths of temporal-slab, compiled into the program: no call as long as the thread has a free slot at hand, which is nearly always.
 *
 *   #include <temporal_slab_inline.h>
 *
 *   Order *order = (Order *)alloc_obj_epoch_inline(alloc, sizeof *order, epoch, &handle);
 *
 * Contracts, counters and checks are those of the functions in temporal_slab.h that are called the same without _inline; both may be used on one object. For GCC and clang, C11 and
 * C++. The program must be compiled with the headers of the library that it runs with; another one is refused by the linker or at the start (see temporal_slab_layout.h).
 *
 * Not for a function that may go on on another thread than it began on (fibers, coroutines): the compiler may remember the thread's heap across the switch, as it does with every thread-local
 * variable. There, call the functions.
 */
#ifndef TEMPORAL_SLAB_INLINE_H
#define TEMPORAL_SLAB_INLINE_H

#include "temporal_slab_layout.h"

#define SLAB_HOT_INLINE static inline __attribute__((always_inline))
#define SLAB_HOT_LIKELY(x) __builtin_expect(!!(x), 1)
#define SLAB_HOT_UNLIKELY(x) __builtin_expect(!!(x), 0)

#ifdef __cplusplus
#define SLAB_HOT_LOAD_RELAXED(p) __atomic_load_n((p), __ATOMIC_RELAXED)
#define SLAB_HOT_STORE_RELAXED(p, v) __atomic_store_n((p), (v), __ATOMIC_RELAXED)
#define SLAB_HOT_STORE_RELEASE(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define SLAB_HOT_ORDER_COMPILER() __atomic_signal_fence(__ATOMIC_SEQ_CST)
#define SLAB_HOT_PLAIN(p) (*(p))
extern "C" {
#else
#define SLAB_HOT_LOAD_RELAXED(p) atomic_load_explicit((p), memory_order_relaxed)
#define SLAB_HOT_STORE_RELAXED(p, v) atomic_store_explicit((p), (v), memory_order_relaxed)
#define SLAB_HOT_STORE_RELEASE(p, v) atomic_store_explicit((p), (v), memory_order_release)
#define SLAB_HOT_ORDER_COMPILER() atomic_signal_fence(memory_order_seq_cst)
#define SLAB_HOT_PLAIN(p) (*(__typeof__((void)0, *(p)) *)(p))
#endif

#if defined(__SANITIZE_THREAD__)
#define SLAB_HOT_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SLAB_HOT_TSAN 1
#endif
#endif

/* A relaxed load of a word that the compiler may make part of the instruction that needs it, which GCC does not do for atomic ones. For what is compared, once. */
#ifdef SLAB_HOT_TSAN
#define SLAB_HOT_LOAD_UNORDERED(p) SLAB_HOT_LOAD_RELAXED(p)
#else
#define SLAB_HOT_LOAD_UNORDERED(p) SLAB_HOT_PLAIN(p)
#endif

/* The library says here which registers its own functions use: see native/src/registers.h. */
#ifndef SLAB_HOT_REGISTER
#define SLAB_HOT_REGISTER(name, variable) ((void)0)
#endif

/* Has a value in a register of its own: a bin, which is not to be computed twice, or an address without an index (see SlabHotHeap). */
#define SLAB_HOT_IN_REGISTER(value) __asm__("" : "+r"(value))

/* A counter has one writer and any number of readers. One writer needs no locked read-modify-write; a reader sees whole 64-bit values. */
SLAB_HOT_INLINE void slab_hot_count(SLAB_HOT_ATOMIC(uint64_t) *counter, uint64_t n) {
#ifdef TSLAB_NO_COUNTERS /* only to measure what counting costs: what a snapshot then shows means nothing */
  (void)counter, (void)n;
#elif defined(__x86_64__) && !defined(SLAB_HOT_TSAN) /* one instruction, where compilers make three of the atomic accesses below */
  __asm__ volatile("{addq %1, %0|add %0, %1}" : "+m"(*counter) : "re"(n) : "memory");
#else
  SLAB_HOT_STORE_RELAXED(counter, SLAB_HOT_LOAD_RELAXED(counter) + n);
#endif
}

/* A counter of the bin whose top this is: as far behind it for every bin. */
#define SLAB_HOT_ALLOCS 0
#define SLAB_HOT_FREES 1
SLAB_HOT_INLINE SLAB_HOT_ATOMIC(uint64_t) *slab_hot_counter(SLAB_HOT_ATOMIC(SlabHotReady *) *of_top, int which) {
  return (SLAB_HOT_ATOMIC(uint64_t) *)((char *)of_top + SLAB_HOT_COUNTERS - offsetof(SlabHotHeap, top)) + which * SLAB_HOT_BINS;
}

/* Marks the heap as inside an operation on a bin, whose slabs and magazine stay its own when the epoch is open after that. */
SLAB_HOT_INLINE void slab_hot_hold(SlabHotHeap *heap, size_t bin) {
  SLAB_HOT_STORE_RELAXED(&heap->busy, (uint32_t)bin);
  SLAB_HOT_ORDER_COMPILER();
}
SLAB_HOT_INLINE void slab_hot_release(SlabHotHeap *heap) { SLAB_HOT_STORE_RELEASE(&heap->busy, SLAB_HOT_BUSY_NOT); }

/* A slot's state is the handle of its object, or minus the handle of the last one. A handle's upper half is its tag, odd, and each object's is the last one's of the slot + 2. */
#define SLAB_HOT_TAG_ONE (UINT64_C(1) << 32)
SLAB_HOT_INLINE bool slab_hot_is_live(uint64_t state) { return (state & SLAB_HOT_TAG_ONE) != 0; }
SLAB_HOT_INLINE uint64_t slab_hot_when_freed(SlabHandle last) { return -last; }
SLAB_HOT_INLINE SlabHandle slab_hot_next_handle(uint64_t freed) { return 2 * SLAB_HOT_TAG_ONE - freed; }

/* Makes an object of a bin's topmost slot, which stands at object. Counted before its state says so: a stale pointer may free it from that moment on. */
SLAB_HOT_INLINE void *slab_hot_take(SLAB_HOT_ATOMIC(SlabHotReady *) *top, SlabHotReady *ready, char *object, SlabHandle *out) {
  SLAB_HOT_ATOMIC(uint64_t) *state = ready->state;
  uint64_t freed = SLAB_HOT_LOAD_RELAXED(state); /* by itself and first: what the free just before has stored, AMD's Zen 3 hands to a mov at once, to a subtraction later */
  SLAB_HOT_STORE_RELAXED(top, ready - 1);
  slab_hot_count(slab_hot_counter(top, SLAB_HOT_ALLOCS), 1);
  SlabHandle handle = slab_hot_next_handle(freed);
  SLAB_HOT_STORE_RELEASE(state, handle);
  if (out) *out = handle;
  return object;
}

typedef void *SlabHotAlloc(SlabAllocator *alloc, uint32_t size, EpochId epoch, SlabHandle *out);

/* A constant for a constant size. */
SLAB_HOT_INLINE size_t slab_hot_class(const SlabHotHeap *heap, size_t last_byte) {
#define SLAB_HOT_CLASS_ROW(index, bytes) +(last_byte >= (bytes))
  return __builtin_constant_p(last_byte) ? (size_t)0 SLAB_HOT_CLASSES(SLAB_HOT_CLASS_ROW) : heap->class_of_last_byte[last_byte];
#undef SLAB_HOT_CLASS_ROW
}

/* last_byte: size - 1, out of range like the size. refill: what to do when nothing is at hand, the heap holding the bin; NULL to leave that to otherwise, as every other case. */
SLAB_HOT_INLINE void *slab_hot_alloc(SlabAllocator *alloc, uint32_t size, size_t last_byte, EpochId epoch, SlabHandle *out, SlabHotAlloc *refill, SlabHotAlloc *otherwise) {
  SlabHotHeap *heap = SLAB_HOT_THREAD;
  SLAB_HOT_REGISTER("r8", heap);
  if (SLAB_HOT_UNLIKELY(SLAB_HOT_LOAD_UNORDERED(&heap->alloc) != alloc || last_byte >= SLAB_MAX_OBJECT_BYTES || epoch >= SLAB_EPOCH_COUNT)) return otherwise(alloc, size, epoch, out);
  size_t bin = (uint32_t)(epoch * SLAB_CLASS_COUNT + slab_hot_class(heap, last_byte));
  SLAB_HOT_IN_REGISTER(bin);
  SLAB_HOT_REGISTER("r9", bin);
  slab_hot_hold(heap, bin);
  SLAB_HOT_ATOMIC(SlabHotReady *) *top = &heap->top[bin];
  SLAB_HOT_IN_REGISTER(top);
  SLAB_HOT_REGISTER("r10", top);
  SLAB_HOT_REGISTER("r9", bin);
  SlabHotReady *ready = SLAB_HOT_LOAD_RELAXED(top);
  SLAB_HOT_REGISTER("r11", ready);
  char *object = ready->object;
  SLAB_HOT_REGISTER("rax", object);
  if (SLAB_HOT_UNLIKELY(!object)) {
    if (refill) return refill(alloc, size, epoch, out);
    slab_hot_release(heap);
    return otherwise(alloc, size, epoch, out);
  }
  void *p = slab_hot_take(top, ready, object, out);
  slab_hot_release(heap);
  return p;
}

/* Without a handle; of any size. */
SLAB_HOT_INLINE void *slab_hot_malloc(SlabAllocator *alloc, size_t size, EpochId epoch, SlabHotAlloc *refill, SlabHotAlloc *otherwise) {
  size_t last_byte = size - 1;
  return slab_hot_alloc(alloc, last_byte < SLAB_MAX_OBJECT_BYTES ? (uint32_t)size : 0, last_byte, epoch, NULL, refill, otherwise);
}

/* Whether a slot begins so many bytes from the slab's base, and which. It may be the one after the last, for the bytes that are left over in a slab: its state is 0. For a thread
 * that holds s. With inverse * object_bytes = 2^32 + e, within = slot * object_bytes + rest: within * inverse = slot * 2^32 + (slot * e + rest * inverse), where
 * slot * e < inverse, so that the upper half is the slot and the lower one less than inverse exactly when rest is 0 (Lemire, Kaser, Kurz: Faster remainder by direct
 * computation, 2019). */
SLAB_HOT_INLINE bool slab_hot_slot_at(const SlabHotSlab *s, size_t within, size_t *slot) {
  if (SLAB_HOT_UNLIKELY(within >= SLAB_HOT_SLAB_BYTES)) return false;
  uint64_t product = within * s->inverse;
  *slot = product >> 32;
  return SLAB_HOT_LIKELY((uint32_t)product < s->inverse);
}

/* Room for one more in the bin's magazine; NULL when it is full or shut. For a thread whose heap holds the bin. */
SLAB_HOT_INLINE SlabHotReady *slab_hot_room(SLAB_HOT_ATOMIC(SlabHotReady *) *top_of_bin) {
  SlabHotReady *top = SLAB_HOT_LOAD_RELAXED(top_of_bin) + 1;
  SLAB_HOT_REGISTER("r11", top);
  return SLAB_HOT_UNLIKELY((uintptr_t)top % SLAB_HOT_MAGAZINE_BYTES == 0) ? NULL : top;
}

/* The object lives, in a slab of the heap, which holds the bin: kills it and puts its slot into the room there is. Whoever closes the epoch waits for the hold's end before he
 * looks at the slab's bits, or leaves the slab to a later pass. */
SLAB_HOT_INLINE void slab_hot_put(SlabHotHeap *heap, SLAB_HOT_ATOMIC(SlabHotReady *) *top_of_bin, SlabHotReady *room, SLAB_HOT_ATOMIC(uint64_t) *state, SlabHandle handle, char *object) {
  SLAB_HOT_STORE_RELAXED(state, slab_hot_when_freed(handle));
  __builtin_prefetch(object, 1); /* last in, first out: it is soon written to, and may have left the caches while it lived */
  slab_hot_count(slab_hot_counter(top_of_bin, SLAB_HOT_FREES), 1);
  room->object = object;
  SLAB_HOT_ORDER_COMPILER(); /* two stores: put together in a vector register they are four instructions */
  room->state = state;
  SLAB_HOT_STORE_RELAXED(top_of_bin, room);
  slab_hot_release(heap);
}

typedef bool SlabHotFree(SlabAllocator *alloc, SlabHandle handle);
typedef bool SlabHotFreeAddress(SlabAllocator *alloc, void *ptr);

/* Holds the slab's bin, which the caller releases. Whether the slab is the heap's. */
SLAB_HOT_INLINE bool slab_hot_hold_slab(SlabHotHeap *heap, SlabHotSlab *s, size_t bin) {
  slab_hot_hold(heap, bin);
  return SLAB_HOT_LIKELY(SLAB_HOT_LOAD_UNORDERED(&s->owner) == (struct SlabHeap *)heap);
}

/* full: what to do with a live object of the thread's when the magazine is full or shut, the heap holding the bin; NULL to leave that to otherwise, as every other case. */
SLAB_HOT_INLINE bool slab_hot_free(SlabAllocator *alloc, SlabHandle handle, SlabHotFree *full, SlabHotFree *otherwise) {
  SlabHotHeap *heap = SLAB_HOT_THREAD;
  SLAB_HOT_REGISTER("r8", heap);
  if (SLAB_HOT_UNLIKELY(SLAB_HOT_LOAD_UNORDERED(&heap->alloc) != alloc)) return otherwise(alloc, handle);
  SlabHotSlab *s = (SlabHotSlab *)((char *)heap->table + ((uint32_t)handle >> (SLAB_HOT_SLOT_BITS - SLAB_HOT_SLAB_SHIFT) & heap->table_mask));
  SLAB_HOT_REGISTER("rdx", s);
  size_t bin = SLAB_HOT_LOAD_RELAXED(&s->bin);
  SLAB_HOT_REGISTER("r9", bin);
  if (slab_hot_hold_slab(heap, s, bin)) {
    size_t slot = handle & ((UINT64_C(1) << SLAB_HOT_SLOT_BITS) - 1);
    SLAB_HOT_ATOMIC(uint64_t) *state = SLAB_HOT_LOAD_RELAXED(&s->states) + slot;
    SLAB_HOT_REGISTER("r10", state);
    if (SLAB_HOT_LIKELY(SLAB_HOT_LOAD_UNORDERED(state) == handle)) {
      char *object = s->base + slot * s->object_bytes;
      SLAB_HOT_REGISTER("rax", object);
      SLAB_HOT_ATOMIC(SlabHotReady *) *top = &heap->top[bin];
      SLAB_HOT_IN_REGISTER(top);
      SLAB_HOT_REGISTER("r9", top);
      SlabHotReady *room = slab_hot_room(top);
      if (room) {
        slab_hot_put(heap, top, room, state, handle, object);
        return true;
      }
      if (full) return full(alloc, handle);
    }
  }
  slab_hot_release(heap);
  return otherwise(alloc, handle);
}

/* By address. */
SLAB_HOT_INLINE bool slab_hot_free_address(SlabAllocator *alloc, void *ptr, SlabHotFree *full, SlabHotFreeAddress *otherwise) {
  SlabHotHeap *heap = SLAB_HOT_THREAD;
  SLAB_HOT_REGISTER("r8", heap);
  if (SLAB_HOT_UNLIKELY(SLAB_HOT_LOAD_UNORDERED(&heap->alloc) != alloc)) return otherwise(alloc, ptr);
  SlabHotSlab *s = (SlabHotSlab *)((char *)heap->table + (((uintptr_t)ptr - heap->window) / (SLAB_HOT_SLAB_BYTES >> SLAB_HOT_SLAB_SHIFT) & heap->table_mask));
  SLAB_HOT_REGISTER("rdx", s);
  size_t bin = SLAB_HOT_LOAD_RELAXED(&s->bin);
  SLAB_HOT_REGISTER("r9", bin);
  size_t slot;
  if (slab_hot_hold_slab(heap, s, bin) && slab_hot_slot_at(s, (size_t)((char *)ptr - s->base), &slot)) {
    SLAB_HOT_ATOMIC(uint64_t) *state = SLAB_HOT_LOAD_RELAXED(&s->states) + slot;
    SLAB_HOT_REGISTER("r10", state);
    SlabHandle handle = SLAB_HOT_LOAD_RELAXED(state);
    SLAB_HOT_REGISTER("rax", handle);
    if (SLAB_HOT_LIKELY(slab_hot_is_live(handle))) {
      SLAB_HOT_ATOMIC(SlabHotReady *) *top = &heap->top[bin];
      SLAB_HOT_IN_REGISTER(top);
      SLAB_HOT_REGISTER("r9", top);
      SlabHotReady *room = slab_hot_room(top);
      if (room) {
        slab_hot_put(heap, top, room, state, handle, (char *)ptr);
        return true;
      }
      if (full) return full(alloc, handle);
    }
  }
  slab_hot_release(heap);
  return otherwise(alloc, ptr);
}

/* The call where the inlined path does not serve. The handle comes by way of a variable of its own, so that the program's may stay in a register. */
SLAB_HOT_INLINE void *slab_hot_alloc_by_call(SlabAllocator *alloc, uint32_t size, EpochId epoch, SlabHandle *out) {
  SlabHandle handle;
  void *object = alloc_obj_epoch(alloc, size, epoch, &handle);
  if (out) *out = handle;
  return object;
}

/* alloc_obj_epoch, inlined. Thread-safe. */
SLAB_HOT_INLINE void *alloc_obj_epoch_inline(SlabAllocator *alloc, uint32_t size, EpochId epoch, SlabHandle *out) {
  return slab_hot_alloc(alloc, size, (size_t)size - 1, epoch, out, NULL, slab_hot_alloc_by_call);
}

/* free_obj, inlined. Thread-safe. */
SLAB_HOT_INLINE bool free_obj_inline(SlabAllocator *alloc, SlabHandle handle) { return slab_hot_free(alloc, handle, NULL, free_obj); }

/* slab_malloc_epoch, inlined. Thread-safe. */
SLAB_HOT_INLINE void *slab_malloc_epoch_inline(SlabAllocator *alloc, size_t size, EpochId epoch) { return slab_hot_malloc(alloc, size, epoch, NULL, slab_hot_alloc_by_call); }

/* slab_free, inlined. Thread-safe. */
SLAB_HOT_INLINE bool slab_free_inline(SlabAllocator *alloc, void *ptr) { return slab_hot_free_address(alloc, ptr, NULL, slab_free); }

#ifdef __cplusplus
}
#endif
#endif
