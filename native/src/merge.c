/* epoch_merge: the slabs of one closed epoch become another's. */
#include "epoch.h"
#include "fork_child.h"
#include "heap.h"
#include "lock.h"
#include "os.h"
#include "pool.h"

/* Both are closed and quiet; claims them, so that nothing is reclaimed, reopened or merged meanwhile. */
static SlabResult claim(SlabAllocator *alloc, uint32_t from, uint32_t into) {
  SlabResult result = SLAB_OK;
  lock(&alloc->epoch_lock);
  uint64_t first = load_acquire(&alloc->counters->epochs[from].word), second = load_acquire(&alloc->counters->epochs[into].word);
  if (EPOCH_ERA(first) == 0 || EPOCH_ERA(second) == 0)
    result = SLAB_ERR_CLOSED;
  else if (EPOCH_IS_ACTIVE(first) || EPOCH_IS_ACTIVE(second) || EPOCH_REFS(first) || !epoch_settled(alloc, from) || !epoch_settled(alloc, into))
    result = SLAB_ERR_BUSY;
  else
    fetch_or_seq_cst(&alloc->unsettled, 1u << from | 1u << into);
  unlock(&alloc->epoch_lock);
  return result;
}

/* Waits until every free that found a slab under the old epoch is counted there: each thread is seen once outside those few instructions. One that is
 * not seen so for a tenth of a second, many turns of a busy scheduler (stopped in a debugger), leaves both epochs' live objects off by one; nothing but those numbers depends on it. */
static void await_frees(SlabAllocator *alloc) {
  enum { AWAIT_YIELDS = 100, AWAIT_SLEEPS = 1000, SLEEP_NS = 100000 };
  if (alloc->handshake) os_barrier_all_threads();
  lock(&alloc->heaps_lock);
  Heap *heap = alloc->heaps; /* heaps stay in the list, and new ones come in front */
  unlock(&alloc->heaps_lock);
  for (; heap; heap = heap->next_of_alloc)
    for (int turn = 0; turn < AWAIT_YIELDS + AWAIT_SLEEPS && load_acquire(&heap->hot.busy) == BUSY_FREEING; turn++) {
      if (turn < AWAIT_YIELDS)
        os_yield();
      else
        os_sleep_ns(SLEEP_NS);
    }
}

/* Books what lives in the first epoch over to the second. */
static void move_objects(SlabAllocator *alloc, uint32_t cls, uint32_t from, uint32_t into, ThreadCounters *counters) {
  ClassCounters *c = &alloc->counters->classes[cls];
  uint32_t bin = BIN_OF(from, cls);
  uint64_t live = 0;
  lock(&alloc->heaps_lock);
  for (Heap *heap = alloc->heaps; heap; heap = heap->next_of_alloc)
    live += load_acquire(&heap_counters(heap)->allocs[bin]) - load_acquire(&heap_counters(heap)->frees[bin]);
  unlock(&alloc->heaps_lock);
  pool_lock(alloc, cls, from, counters);
  section_begin(&c->seq);
  live += load_relaxed(&c->moved_in[from]) - load_relaxed(&c->moved_out[from]);
  counter_add(&c->moved_out[from], live);
  counter_add(&c->moved_in[into], live);
  section_end(&c->seq);
  pool_unlock(alloc, cls);
}

SlabResult epoch_merge(SlabAllocator *alloc, EpochId from, EpochId into) {
  if (!alloc || from >= SLAB_EPOCH_COUNT || into >= SLAB_EPOCH_COUNT || from == into) return SLAB_ERR_ARGUMENT;
  fork_finish(alloc);
  SlabResult result = claim(alloc, from, into);
  if (result != SLAB_OK) return result;
  ThreadCounters *counters = heap_counters(heap_of(alloc));
  lock(&alloc->merge_lock);
  section_begin(&alloc->counters->merge_seq);
  for (uint32_t cls = 0; cls < SLAB_CLASS_COUNT; cls++) pool_move_orphans(alloc, cls, from, into, counters);
  await_frees(alloc);
  for (uint32_t cls = 0; cls < SLAB_CLASS_COUNT; cls++) move_objects(alloc, cls, from, into, counters);
  section_end(&alloc->counters->merge_seq);
  unlock(&alloc->merge_lock);
  fetch_and_seq_cst(&alloc->unsettled, ~(1u << from | 1u << into));
  epoch_sweep(alloc, into, counters);
  return SLAB_OK;
}
