/* Closing that finds little, or takes long. */
#include <stdlib.h>

#include "fault.h"

/* An epoch with a survivor in each of its slabs that is closed again and again, in the hope that it drains. amount: closes a second. */
static void run_low_yield(Planted *planted) {
  enum { BYTES = 192, PER_SLAB = 85, SLABS = 2048, N = SLABS * PER_SLAB };
  SlabHandle *objects = fault_handles(N);
  EpochId epoch = fault_open(planted);
  fault_fill(planted, epoch, BYTES, objects, N);
  for (size_t i = 0; i < N; i++) {
    if (i % PER_SLAB == 0) continue;
    free_obj(planted->service->alloc, objects[i]);
    objects[i] = 0;
  }
  fault_ready(planted);
  enum { TICK_MS = 10 };
  for (double due = 0; service_pause(planted->service, TICK_MS); due += planted->amount * TICK_MS / 1000)
    for (; due >= 1; due--) epoch_close(planted->service->alloc, epoch);
  fault_free(planted, objects, N);
  free(objects);
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

const Fault fault_low_yield = {"low-yield", "eager-closer", "closes/s", "an epoch of 2048 slabs, each with a survivor, closed again and again", run_low_yield};
const Fault fault_large_close = {"large-close", "huge-batch", "MiB", "epochs so large that closing them takes long", run_large};
