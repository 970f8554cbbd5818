/* A cache in its steady state: as much comes as goes, objects outlive the epoch they were born in, closed epochs drain. */
#include "workload.h"

#define SLICE_OPS 256
#define WORKING_SET 4096

void steady_slice(Worker *worker) {
  worker_enter(worker, "session-cache");
  for (int i = 0; i < SLICE_OPS && worker_alloc(worker, worker_size(worker)); i++) worker_keep(worker, WORKING_SET);
  worker_leave(worker);
}

static void body(Worker *worker) {
  while (worker_running(worker)) steady_slice(worker);
}

const Workload workload_steady = {
    .name = "steady",
    .summary = "churn at a constant level; objects are freed long after, in epochs closed meanwhile",
    .size = "32-384",
    .epoch_policy = "rotate:50000",
    .free_policy = "lagged:4096",
    .duration = "2s",
    .threads = 2,
    .body = body,
};
