/* A bit of everything in less than a second: requests, a cache, a hot class with remote frees, a bulk job. */
#include "workload.h"

#define REQUESTS 8
#define BULK_EVERY 16
#define BULK_BYTES (2u << 20)

static void body(Worker *worker) {
  static const EpochPolicy per_request = {.kind = EPOCH_PER_REQUEST}, windows = {.kind = EPOCH_ROTATE}, single = {.kind = EPOCH_SINGLE};
  static const FreePolicy lifo = {.kind = FREE_LIFO}, lagged = {.kind = FREE_LAGGED, .lag = 4096}, remote = {.kind = FREE_REMOTE};
  for (unsigned round = 0; worker_running(worker); round++) {
    worker_use(worker, per_request, lifo);
    for (int i = 0; i < REQUESTS && worker_running(worker); i++) burst_request(worker, false);
    worker_use(worker, windows, lagged);
    steady_slice(worker);
    worker_use(worker, single, remote);
    hotspot_slice(worker);
    worker_use(worker, per_request, lifo);
    if (round % BULK_EVERY == 0) kernel_job(worker, BULK_BYTES, "bulk-import");
  }
}

const Workload workload_mixed = {
    .name = "mixed",
    .summary = "a bit of everything in less than a second",
    .size = "16-768",
    .duration = "600ms",
    .threads = 4,
    .body = body,
};
