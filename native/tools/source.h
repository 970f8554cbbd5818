/* Where snapshots come from. main and the emitters see only this; each kind of source has a source_*.c. */
#ifndef TOOLS_SOURCE_H
#define TOOLS_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "plan.h"
#include "temporal_slab_stats.h"
#include "text.h"

typedef struct Source {
  void *state;
  /* Sleeps until deadline_ns (CLOCK_MONOTONIC, FOREVER_NS: none). False once there is nothing more to wait for. */
  bool (*wait)(void *state, uint64_t deadline_ns);
  /* Takes a snapshot now. False, said why, when there is none. */
  bool (*read)(void *state, SlabSnapshot *out);
  /* Brings it to rest for the final snapshot. */
  void (*settle)(void *state);
  /* Adds a line on what the source did, after settle. */
  void (*describe)(void *state, Text *out);
  /* Releases everything. False, said why, when something was found wrong on the way. */
  bool (*close)(void *state);
} Source;

/* A workload in this process. False, said why, when it cannot start. plan must outlive the source. */
bool source_open_run(Source *out, const Plan *plan);

#endif
