/* Closing that finds little, or takes long. */
#include <stdlib.h>

#include "fault.h"

enum { BYTES = 192, PER_SLAB = 85 };

/* Epochs of 300 slabs, closed while one object of nearly every slab still lives; those are freed when the next one closes. amount: % of the slabs that are
 * empty at the close. */
static void run_low_yield(Planted *planted) {
  enum { SLABS = 300, N = SLABS * PER_SLAB };
  SlabHandle *objects[2] = {fault_handles(N), fault_handles(N)};
  uint64_t kept = 0;
  fault_ready(planted);
  for (unsigned round = 0; service_pause(planted->service, 100); round++) {
    SlabHandle *mine = objects[round % 2], *before = objects[(round + 1) % 2];
    EpochId epoch = fault_open(planted);
    if (epoch == EPOCH_INVALID) break;
    fault_fill(planted, epoch, BYTES, mine, N);
    for (size_t i = 0; i < N; i++) {
      if (i % PER_SLAB == 0 && (double)(kept++ % 100) >= planted->amount) continue;
      free_obj(planted->service->alloc, mine[i]);
      mine[i] = 0;
    }
    epoch_close(planted->service->alloc, epoch);
    fault_free(planted, before, N);
    for (size_t i = 0; i < N; i++) before[i] = 0;
  }
  fault_free(planted, objects[0], N);
  fault_free(planted, objects[1], N);
  free(objects[0]);
  free(objects[1]);
}

typedef struct Batch {
  Planted *planted;
  SlabHandle *objects;
  size_t n;
} Batch;

static void *free_batch(void *argument) {
  Batch *batch = argument;
  fault_free(batch->planted, batch->objects, batch->n);
  return NULL;
}

/* An epoch of so many MiB is filled, freed by another thread, so that its slabs are found empty only at the close, and closed; over and over. amount: MiB. */
static void run_large(Planted *planted) {
  Batch batch = {.planted = planted, .n = (size_t)(planted->amount * 1048576 / 128)};
  batch.objects = fault_handles(batch.n);
  fault_ready(planted);
  while (service_pause(planted->service, 300)) {
    EpochId epoch = fault_open(planted);
    pthread_t other;
    if (epoch == EPOCH_INVALID) break;
    fault_fill(planted, epoch, 128, batch.objects, batch.n);
    if (pthread_create(&other, NULL, free_batch, &batch) == 0) pthread_join(other, NULL);
    epoch_close(planted->service->alloc, epoch);
  }
  free(batch.objects);
}

const Fault fault_low_yield = {"low-yield", "chatty-batch", "% empty", "epochs closed while nearly every slab holds a survivor", run_low_yield};
const Fault fault_large_close = {"large-close", "huge-batch", "MiB", "epochs so large that closing them takes long", run_large};
