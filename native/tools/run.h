/* A workload running on an allocator of its own. */
#ifndef TOOLS_RUN_H
#define TOOLS_RUN_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "text.h"
#include "worker.h"

typedef struct Run {
  const Plan *plan;
  SlabAllocator *alloc;
  Worker *workers;
  uint32_t started; /* threads to be joined */
  uint64_t start_ns, end_ns;
  EpochId first_epoch;
  pthread_mutex_t rotation;
  _Atomic EpochId shared_epoch; /* EPOCH_ROTATE; EPOCH_INVALID: none yet */
  atomic_uint busy;             /* threads that have not finished */
  atomic_bool failed;
} Run;

/* Starts the threads. False, with a message and nothing left behind, when allocator or threads cannot be had.
 * plan must outlive the run. */
bool run_start(Run *run, const Plan *plan);

/* Sleeps until every thread has finished or deadline_ns; true while some have not. One thread at a time. */
bool run_wait(Run *run, uint64_t deadline_ns);

/* Joins all threads, which must have been asked to end or end by themselves, and compares the harness's own books with the
 * allocator's. What is live stays live. */
void run_join(Run *run);

/* Adds a line on what was done. After run_join. */
void run_describe(const Run *run, Text *out);

/* Verifies and frees every object left, compares once more, ends the allocator. False when anything was ever found wrong. */
bool run_finish(Run *run);

/* Records that the run has failed, prints the first reason, interrupts. Any thread. */
void run_fail(Run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Who frees what this worker hands over. */
static inline Worker *run_neighbour(const Worker *worker) {
  return &worker->run->workers[(worker->index + 1) % worker->plan->threads];
}

/* The slot number is all that is shared: what belongs to the epoch is the allocator's to order. */
static inline EpochId run_shared_epoch(Run *run) { return atomic_load_explicit(&run->shared_epoch, memory_order_acquire); }
static inline void run_share_epoch(Run *run, EpochId epoch) { atomic_store_explicit(&run->shared_epoch, epoch, memory_order_release); }

#endif
