/* The one instance of temporal-slab and the epoch that the workloads allocate in. */
#ifndef BENCH_SLAB_H
#define BENCH_SLAB_H

#include <stdatomic.h>

#include "temporal_slab.h"

extern SlabAllocator *bench_slab;
extern _Atomic EpochId bench_epoch;

/* Makes the instance, its counters in a file as by default. False when the system refuses. */
bool slab_start(void);
void slab_end(void);

/* What workloads allocate in; an experiment may put another epoch there at any time. */
static inline EpochId epoch_in_use(void) { return atomic_load_explicit(&bench_epoch, memory_order_relaxed); }

#endif
