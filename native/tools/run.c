#include "run.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "interrupt.h"
#include "output.h"
#include "workload.h"

/* Small, so that a thousand threads are no burden; ample for the sanitizers' frames. */
#define STACK_BYTES (1u << 20)

void run_fail(Run *run, const char *format, ...) {
  if (!atomic_exchange_explicit(&run->failed, true, memory_order_relaxed)) {
    char reason[512];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    output_complain("%s", reason);
  }
  interrupt_request();
}

static void *thread_main(void *argument) {
  Worker *worker = argument;
  worker->plan->workload->body(worker);
  worker_end(worker);
  if (atomic_fetch_sub_explicit(&worker->run->busy, 1, memory_order_acq_rel) == 1) interrupt_wake();
  return NULL;
}

static bool start_threads(Run *run) {
  pthread_attr_t attributes;
  int error = pthread_attr_init(&attributes);
  if (!error) error = pthread_attr_setstacksize(&attributes, STACK_BYTES);
  while (!error && run->started < run->plan->threads) {
    Worker *worker = &run->workers[run->started];
    error = pthread_create(&worker->thread, &attributes, thread_main, worker);
    if (!error) run->started++;
  }
  pthread_attr_destroy(&attributes);
  if (error)
    output_complain("cannot start thread %u of %u: %s", (unsigned)run->started + 1, (unsigned)run->plan->threads, strerror(error));
  return !error;
}

bool run_start(Run *run, const Plan *plan) {
  *run = (Run){.plan = plan, .alloc = slab_allocator_create(), .start_ns = clock_monotonic_ns()};
  run->workers = calloc(plan->threads, sizeof *run->workers);
  if (!run->alloc || !run->workers) {
    output_complain("out of memory for an allocator and %u threads", (unsigned)plan->threads);
    slab_allocator_free(run->alloc);
    free(run->workers);
    return false;
  }
  pthread_mutex_init(&run->rotation, NULL);
  atomic_init(&run->shared_epoch, EPOCH_INVALID);
  atomic_init(&run->busy, plan->threads);
  run->first_epoch = epoch_current(run->alloc);
  slab_epoch_set_label(run->alloc, run->first_epoch, "main");
  /* All of them before the first thread: a thread may hand objects to its neighbour at once. */
  for (uint32_t i = 0; i < plan->threads; i++) worker_init(&run->workers[i], run, i);
  if (start_threads(run)) return true;
  interrupt_request();
  run_join(run);
  run_finish(run);
  return false;
}

bool run_wait(Run *run, uint64_t deadline_ns) {
  for (;;) {
    if (atomic_load_explicit(&run->busy, memory_order_acquire) == 0) return false;
    if (deadline_ns != FOREVER_NS && clock_monotonic_ns() >= deadline_ns) return true;
    interrupt_wait(deadline_ns);
  }
}

static WorkerCounts total_counts(const Run *run) {
  WorkerCounts total = {0};
  for (uint32_t i = 0; i < run->plan->threads; i++) {
    const WorkerCounts *counts = &run->workers[i].counts;
    total.allocated += counts->allocated;
    total.freed += counts->freed;
    total.refused += counts->refused;
    total.without_epoch += counts->without_epoch;
    total.rotations_missed += counts->rotations_missed;
  }
  return total;
}

static void compare(Run *run, const char *what, uint64_t counted, uint64_t expected) {
  if (counted != expected) run_fail(run, "the allocator counts %" PRIu64 " %s, the harness %" PRIu64, counted, what, expected);
}

/* Every allocation and free was counted by both sides; at rest the books must agree to the last one. */
static void compare_books(Run *run) {
  WorkerCounts total = total_counts(run);
  SlabGlobalStats global;
  if (slab_stats_global(run->alloc, &global) != SLAB_OK) {
    run_fail(run, "slab_stats_global was refused");
    return;
  }
  uint64_t live = 0;
  for (uint32_t i = 0; i < SLAB_CLASS_COUNT; i++) {
    SlabClassStats stats;
    if (slab_stats_class(run->alloc, i, &stats) != SLAB_OK) {
      run_fail(run, "slab_stats_class was refused");
      return;
    }
    live += stats.live_objects;
  }
  compare(run, "allocations", global.total_bitmap_alloc_attempts, total.allocated);
  compare(run, "frees", global.total_bitmap_free_attempts, total.freed);
  compare(run, "live objects", live, total.allocated - total.freed);
  compare(run, "invalid frees", global.total_invalid_frees + global.unattributed_invalid_frees, 0);
}

void run_join(Run *run) {
  for (uint32_t i = 0; i < run->started; i++) pthread_join(run->workers[i].thread, NULL);
  run->end_ns = clock_monotonic_ns();
  if (!atomic_load_explicit(&run->failed, memory_order_relaxed)) compare_books(run);
}

void run_describe(const Run *run, Text *out) {
  WorkerCounts total = total_counts(run);
  double seconds = (double)(run->end_ns - run->start_ns) / 1e9;
  text_addf(out, "%s: %u threads, %.2f s, %" PRIu64 " allocations (%.0f/s), %" PRIu64 " frees", run->plan->workload->name,
            (unsigned)run->plan->threads, seconds, total.allocated, (double)total.allocated / (seconds > 0 ? seconds : 1), total.freed);
  if (total.refused) text_addf(out, ", %" PRIu64 " allocations refused", total.refused);
  if (total.without_epoch) text_addf(out, ", %" PRIu64 " times no free epoch", total.without_epoch);
  if (total.rotations_missed) text_addf(out, ", %" PRIu64 " rotations put off", total.rotations_missed);
  text_add(out, "\n");
}

bool run_finish(Run *run) {
  for (uint32_t i = 0; i < run->plan->threads; i++) worker_settle(&run->workers[i]);
  bool failed = atomic_load_explicit(&run->failed, memory_order_relaxed);
  if (!failed) compare_books(run);
  failed = atomic_load_explicit(&run->failed, memory_order_relaxed);
  slab_allocator_free(run->alloc);
  pthread_mutex_destroy(&run->rotation);
  free(run->workers);
  return !failed;
}
