#include <stddef.h>

#include "output.h"
#include "run.h"
#include "source.h"

static bool wait_run(void *state, uint64_t deadline_ns) { return run_wait(state, deadline_ns); }

static bool read_run(void *state, SlabSnapshot *out) {
  SlabResult result = slab_stats_snapshot(((Run *)state)->alloc, out);
  if (result != SLAB_OK) output_complain("slab_stats_snapshot was refused with code %d", (int)result);
  return result == SLAB_OK;
}

static void settle_run(void *state) { run_join(state); }

static void describe_run(void *state, Text *out) { run_describe(state, out); }

static ExitCode close_run(void *state) { return run_finish(state) ? EXIT_FINE : EXIT_BROKEN; }

ExitCode source_open_run(Source *out, const Plan *plan) {
  static Run run;
  *out = (Source){&run, wait_run, read_run, settle_run, describe_run, close_run};
  return run_start(&run, plan) ? EXIT_FINE : EXIT_BROKEN;
}
