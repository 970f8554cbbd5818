/* Several threads on one size class: four of five objects have the hot size, and they are freed by another thread than the
 * one that allocated them. */
#include "random.h"
#include "workload.h"

#define SLICE_OPS 256
#define WORKING_SET 512
#define HOT_BYTES 128
#define HOT_PERCENT 80

static uint32_t hot_size(const SizeRange *range) {
  return HOT_BYTES < range->first ? range->first : HOT_BYTES > range->last ? range->last : HOT_BYTES;
}

void hotspot_slice(Worker *worker) {
  uint32_t hot = hot_size(&worker->plan->size);
  worker_enter(worker, "order-book");
  for (int i = 0; i < SLICE_OPS; i++) {
    uint32_t size = random_percent(&worker->random, HOT_PERCENT) ? hot : worker_size(worker);
    if (!worker_alloc(worker, size)) break;
    worker_keep(worker, WORKING_SET);
  }
  worker_leave(worker);
}

static void body(Worker *worker) {
  while (worker_running(worker)) hotspot_slice(worker);
}

const Workload workload_hotspot = {
    .name = "hotspot",
    .summary = "several threads, mixed sizes, one hot class (128 bytes), objects freed by another thread",
    .size = "16-768",
    .epoch_policy = "single",
    .free_policy = "remote",
    .duration = "2s",
    .threads = 4,
    .body = body,
};
