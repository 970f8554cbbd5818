/* From counters to numbers, wherever the counters stand. */
#ifndef SLAB_SNAPSHOT_H
#define SLAB_SNAPSHOT_H

#include "counters.h"

/* The blocks of one instance. Read with atomic loads only; nothing in them is believed beyond its being a number. */
typedef struct CounterView {
  GlobalCounters *global;
  /* The first block (restart) or the one after the last returned; NULL at the end. */
  ThreadCounters *(*block)(struct CounterView *view, bool restart);
  void *source; /* block's own */
  void *at;     /* block's own */
} CounterView;

/* Fills everything but what the system must be asked for: timestamp_ns, pid, page_size, RSS, live, counter_file, command, name.
 * now_monotonic_ns: CLOCK_MONOTONIC of the machine the counters are of. */
void snapshot_read(CounterView *view, uint64_t now_monotonic_ns, SlabSnapshot *out);

#endif
