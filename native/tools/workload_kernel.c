/* Large reclaim: fills an epoch with tens of megabytes, frees all of it and closes the epoch, so that RSS before and after
 * the close shows what the kernel took back. */
#include "workload.h"

#define JOB_BYTES (32u << 20)

void kernel_job(Worker *worker, size_t bytes, const char *label) {
  worker_enter(worker, label);
  size_t mark = worker_mark(worker);
  for (size_t filled = 0; filled < bytes;) {
    uint32_t size = worker_size(worker);
    if (!worker_alloc(worker, size)) break;
    filled += size;
  }
  worker_free_since(worker, mark);
  worker_leave(worker);
}

static void body(Worker *worker) {
  static const char *const labels[] = {"bulk-import", "index-rebuild"};
  for (unsigned job = 0; worker_running(worker); job++) kernel_job(worker, JOB_BYTES, labels[job % 2]);
}

const Workload workload_kernel = {
    .name = "kernel",
    .summary = "fills 32 MiB, frees them, closes the epoch: does the kernel take the memory back?",
    .size = "256-768",
    .epoch_policy = "per-request",
    .free_policy = "fifo",
    .duration = "2s",
    .threads = 1,
    .body = body,
};
