/* Counters as a broken allocator would leave them. Injected into the counters themselves. */
#include "fault.h"
#include "heap.h"

/* A writer that stopped in the middle of a section that is read as a whole: of its own epoch, which nobody else writes. */
static void run_torn(Planted *planted) {
  EpochId epoch = fault_open(planted);
  Counter *seq = &planted->service->alloc->counters->epochs[epoch].seq;
  fault_ready(planted);
  section_begin(seq);
  while (service_pause(planted->service, 1000)) continue;
  section_end(seq);
}

/* Causes of slow paths without slow paths. amount: how many, at once. */
static void run_law(Planted *planted) {
  EpochId epoch = fault_open(planted);
  SlabHandle object = service_object(planted->service, 512, epoch);
  counter_add(&heap_counters(heap_of_thread())->classes[class_of_size(512)].cache_miss, (uint64_t)planted->amount);
  if (object) free_obj(planted->service->alloc, object);
  epoch_close(planted->service->alloc, epoch);
  fault_stays(planted);
}

const Fault fault_torn = {"torn-section", "unlucky-writer", "1", "a writer that stopped inside a section of the counters (injected into the counters)", run_torn};
const Fault fault_law = {"causes-without-effects", "", "events", "slow paths caused that never happened (injected into the counters)", run_law};
