/* Allocation. The fast path takes the lowest free slot of a word of the thread's current slab: no lock, no read-modify-write, no shared line. */
#include "epoch.h"
#include "fork.h"
#include "heap.h"
#include "pool.h"

/* Takes a free slot out of word w of a slab that the thread holds. Counts it before anybody can know of the object. */
static inline __attribute__((always_inline)) void *take_slot(Heap *heap, uint32_t bin, Slab *s, uint32_t w, uint64_t free, SlabHandle *out) {
  uint32_t slot = w * 64 + (uint32_t)__builtin_ctzll(free);
  store_relaxed(&s->free[w], free & (free - 1));
  s->trip++;
  uint32_t tag = load_relaxed(&s->tags[slot]) + 1;
  store_relaxed(&s->tags[slot], tag);
  counter_add(&heap->counters->allocs[bin], 1);
  if (out) *out = load_relaxed(&s->handle_base) ^ ((uint64_t)slot << 32 | tag);
  return s->base + (size_t)slot * s->object_bytes;
}

/* A word of s with a free slot, its remotely freed slots collected if need be. BITMAP_WORDS when it is full. */
static uint32_t find_word(Slab *s, ThreadCounters *counters) {
  for (int round = 0; round < 2; round++) {
    for (uint32_t w = 0; w < BITMAP_WORDS; w++)
      if (load_relaxed(&s->free[w])) return w;
    if (slab_collect(s, counters) == 0) break;
    s->trip = (uint16_t)(slab_used(s) + TRIP_NEVER);
  }
  return BITMAP_WORDS;
}

/* Makes s the one that the bin allocates from. */
static void install(Heap *heap, uint32_t bin, Slab *s) {
  if (s->flags & SLAB_IS_EMPTY) tally(heap->counters, &heap->counters->from_empty[bin], 1);
  if (s->flags & SLAB_IS_FULL) tally(heap->counters, &heap->counters->to_partial[bin], 1);
  s->flags = SLAB_IS_CURRENT;
  s->trip = (uint16_t)(slab_used(s) + TRIP_NEVER);
  heap->current[bin] = s;
}

static void uninstall_full(Heap *heap, uint32_t bin, Slab *s) {
  s->flags = SLAB_IS_FULL;
  s->trip = 1;
  heap->current[bin] = no_slab;
  tally(heap->counters, &heap->counters->to_full[bin], 1);
}

/* A slab of this bin that the heap has already. */
static Slab *own_slab(Heap *heap, uint32_t bin) {
  SlabRef *list = heap->partial[bin] ? &heap->partial[bin] : &heap->empty[bin];
  if (!*list) return NULL;
  Slab *s = slab_of_ref(*list);
  bin_list_remove(list, s);
  if (list == &heap->empty[bin]) heap->empty_count[bin]--;
  return s;
}

static inline bool hold_epoch(SlabAllocator *alloc, Heap *heap, uint32_t epoch) {
  store_relaxed(&heap->busy, epoch + 1);
  order_compiler();
  if (likely(load_acquire(&alloc->open[epoch]))) return true;
  heap_release(heap);
  return false;
}

/* One allocation's way through the slow path. */
typedef struct SlowPath {
  uint32_t bin;
  bool counted;     /* as a slow-path hit */
  bool needs_chunk; /* the class is out of slabs: map a chunk, with no lock held, and go on */
} SlowPath;

/* Finds the bin a slab with a free slot and takes it. NULL when the epoch is closed, or needs_chunk is set. On return the heap holds nothing. */
static void *allocate_from_bin(SlabAllocator *alloc, Heap *heap, SlowPath *path, SlabHandle *out) {
  uint32_t bin = path->bin;
  ThreadCounters *t = heap->counters;
  ThreadClassCounters *c = &t->classes[BIN_CLASS(bin)];
  path->needs_chunk = false;
  heap_collect_pending(alloc, heap);
  for (;;) {
    if (!hold_epoch(alloc, heap, BIN_EPOCH(bin))) {
      tally(t, &c->slow_path_hits, 1);
      tally(t, &c->epoch_closed, 1);
      counter_add_shared(&alloc->counters->epochs[BIN_EPOCH(bin)].refused_allocs, 1);
      return NULL;
    }
    Slab *s = heap->current[bin];
    if (s != no_slab) {
      uint32_t w = find_word(s, t);
      if (w < BITMAP_WORDS) {
        s->hint = (uint8_t)w;
        void *p = take_slot(heap, bin, s, w, load_relaxed(&s->free[w]), out);
        heap_release(heap);
        return p;
      }
    }
    if (!path->counted) {
      tally(t, &c->slow_path_hits, 1);
      tally(t, s == no_slab ? &c->current_null : &c->current_full, 1);
      path->counted = true;
    }
    if (s != no_slab) uninstall_full(heap, bin, s);
    s = own_slab(heap, bin);
    PoolResult result = s ? POOL_OK : pool_take(alloc, heap, bin, &s);
    if (result == POOL_OK) install(heap, bin, s);
    heap_release(heap);
    if (result == POOL_NEEDS_CHUNK) {
      path->needs_chunk = true;
      return NULL;
    }
  }
}

static noinline_cold void *allocate_shared(SlabAllocator *alloc, SlowPath *path, SlabHandle *out) {
  pthread_mutex_lock(&alloc->shared_lock);
  void *p = allocate_from_bin(alloc, alloc->shared, path, out);
  pthread_mutex_unlock(&alloc->shared_lock);
  return p;
}

static __attribute__((noinline)) void *allocate_generic(SlabAllocator *alloc, uint64_t size, EpochId epoch, SlabHandle *out) {
  if (out) *out = 0;
  if (!alloc) return NULL;
  fork_finish(alloc);
  Heap *heap = heap_of(alloc);
  ThreadCounters *t = heap->counters;
  if (size == 0 || size > SLAB_MAX_OBJECT_BYTES || epoch >= SLAB_EPOCH_COUNT) {
    tally(t, &t->refused_sizes, 1);
    return NULL;
  }
  uint32_t cls = class_of_size((uint32_t)size);
  SlowPath path = {.bin = BIN_OF(epoch, cls)};
  void *p;
  do {
    p = heap->is_shared ? allocate_shared(alloc, &path, out) : allocate_from_bin(alloc, heap, &path, out);
    if (path.needs_chunk && !pool_grow(alloc, cls, t)) {
      tally(t, &t->classes[cls].alloc_failures, 1);
      break;
    }
  } while (path.needs_chunk);
  epoch_relieve(alloc, cls, t);
  return p;
}

static inline __attribute__((always_inline)) void *allocate(SlabAllocator *alloc, uint64_t size, EpochId epoch, SlabHandle *out) {
  Heap *heap = heap_of_thread;
  if (unlikely(!heap || load_relaxed(&heap->alloc) != alloc || size - 1 >= SLAB_MAX_OBJECT_BYTES || epoch >= SLAB_EPOCH_COUNT))
    return allocate_generic(alloc, size, epoch, out);
  uint32_t bin = BIN_OF(epoch, class_of_size((uint32_t)size));
  if (unlikely(!hold_epoch(alloc, heap, epoch))) return allocate_generic(alloc, size, epoch, out);
  Slab *s = heap->current[bin];
  uint32_t w = s->hint;
  uint64_t free = load_relaxed(&s->free[w]);
  if (unlikely(free == 0)) {
    heap_release(heap);
    return allocate_generic(alloc, size, epoch, out);
  }
  void *p = take_slot(heap, bin, s, w, free, out);
  heap_release(heap);
  return p;
}

void *alloc_obj_epoch(SlabAllocator *alloc, uint32_t size, EpochId epoch, SlabHandle *out) {
  return allocate(alloc, size, epoch, out);
}

void *slab_malloc_epoch(SlabAllocator *alloc, size_t size, EpochId epoch) { return allocate(alloc, size, epoch, NULL); }
