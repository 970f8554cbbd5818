/* What the other layers ask about epochs. The public functions stand in temporal_slab.h. */
#ifndef SLAB_EPOCH_H
#define SLAB_EPOCH_H

#include "allocator.h"
#include "pool.h"

static inline EpochCounters *epoch_of(SlabAllocator *alloc, uint32_t epoch) { return &alloc->counters->epochs[epoch]; }

/* Opens epoch 0 of a new allocator. */
void epochs_create(SlabAllocator *alloc);

/* As epoch_advance; *era: of the incarnation that was opened. */
EpochId epoch_open_next(SlabAllocator *alloc, uint64_t *era);

/* Tries again what an epoch_close had to leave because a thread was inside an allocation. Any thread, no lock held; makes system calls. */
void epoch_sweep_deferred(SlabAllocator *alloc);

/* Turns the empty slabs of a settled, closed epoch back. Makes system calls. */
void epoch_sweep(SlabAllocator *alloc, uint32_t epoch, ThreadCounters *counters);

/* What every slow path ends with: pool_relieve, and deferred closes. Outside any hold and lock. */
static inline void epoch_relieve(SlabAllocator *alloc, uint32_t cls, ThreadCounters *counters) {
  pool_relieve(alloc, cls, counters);
  if (unlikely(load_relaxed(&alloc->deferred))) epoch_sweep_deferred(alloc);
}

/* Goes on with the close of an epoch whose thread is gone, as after a fork: no heap has anything of it any more, and it is swept at the next occasion. */
void epoch_take_over_close(SlabAllocator *alloc, uint32_t epoch);

/* One more inside. era 0 stands for whichever incarnation is there. */
SlabResult epoch_enter(SlabAllocator *alloc, uint32_t epoch, uint64_t era);

/* One less. close_if_last: the epoch is closed when nobody is left and it is still ACTIVE. */
SlabResult epoch_leave(SlabAllocator *alloc, uint32_t epoch, uint64_t era, bool close_if_last);

/* As slab_epoch_set_label, for labels that do not come back, such as times: shown with the epoch under id 0, and no place of the registry is taken. */
SlabResult epoch_set_passing_label(SlabAllocator *alloc, EpochId epoch, const char *label);

/* The two halves of a close. Turns the epoch CLOSING: from here on no slab of it is reclaimed until it is settled. epoch_lock held. */
void epoch_mark_closing(SlabAllocator *alloc, uint32_t epoch);

/* Gives back what is empty of the closed epoch of that era, and takes it from the heaps first when it has just been turned CLOSING (fresh). No lock held, outside any hold;
 * makes system calls. */
void epoch_reclaim(SlabAllocator *alloc, uint32_t epoch, uint64_t era, bool fresh);

/* Closes the epoch if its era is still the given one; era 0 stands for whichever is there. Makes system calls. */
SlabResult epoch_close_era(SlabAllocator *alloc, uint32_t epoch, uint64_t era);

#endif
