/* Threads that allocate and free all the time and remember how long their longest operation took. */
#ifndef BENCH_PAUSES_H
#define BENCH_PAUSES_H

#include "experiments.h"

#define PAUSE_THREADS 2

typedef struct Pauses {
  uint64_t pairs;
  uint64_t refused;        /* allocations in an epoch that had just been closed */
  uint64_t longest_ticks;  /* of operations during which the kernel did not take the processor away */
  uint64_t preempted_ticks; /* of those during which it did */
  uint64_t preempted;
} Pauses;

/* Starts the threads; they allocate in whatever bench_epoch says. */
void pauses_start(void);
/* What happened since the last call, of all threads together; the counters begin anew. */
Pauses pauses_take(void);
/* Stops them and frees what they hold. */
void pauses_stop(void);

#endif
