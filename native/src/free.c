/* Freeing. The owner of a slab puts the slot into its bin's magazine, or marks it in `free` when that is full, with plain stores; everybody else claims
 * the object by a compare-and-swap on its tag and leaves a bit in `remote`. Whatever is not exactly a live object of this allocator is refused and counted. */
#include "contention.h"
#include "epoch.h"
#include "fork.h"
#include "heap.h"
#include "pool.h"

/* What a handle or a pointer says about its object; not yet believed. */
typedef struct Place {
  Slab *slab;
  SlabHandle handle; /* of the live object */
} Place;

static noinline_cold bool refuse(SlabAllocator *alloc, Slab *s) {
  if (!alloc) return false;
  fork_finish(alloc);
  ThreadCounters *t = heap_of(alloc)->counters;
  tally(t, s ? &t->classes[slab_chunk(s)->cls].invalid_frees : &t->unattributed_invalid_frees, 1);
  return false;
}

/* Marks a slot as free in its slab, which the heap holds. */
static __attribute__((noinline)) bool free_into_slab(SlabAllocator *alloc, Heap *heap, Slab *s, uint32_t slot) {
  _Atomic uint64_t *word = &s->free[slot / 64];
  store_release(word, load_relaxed(word) | UINT64_C(1) << (slot % 64));
  if (likely(--s->trip > 0)) {
    heap_release(heap);
    return true;
  }
  /* It has lost its last object, or has enough free slots to be allocated from again. */
  slab_collect(heap, s);
  heap_file(alloc, heap, s);
  heap_release(heap);
  epoch_relieve(alloc, slab_chunk(s)->cls, heap->counters);
  return true;
}

/* at.slab is the heap's, which holds it: whoever closes the epoch waits for that before he looks at the slab's bits, or leaves the slab to a later pass. */
static inline __attribute__((always_inline)) bool free_held(SlabAllocator *alloc, Heap *heap, Place at) {
  Slab *s = at.slab;
  uint32_t slot = handle_slot(at.handle), tag = handle_tag(at.handle);
  if (unlikely(slot >= s->slots || load_relaxed(&s->tags[slot]) != tag || (tag & 1) == 0)) {
    heap_release(heap);
    return refuse(alloc, s);
  }
  store_relaxed(&s->tags[slot], tag + 1);
  uint32_t bin = slab_bin(s);
  counter_add(&heap->counters->frees[bin], 1);
  Ready *top = heap->top[bin] + 1;
  if (unlikely((uintptr_t)top % sizeof(Magazine) == 0)) return free_into_slab(alloc, heap, s, slot);
  *top = (Ready){s, at.handle + 2 * HANDLE_TAG_ONE};
  heap->top[bin] = top;
  heap_release(heap);
  return true;
}

/* Of a slab that is not the thread's, or not known to be. */
static __attribute__((noinline)) bool free_elsewhere(SlabAllocator *alloc, Place at) {
  Slab *s = at.slab;
  uint32_t slot = handle_slot(at.handle), tag = handle_tag(at.handle);
  if (!s || !alloc || load_acquire(&slab_chunk(s)->alloc) != alloc) return refuse(alloc, NULL);
  if (slot >= slab_chunk(s)->slots) return refuse(alloc, s);
  fork_finish(alloc);
  Heap *heap = heap_of(alloc);
  if (!heap->is_shared && heap_hold(heap, s)) return free_held(alloc, heap, at); /* the thread had used another allocator last */
  ThreadCounters *t = heap->counters;
  uint32_t bin, cls = slab_chunk(s)->cls;
  ThreadClassCounters *c = &t->classes[cls];
  if ((tag & 1) == 0 || !cas_acq_rel(&s->tags[slot], &tag, tag + 1)) return refuse(alloc, s);

  /* From here on the object is dead and the slot is ours to pass on; until its bit is set, the slab stays where it is. */
  uint32_t retries = 0;
  _Atomic uint64_t *word = &s->remote[slot / 64];
  uint64_t bits = load_relaxed(word);
  if (!heap->is_shared) store_relaxed(&heap->busy, BUSY_FREEING); /* until the free is counted: see epoch_merge */
  order_compiler();
  bin = slab_bin(s);
  uint64_t bit = UINT64_C(1) << (slot % 64);
  while (!cas_weak_seq_cst(word, &bits, bits | bit)) retries++;
  tally(t, &t->frees[bin], 1);
  /* Set already: left over from an earlier free that raced with the owner's and was one too many. */
  if (unlikely(bits & bit)) slab_count_duplicates(t, bin, 1);
  if (!heap->is_shared) heap_release(heap);
  tally(t, &c->remote_frees, 1);
  if (retries) tally(t, &c->free_cas_retries[contention_bucket(alloc, BIN_EPOCH(bin))], retries);

  Heap *owner = load_seq_cst(&s->owner);
  if (owner == OWNER_SHARED) {
    if (slab_is_empty(s)) pool_reclaim_shared(alloc, s, t);
    epoch_relieve(alloc, cls, t);
  } else if (owner != OWNER_NONE) {
    heap_notify(owner, s, t);
  }
  return true;
}

static inline __attribute__((always_inline)) bool free_at(SlabAllocator *alloc, Place at) {
  Heap *heap = heap_of_thread;
  if (likely(at.slab && heap && load_relaxed(&heap->alloc) == alloc && heap_hold(heap, at.slab))) return free_held(alloc, heap, at);
  return free_elsewhere(alloc, at);
}

/* Slab NULL when there can be none. */
static inline Place place_of_handle(SlabHandle handle) {
  SlabRef ref = handle_ref(handle);
  Chunk *chunk = load_acquire(&chunk_by_id[ref >> SLAB_INDEX_BITS]);
  if (unlikely(!chunk)) return (Place){NULL, 0};
  return (Place){chunk_slab(chunk, ref & ((1u << SLAB_INDEX_BITS) - 1)), handle};
}

bool free_obj(SlabAllocator *alloc, SlabHandle handle) { return free_at(alloc, place_of_handle(handle)); }

/* Slab NULL when no object can start there. */
static inline Place place_of_address(const void *ptr) {
  Chunk *chunk = chunk_of_address(ptr);
  if (unlikely(!chunk)) return (Place){NULL, 0};
  size_t offset = (size_t)((const char *)ptr - chunk->first_slab); /* huge for what stands before it */
  size_t index = offset / SLAB_BYTES, within = offset % SLAB_BYTES;
  uint32_t slot = (uint32_t)(within * chunk->reciprocal >> 32);
  if (unlikely(index >= chunk->slab_count || slot >= chunk->slots || slot * chunk->object_bytes != within)) return (Place){NULL, 0};
  Slab *s = chunk_slab(chunk, (uint32_t)index);
  return (Place){s, handle_of(s, slot, load_relaxed(&s->tags[slot]))};
}

bool slab_free(SlabAllocator *alloc, void *ptr) {
  if (unlikely(!ptr)) return true;
  return free_at(alloc, place_of_address(ptr));
}

size_t slab_usable_size(const void *ptr) {
  Place at = ptr ? place_of_address(ptr) : (Place){NULL, 0};
  if (!at.slab || !load_acquire(&slab_chunk(at.slab)->alloc)) return 0;
  return handle_tag(at.handle) & 1 ? slab_chunk(at.slab)->object_bytes : 0;
}
