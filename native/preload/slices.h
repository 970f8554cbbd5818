/* Epochs by the clock: with TSLAB_EPOCH=1s each second's allocations stand in an epoch of their own, labelled with that second, so that what is
 * still there later tells when it was allocated. Old slices are kept together, ever more coarsely, so that 16 epochs last for hours.
 *
 * There is no thread for it: every so often a malloc looks at the clock, and one that finds the slice over opens the next. */
#ifndef PRELOAD_SLICES_H
#define PRELOAD_SLICES_H

#include "atomics.h"
#include "temporal_slab.h"

/* Where to allocate. May be closed the moment after it was read: read it again then. */
extern _Atomic EpochId slice_epoch;

/* Reads TSLAB_EPOCH (a number and ms, s, m or h; 10ms … 24h; anything else: off) and TSLAB_UTC_OFFSET (minutes east of UTC; without it labels are in
 * UTC and end in Z). Once, before the instance is used. Guarded. */
void slices_start(SlabAllocator *alloc);

/* Allocations until this thread's next look at the clock. */
extern _Thread_local uint32_t slice_countdown;

void slices_look(void);

/* Asked by each allocation, before it: whether to call slices_look first. */
static inline bool slices_due(void) { return --slice_countdown == 0; }

#endif
