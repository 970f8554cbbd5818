/* Freeing. The owner of a slab puts the slot into its bin's magazine, or marks it in `free` when that is full, with plain stores; everybody else claims
 * the object by a compare-and-swap on its slot's state and leaves a bit in `remote`. Whatever is not exactly a live object of this allocator is refused and counted. */
#include "registers.h" /* first: the hot paths are made with it */

#include "contention.h"
#include "epoch.h"
#include "fork_child.h"
#include "free.h"
#include "heap.h"
#include "magazine.h"
#include "pool.h"

static noinline_cold bool refuse(SlabAllocator *alloc, Slab *s) {
  if (!alloc) return false;
  fork_finish(alloc);
  ThreadCounters *t = heap_counters(heap_of(alloc));
  tally(t, s ? &t->classes[slab_chunk(s)->cls].invalid_frees : &t->unattributed_invalid_frees, 1);
  return false;
}

/* A slab of the heap has lost its last object, or has enough free slots to be allocated from again: puts it where it belongs. The heap holds it. */
static noinline_cold bool file_slab(SlabAllocator *alloc, Heap *heap, Slab *s) {
  slab_collect(heap, s);
  heap_file(alloc, heap, s);
  heap_release(heap);
  epoch_relieve(alloc, slab_chunk(s)->cls, heap_counters(heap));
  return true;
}

/* The state of a handle's slot; the handle's object lives when the two are equal. For a thread that holds s. */
static inline SlotState *state_of(Slab *s, SlabHandle handle) { return load_relaxed(&s->states) + handle_slot(handle); }

static inline char *object_of(Slab *s, SlabHandle handle) { return s->base + handle_slot(handle) * s->object_bytes; }

/* The bin's magazine is shut: the slot goes back to its slab. The heap holds the bin. */
static noinline_cold bool free_into_slab(SlabAllocator *alloc, Heap *heap, Slab *s, SlotState *state) {
  SlabBook *book = slab_book(s);
  size_t slot = (size_t)(state - load_relaxed(&s->states));
  _Atomic uint64_t *word = &book->free[slot / 64];
  store_relaxed(word, load_relaxed(word) | UINT64_C(1) << (slot % 64));
  if (unlikely(--book->trip == 0)) return file_slab(alloc, heap, s);
  heap_release(heap);
  return true;
}

/* The handle's object lives in a slab of this thread, whose heap holds the bin; the bin's magazine is full, in which case half of it goes back to the slabs first, or shut. The object
 * lives on until then: were it freed by another thread meanwhile, one free too many, a slab that is looked at takes the slot for free, and this free is refused. */
static __attribute__((noinline)) bool free_and_unload(SlabAllocator *alloc, SlabHandle handle) {
  Heap *heap = heap_of(alloc);
  Slab *s = slab_of_ref(handle_ref(handle));
  uint32_t bin = (uint32_t)slab_bin(s);
  SlotState *state = state_of(s, handle);
  Ready *top = magazine_unload(alloc, heap, bin);
  if (unlikely(load_relaxed(state) != handle)) {
    heap_release(heap);
    epoch_relieve(alloc, BIN_CLASS(bin), heap_counters(heap));
    return refuse(alloc, s);
  }
  store_relaxed(state, slab_hot_when_freed(handle));
  counter_add(&heap_counters(heap)->frees[bin], 1);
  if (unlikely(!top)) return free_into_slab(alloc, heap, s, state);
  top[1] = (Ready){object_of(s, handle), state};
  store_relaxed(&heap->hot.top[bin], top + 1);
  heap_release(heap);
  epoch_relieve(alloc, BIN_CLASS(bin), heap_counters(heap));
  return true;
}

/* An object whose slab is not this thread's, or not known to be. */
static __attribute__((noinline)) bool free_elsewhere(SlabAllocator *alloc, SlabHandle handle) {
  SlabRef ref = handle_ref(handle);
  Chunk *chunk = ref < load_acquire(&slab_table_count) ? load_acquire(&chunk_by_id[ref >> SLAB_INDEX_BITS]) : NULL;
  if (!chunk || !alloc || load_acquire(&chunk->alloc) != alloc) return refuse(alloc, NULL);
  Slab *s = slab_of_ref(ref);
  size_t slot = handle_slot(handle);
  SlotState *states = load_acquire(&s->states);
  if (!states) return refuse(alloc, s);
  fork_finish(alloc);
  Heap *heap = heap_of(alloc);
  if (!heap->is_shared && heap_hold(heap, s)) { /* the thread had used another allocator last, or the handle is refused */
    SlotState *state = state_of(s, handle);
    if (load_relaxed(state) == handle) {
      _Atomic(Ready *) *top = &heap->hot.top[slab_bin(s)];
      Ready *room = slab_hot_room(top);
      if (!room) return free_and_unload(alloc, handle);
      slab_hot_put(&heap->hot, top, room, state, handle, object_of(s, handle));
      return true;
    }
    heap_release(heap);
    return refuse(alloc, s);
  }
  ThreadCounters *t = heap_counters(heap);
  uint32_t cls = chunk->cls;
  ThreadClassCounters *c = &t->classes[cls];
  uint64_t live = handle;
  if (!cas_acq_rel(&states[slot], &live, slab_hot_when_freed(handle))) return refuse(alloc, s);

  /* From here on the object is dead and the slot is ours to pass on; until its bit is set, the slab stays where it is. */
  uint32_t retries = 0;
  _Atomic uint64_t *word = &slab_book(s)->remote[slot / 64];
  uint64_t bits = load_relaxed(word);
  if (!heap->is_shared) store_relaxed(&heap->hot.busy, BUSY_FREEING); /* until the free is counted: see epoch_merge */
  order_compiler();
  uint32_t bin = (uint32_t)slab_bin(s);
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

bool free_obj(SlabAllocator *alloc, SlabHandle handle) { return slab_hot_free(alloc, handle, free_and_unload, free_elsewhere); }

/* The state of the slot that begins at an address, of whichever allocator, and its slab; 0 when none does. */
static uint64_t state_at(const void *ptr, Slab **slab) {
  uint64_t number = slab_number_at(ptr);
  if (number >= load_acquire(&slab_table_count)) return 0;
  Slab *s = *slab = slab_of_ref((SlabRef)number);
  SlotState *states = load_acquire(&s->states); /* after which what else stands in the slab does not change as long as its allocator lives */
  size_t slot;
  return states && slab_hot_slot_at(s, (size_t)((char *)(uintptr_t)ptr - s->base), &slot) ? load_relaxed(&states[slot]) : 0;
}

static __attribute__((noinline)) bool free_address_elsewhere(SlabAllocator *alloc, void *ptr) {
  if (!ptr) return true;
  Slab *s;
  uint64_t state = state_at(ptr, &s);
  return free_elsewhere(alloc, slab_hot_is_live(state) ? state : state_last_handle(state)); /* of an object that is dead: refused, and counted in its class */
}

static bool not_freed(SlabAllocator *alloc, void *ptr) { return (void)alloc, (void)ptr, false; }
bool free_own(SlabAllocator *alloc, void *ptr) { return slab_hot_free_address(alloc, ptr, free_and_unload, not_freed); }
bool slab_free(SlabAllocator *alloc, void *ptr) { return slab_hot_free_address(alloc, ptr, free_and_unload, free_address_elsewhere); }

size_t slab_usable_size(const void *ptr) {
  Slab *s;
  return slab_hot_is_live(state_at(ptr, &s)) ? s->object_bytes : 0;
}
