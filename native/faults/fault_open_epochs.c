/* Epochs that are not closed, or are used after they were. */
#include <stdlib.h>

#include "fault.h"

/* In use, nobody inside, never closed. amount: MiB that live there. */
static void run_active_old(Planted *planted) {
  size_t n = (size_t)(planted->amount * 1048576 / 256);
  SlabHandle *objects = fault_handles(n);
  EpochId epoch = fault_open(planted);
  fault_fill(planted, epoch, 256, objects, n);
  fault_stays(planted);
  free(objects);
}

/* Everything in it has been freed, but it is not closed. A thread keeps up to 1 MiB of each class for itself. */
static void *fill_and_empty(void *argument) {
  Planted *planted = argument;
  static const uint32_t sizes[] = {64, 96, 128, 192, 256, 384, 512, 768};
  SlabHandle *objects = fault_handles(1048576 / 64);
  for (int cls = 0; cls < 8; cls++) {
    size_t n = 60 * (16384 / sizes[cls]);
    fault_fill(planted, atomic_load(&planted->epoch), sizes[cls], objects, n);
    fault_free(planted, objects, n);
  }
  free(objects);
  fault_stays(planted);
  return NULL;
}

/* amount: threads, 7.5 MiB each. */
static void run_never_closed(Planted *planted) {
  atomic_store(&planted->epoch, fault_open(planted));
  fault_crew(planted, (unsigned)planted->amount, fill_and_empty);
}

/* amount: attempts a second in an epoch that is CLOSING; a survivor keeps it there. */
static void run_into_closing(Planted *planted) {
  SlabHandle survivor, refused;
  EpochId epoch = fault_open(planted);
  alloc_obj_epoch(planted->service->alloc, 200, epoch, &survivor);
  epoch_close(planted->service->alloc, epoch);
  fault_ready(planted);
  unsigned per_tick = (unsigned)(planted->amount / 100) ? (unsigned)(planted->amount / 100) : 1;
  unsigned tick_ms = planted->amount < 100 ? (unsigned)(1000 / planted->amount) : 10;
  while (service_pause(planted->service, tick_ms))
    for (unsigned i = 0; i < per_tick; i++) alloc_obj_epoch(planted->service->alloc, 200, epoch, &refused);
}

const Fault fault_active_old = {"active-old", "forgotten-batch", "MiB", "an epoch in use that nobody closes; no domain inside", run_active_old};
const Fault fault_never_closed = {"never-closed", "emptied-buffers", "threads",
                                  "an epoch whose objects are all freed and that nobody closes; 7.5 MiB of empty slabs for each thread", run_never_closed};
const Fault fault_into_closing = {"alloc-into-closing", "late-writer", "allocations/s", "allocations in an epoch that is CLOSING", run_into_closing};
