#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include "workload.h"

typedef struct Measured {
  uint32_t threads;
  uint64_t pairs;
  uint64_t wall_ns; /* from the first thread's start to the last one's end */
  uint64_t cpu_ns;  /* of all threads */
  Histogram alloc;  /* latency build only */
  Histogram free;
} Measured;

/* Runs a workload on its threads: start, a tenth of the pairs to warm up, then all of them, measured. Ends the program when a thread cannot be made.
 * pairs is rounded up to whole shares per thread. */
void measure(const Workload *workload, uint32_t threads, uint64_t pairs, Measured *out);

/* Runs what is measured, on each of the threads. Callgrind is told to count functions of such names (--toggle-collect=measured*) and nothing else in the process,
 * in each thread anew: on_new_thread has one of its own. */
void measured(const Workload *workload, Worker *worker);

#endif
