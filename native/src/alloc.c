/* Allocation. The fast path (temporal_slab_inline.h) takes the top of the bin's magazine: no lock, no read-modify-write, no shared line. The slow one fills it. */
#include "registers.h" /* first: the hot path is made with it */

#include "epoch.h"
#include "fork_child.h"
#include "heap.h"
#include "lock.h"
#include "magazine.h"
#include "pool.h"

/* Makes s the one that the bin allocates from. */
static void install(Heap *heap, uint32_t bin, Slab *s) {
  if (s->flags & SLAB_IS_EMPTY) tally(heap_counters(heap), &heap_counters(heap)->from_empty[bin], 1);
  if (s->flags & SLAB_IS_FULL) tally(heap_counters(heap), &heap_counters(heap)->to_partial[bin], 1);
  s->flags = SLAB_IS_CURRENT;
  slab_book(s)->trip = (uint16_t)(slab_taken(s) + TRIP_NEVER);
  heap->hot.current[bin] = s;
}

static void uninstall_full(Heap *heap, uint32_t bin, Slab *s) {
  s->flags = SLAB_IS_FULL;
  slab_book(s)->trip = (uint16_t)slab_full_until(s);
  heap->hot.current[bin] = NULL;
  tally(heap_counters(heap), &heap_counters(heap)->to_full[bin], 1);
}

/* A slab of this bin that the heap has already. */
static Slab *own_slab(Heap *heap, uint32_t bin) {
  SlabRef *list = heap->hot.partial[bin] ? &heap->hot.partial[bin] : &heap->hot.empty[bin];
  if (!*list) return NULL;
  Slab *s = slab_of_ref(*list);
  bin_list_remove(list, s);
  if (list == &heap->hot.empty[bin]) heap->empty_count[bin]--;
  return s;
}

/* Fills the empty magazine from the current slab, its remotely freed slots collected if need be, and to a half from further ones of the bin where those before had few free
 * slots. Its top; NULL when the current slab is full. The heap holds the bin. */
static Ready *refill(Heap *heap, uint32_t bin, Ready *bottom) {
  enum { FURTHER_SLABS = 32 };
  uint32_t room = heap->is_shared ? 1 : MAGAZINE_HALF; /* nobody frees into the shared heap's */
  Slab *s = heap->hot.current[bin];
  Ready *top = magazine_load(heap, bin, s, bottom, room);
  if (!top) {
    if (slab_collect(heap, s) == 0) return NULL;
    slab_book(s)->trip = (uint16_t)(slab_taken(s) + TRIP_NEVER);
    if (!(top = magazine_load(heap, bin, s, bottom, room))) return NULL;
  }
  for (int i = 0; i < FURTHER_SLABS && top - bottom < room && heap->hot.partial[bin]; i++) {
    uninstall_full(heap, bin, s);
    s = own_slab(heap, bin);
    install(heap, bin, s);
    Ready *more = magazine_load(heap, bin, s, top, room - (uint32_t)(top - bottom));
    if (more) top = more;
  }
  return top;
}

/* The top of the bin's magazine, which is opened if need be; NULL when its epoch is closed. The heap holds the bin. The top is read before open[], so a magazine that is
 * shut when the epoch is open was shut for an earlier incarnation, and nothing of it is set aside. */
static inline Ready *open_magazine(SlabAllocator *alloc, Heap *heap, uint32_t bin) {
  Ready *top = load_acquire(&heap->hot.top[bin]);
  if (!load_acquire(&alloc->open[BIN_EPOCH(bin)])) return NULL;
  return likely(top != MAGAZINE_SHUT) ? top : magazine_open(alloc, heap, bin);
}

/* One allocation's way through the slow path. */
typedef struct SlowPath {
  uint32_t bin;
  bool counted;     /* as a slow-path hit */
  bool needs_chunk; /* the class is out of slabs: map a chunk, with no lock held, and go on */
  bool any_slab;    /* none could be mapped: see pool_take */
} SlowPath;

/* Finds the bin a slab with a free slot and takes it. NULL when the epoch is closed, or needs_chunk is set. On return the heap holds nothing. */
static void *allocate_from_bin(SlabAllocator *alloc, Heap *heap, SlowPath *path, SlabHandle *out) {
  uint32_t bin = path->bin;
  ThreadCounters *t = heap_counters(heap);
  ThreadClassCounters *c = &t->classes[BIN_CLASS(bin)];
  path->needs_chunk = false;
  heap_collect_pending(alloc, heap, bin);
  for (;;) {
    heap_hold_bin(heap, bin);
    Ready *top = open_magazine(alloc, heap, bin);
    if (!top) {
      heap_release(heap);
      tally(t, &c->slow_path_hits, 1);
      tally(t, &c->epoch_closed, 1);
      counter_add_shared(&alloc->counters->epochs[BIN_EPOCH(bin)].refused_allocs, 1);
      return NULL;
    }
    Slab *s = heap->hot.current[bin];
    if (!top->object) top = s ? refill(heap, bin, top) : NULL; /* it holds some when the thread used another allocator last */
    if (top) {
      void *p = slab_hot_take(&heap->hot.top[bin], top, top->object, out);
      heap_release(heap);
      return p;
    }
    if (!path->counted) {
      tally(t, &c->slow_path_hits, 1);
      tally(t, !s ? &c->current_null : &c->current_full, 1);
      path->counted = true;
    }
    if (s) uninstall_full(heap, bin, s);
    s = own_slab(heap, bin);
    PoolResult result = s ? POOL_OK : pool_take(alloc, heap, bin, path->any_slab, &s);
    if (result == POOL_OK) install(heap, bin, s);
    heap_release(heap);
    if (result == POOL_NEEDS_CHUNK) {
      path->needs_chunk = true;
      return NULL;
    }
  }
}

static noinline_cold void *allocate_shared(SlabAllocator *alloc, SlowPath *path, SlabHandle *out) {
  lock(&alloc->shared_lock);
  void *p = allocate_from_bin(alloc, alloc->shared, path, out);
  unlock(&alloc->shared_lock);
  return p;
}

static __attribute__((noinline)) void *allocate_generic(SlabAllocator *alloc, uint32_t size, EpochId epoch, SlabHandle *out) {
  if (out) *out = 0;
  if (!alloc) return NULL;
  fork_finish(alloc);
  Heap *heap = heap_of(alloc);
  ThreadCounters *t = heap_counters(heap);
  if (size == 0 || size > SLAB_MAX_OBJECT_BYTES || epoch >= SLAB_EPOCH_COUNT) {
    tally(t, &t->refused_sizes, 1);
    return NULL;
  }
  uint32_t cls = class_of_size(size);
  SlowPath path = {.bin = BIN_OF(epoch, cls)};
  void *p;
  do {
    p = heap->is_shared ? allocate_shared(alloc, &path, out) : allocate_from_bin(alloc, heap, &path, out);
    if (path.needs_chunk && path.any_slab) {
      tally(t, &t->classes[cls].alloc_failures, 1);
      break;
    }
    if (path.needs_chunk && !pool_grow(alloc, cls, t)) path.any_slab = true;
  } while (path.needs_chunk);
  epoch_relieve(alloc, cls, t);
  return p;
}

/* The magazine is empty or shut, and the heap holds the bin: it is filled from the current slab, else from another. Takes what the fast path was called with,
 * which then need not keep anything else. */
static __attribute__((noinline)) void *allocate_refill(SlabAllocator *alloc, uint32_t size, EpochId epoch, SlabHandle *out) {
  Heap *heap = heap_of(alloc); /* in a child of a signal handler's fork this thread has forgotten it just now */
  uint32_t bin = BIN_OF(epoch, class_of_size(size));
  Ready *top = open_magazine(alloc, heap, bin);
  Slab *s = top ? heap->hot.current[bin] : NULL; /* whoever closes the epoch resets it */
  if (likely(s && (top->object || (top = refill(heap, bin, top))))) {
    void *p = slab_hot_take(&heap->hot.top[bin], top, top->object, out);
    heap_release(heap);
    return p;
  }
  heap_release(heap);
  return allocate_generic(alloc, size, epoch, out);
}

void *alloc_obj_epoch(SlabAllocator *alloc, uint32_t size, EpochId epoch, SlabHandle *out) {
  return slab_hot_alloc(alloc, size, size - 1, epoch, out, allocate_refill, allocate_generic);
}

void *slab_malloc_epoch(SlabAllocator *alloc, size_t size, EpochId epoch) { return slab_hot_malloc(alloc, size, epoch, allocate_refill, allocate_generic); }
