/* A server under bursts of requests: each request is an epoch, opened, filled, answered and closed. */
#include "clock.h"
#include "random.h"
#include "workload.h"

#define REQUESTS_PER_BURST 32
#define PAUSE_NS (1 * NS_PER_MS)

static bool alloc_some(Worker *worker, uint32_t count) {
  for (uint32_t i = 0; i < count; i++)
    if (!worker_alloc(worker, worker_small_size(worker))) return false;
  return true;
}

void burst_request(Worker *worker, bool nested) {
  bool search = random_below(&worker->random, 4) == 0;
  worker_enter(worker, search ? "search-query" : "request-handler");
  size_t mark = worker_mark(worker);
  alloc_some(worker, random_between(&worker->random, 40, 200));
  if (nested && random_below(&worker->random, 4) == 0) {
    worker_enter(worker, "template-render");
    alloc_some(worker, random_between(&worker->random, 20, 60));
    worker_leave(worker);
  }
  worker_free_since(worker, mark);
  worker_leave(worker);
}

static void body(Worker *worker) {
  while (worker_running(worker)) {
    for (int i = 0; i < REQUESTS_PER_BURST && worker_running(worker); i++) burst_request(worker, true);
    worker_pause(worker, PAUSE_NS);
  }
}

const Workload workload_burst = {
    .name = "burst",
    .summary = "bursts of requests, each with an epoch of its own that closes with the answer",
    .size = "16-512",
    .epoch_policy = "per-request",
    .free_policy = "lifo",
    .duration = "2s",
    .threads = 2,
    .body = body,
};
