/* Freeing. The owner of a slab marks the slot with plain stores; everybody else claims the object by a compare-and-swap on its tag and leaves a bit
 * in `remote`. Whatever is not exactly a live object of this allocator is refused and counted. */
#include "contention.h"
#include "epoch.h"
#include "fork.h"
#include "heap.h"
#include "pool.h"

/* What a handle or a pointer says about its object; not yet believed. */
typedef struct Place {
  Slab *slab;
  uint32_t slot;
  uint32_t tag; /* of the live object */
} Place;

static noinline_cold bool refuse(SlabAllocator *alloc, Slab *s) {
  if (!alloc) return false;
  fork_finish(alloc);
  ThreadCounters *t = heap_of(alloc)->counters;
  tally(t, s ? &t->classes[slab_chunk(s)->cls].invalid_frees : &t->unattributed_invalid_frees, 1);
  return false;
}

/* The slab of a free has lost its last object, or has enough free slots to be allocated from again: puts it where it belongs. The heap holds it. */
static noinline_cold void file_slab(SlabAllocator *alloc, Heap *heap, Slab *s) {
  slab_collect(s, heap->counters);
  heap_file(alloc, heap, s);
  heap_release(heap);
  epoch_relieve(alloc, slab_chunk(s)->cls, heap->counters);
}

static inline bool free_local(SlabAllocator *alloc, Heap *heap, Place at);

static __attribute__((noinline)) bool free_remote(SlabAllocator *alloc, Place at) {
  Slab *s = at.slab;
  fork_finish(alloc);
  Heap *heap = heap_of(alloc);
  if (load_relaxed(&s->owner) == heap && !heap->is_shared) return free_local(alloc, heap, at); /* the thread had used another allocator last */
  ThreadCounters *t = heap->counters;
  uint32_t bin, cls = slab_chunk(s)->cls;
  ThreadClassCounters *c = &t->classes[cls];
  uint32_t tag = at.tag;
  if ((tag & 1) == 0 || !cas_acq_rel(&s->tags[at.slot], &tag, tag + 1)) return refuse(alloc, s);

  /* From here on the object is dead and the slot is ours to pass on; until its bit is set, the slab stays where it is. */
  uint32_t retries = 0;
  _Atomic uint64_t *word = &s->remote[at.slot / 64];
  uint64_t bits = load_relaxed(word);
  if (!heap->is_shared) store_relaxed(&heap->busy, BUSY_FREEING); /* until the free is counted: see epoch_merge */
  order_compiler();
  bin = slab_bin(s);
  uint64_t bit = UINT64_C(1) << (at.slot % 64);
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

/* Under a hold: whoever closes the epoch waits for it before he looks at the slab's bits, or leaves the slab to a later pass. */
static inline __attribute__((always_inline)) bool free_local(SlabAllocator *alloc, Heap *heap, Place at) {
  Slab *s = at.slab;
  if (unlikely(!heap_hold(heap, s))) return free_remote(alloc, at);
  if (unlikely(load_relaxed(&s->tags[at.slot]) != at.tag || (at.tag & 1) == 0)) {
    heap_release(heap);
    return refuse(alloc, s);
  }
  store_relaxed(&s->tags[at.slot], at.tag + 1);
  uint32_t w = at.slot / 64;
  s->hint = (uint8_t)w;
  store_release(&s->free[w], load_relaxed(&s->free[w]) | UINT64_C(1) << (at.slot % 64));
  counter_add(&heap->counters->frees[slab_bin(s)], 1);
  if (unlikely(--s->trip == 0))
    file_slab(alloc, heap, s);
  else
    heap_release(heap);
  return true;
}

/* at.slab belongs to alloc and at.slot is one of its slots. */
static inline bool free_at(SlabAllocator *alloc, Place at) {
  Heap *heap = heap_of_thread;
  if (likely(heap != NULL)) return free_local(alloc, heap, at);
  return free_remote(alloc, at);
}

bool free_obj(SlabAllocator *alloc, SlabHandle handle) {
  uint32_t place = (uint32_t)(handle >> 32);
  uint32_t slot = place & (MAX_SLOTS - 1);
  Chunk *chunk = load_acquire(&chunk_by_id[place >> (SLOT_BITS + SLAB_INDEX_BITS)]);
  if (unlikely(!chunk || !alloc || load_acquire(&chunk->alloc) != alloc)) return refuse(alloc, NULL);
  Slab *s = chunk_slab(chunk, place >> SLOT_BITS & ((1u << SLAB_INDEX_BITS) - 1));
  if (unlikely(slot >= chunk->slots)) return refuse(alloc, s);
  return free_at(alloc, (Place){s, slot, (uint32_t)(handle ^ load_relaxed(&s->handle_base))});
}

/* The place of an object's address; slab NULL when there can be none. */
static inline Place place_of(Chunk *chunk, const void *ptr) {
  size_t offset = (size_t)((const char *)ptr - chunk->first_slab);
  uint32_t index = (uint32_t)(offset / SLAB_BYTES), within = (uint32_t)(offset % SLAB_BYTES);
  uint32_t slot = (uint32_t)((uint64_t)within * chunk->reciprocal >> 32);
  if (unlikely((const char *)ptr < chunk->first_slab || index >= chunk->slab_count || slot >= chunk->slots || slot * chunk->object_bytes != within))
    return (Place){NULL, 0, 0};
  Slab *s = chunk_slab(chunk, index);
  return (Place){s, slot, load_relaxed(&s->tags[slot])};
}

bool slab_free(SlabAllocator *alloc, void *ptr) {
  if (unlikely(!ptr)) return true;
  Chunk *chunk = chunk_of_address(ptr);
  if (unlikely(!chunk || !alloc || load_acquire(&chunk->alloc) != alloc)) return refuse(alloc, NULL);
  Place at = place_of(chunk, ptr);
  if (unlikely(!at.slab)) return refuse(alloc, NULL);
  return free_at(alloc, at);
}

size_t slab_usable_size(const void *ptr) {
  Chunk *chunk = ptr ? chunk_of_address(ptr) : NULL;
  if (!chunk || !load_acquire(&chunk->alloc)) return 0;
  Place at = place_of(chunk, ptr);
  return at.slab && (at.tag & 1) ? chunk->object_bytes : 0;
}
