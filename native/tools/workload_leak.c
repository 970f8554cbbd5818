/* A program with two bugs: one object in a hundred is never freed, and a background worker forgets to leave its domain.
 * All other epochs are closed on time; those that hold leaked objects never drain. */
#include "random.h"
#include "workload.h"

#define BUGGY_LABEL "background-worker-3"
#define UNFINISHED_OBJECTS 100

/* Still entered when the process ends, so it can never be destroyed; volatile, or the compiler would not keep it reachable. */
static epoch_domain_t *volatile forgotten;

static void forget_to_leave(Worker *worker) {
  worker_enter_domain(worker, BUGGY_LABEL);
  for (int i = 0; i < UNFINISHED_OBJECTS && worker_alloc(worker, worker_size(worker)); i++) continue;
  forgotten = worker_forget_domain(worker);
}

static void body(Worker *worker) {
  static const char *const labels[] = {"request-handler", "report-builder", "session-cache"};
  if (worker->index == 0) forget_to_leave(worker);
  while (worker_running(worker)) {
    worker_enter(worker, labels[random_below(&worker->random, 3)]);
    size_t mark = worker_mark(worker);
    uint32_t count = random_between(&worker->random, 50, 250);
    for (uint32_t i = 0; i < count && worker_alloc(worker, worker_size(worker)); i++) continue;
    worker_free_since(worker, mark);
    worker_leave(worker);
  }
}

const Workload workload_leak = {
    .name = "leak",
    .summary = "1 % of the objects are never freed, and " BUGGY_LABEL " forgets to leave its domain",
    .size = "32-512",
    .epoch_policy = "rotate",
    .free_policy = "never:1",
    .duration = "2s",
    .threads = 2,
    .rate = 200000,
    .body = body,
};
