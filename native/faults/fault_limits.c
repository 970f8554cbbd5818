/* What there is a limit of: epochs and labels. */
#include <stdio.h>
#include <stdlib.h>

#include "fault.h"

/* Epochs that an object keeps; amount of the 16. Where the ring is full the service goes on in the generation it has. */
static void run_ring(Planted *planted) {
  SlabHandle object;
  for (unsigned i = 0; i < (unsigned)planted->amount; i++) {
    EpochId epoch = fault_open(planted);
    if (epoch == EPOCH_INVALID) return;
    alloc_obj_epoch(planted->service->alloc, 200, epoch, &object);
    epoch_close(planted->service->alloc, epoch);
    if (i + 4 >= (unsigned)planted->amount) fault_ready(planted); /* the last ones wait for the service's own */
  }
  fault_stays(planted);
}

/* A label for every tenant. amount: labels. */
static void run_labels(Planted *planted) {
  EpochId epoch = fault_open(planted);
  for (unsigned i = 0; i < (unsigned)planted->amount; i++) {
    char label[32];
    snprintf(label, sizeof label, "tenant-%u", i);
    slab_epoch_set_label(planted->service->alloc, epoch, label);
  }
  epoch_close(planted->service->alloc, epoch);
  fault_stays(planted);
}

const Fault fault_ring = {"ring-exhausted", "epoch-hoarder", "epochs", "epochs of the ring that a single object keeps", run_ring};
const Fault fault_labels = {"label-registry-full", "tenants", "labels", "more labels than the registry has room for", run_labels};
