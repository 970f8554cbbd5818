/* Objects that nobody frees. */
#include <stdlib.h>

#include "fault.h"

enum { BYTES = 200 };

/* A closed epoch that cannot drain. Nobody is inside. */
static void run_leaked(Planted *planted) {
  size_t n = (size_t)planted->amount;
  SlabHandle *objects = fault_handles(n);
  EpochId epoch = fault_open(planted);
  fault_fill(planted, epoch, BYTES, objects, n);
  fault_close(planted, epoch);
  fault_stays(planted);
  free(objects);
}

/* One object is left in each slab. amount: MiB of slabs. */
static void run_sparse(Planted *planted) {
  size_t n = (size_t)(planted->amount * 1048576 / 256);
  SlabHandle *objects = fault_handles(n);
  EpochId epoch = fault_open(planted);
  fault_fill(planted, epoch, 256, objects, n);
  for (size_t i = 0; i < n; i++)
    if (i % 64 != 0 && objects[i]) free_obj(planted->service->alloc, objects[i]);
  fault_close(planted, epoch);
  fault_stays(planted);
  free(objects);
}

const Fault fault_objects_leaked = {"objects-leaked", "leaky-parser", "objects", "objects of a closed epoch that nobody frees; no domain inside", run_leaked};
const Fault fault_sparse = {"sparse-survivors", "sparse-index", "MiB", "one object of each slab survives the closing of its epoch and keeps the slab", run_sparse};
