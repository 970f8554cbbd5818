/* Where snapshots come from. main and the emitters see only this; each kind of source has a source_*.c. */
#ifndef TOOLS_SOURCE_H
#define TOOLS_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "exit_codes.h"
#include "plan.h"
#include "target.h"
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
  /* Releases everything. Anything but EXIT_FINE, said why, when something was found wrong on the way. */
  ExitCode (*close)(void *state);
} Source;

/* A workload in this process. Anything but EXIT_FINE, said why, when it cannot start. plan must outlive the source. */
ExitCode source_open_run(Source *out, const Plan *plan);

/* The counters of another process. Anything but EXIT_FINE, said why, when there are none to be had: see choose.h. It has nothing more to wait for once
 * the process has ended; the snapshot after that is its last state, with live = false. */
ExitCode source_open_attached(Source *out, const Target *target);

#endif
