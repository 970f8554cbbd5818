/* The one instance of temporal-slab and the epoch that the workloads allocate in. */
#ifndef BENCH_SLAB_H
#define BENCH_SLAB_H

#include "temporal_slab.h"

extern SlabAllocator *bench_slab;
extern EpochId bench_epoch;

/* Makes the instance, its counters in a file as by default. False when the system refuses. */
bool slab_start(void);
void slab_end(void);

#endif
