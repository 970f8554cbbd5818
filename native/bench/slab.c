#include "slab.h"

SlabAllocator *bench_slab;
_Atomic EpochId bench_epoch;

bool slab_start(void) {
  bench_slab = slab_allocator_create();
  if (bench_slab) bench_epoch = epoch_current(bench_slab);
  return bench_slab != NULL;
}

void slab_end(void) {
  slab_allocator_free(bench_slab);
  bench_slab = NULL;
}
