#include "pauses.h"

#ifdef BENCH_SLAB_H

#include <time.h>

#define PERIOD_NS 1000000u

static void until(uint64_t ns) {
  struct timespec when = {(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL);
}

void epoch_kilohertz(uint64_t seconds) {
  if (!api_start()) exit(1);
  double us = timer_ns_per_tick() / 1000;
  pauses_start();
  until(clock_now_ns() + 20000000u);
  pauses_take();
  uint64_t begin = clock_now_ns();
  until(begin + seconds * 1000000000u);
  uint64_t still_ns = clock_now_ns() - begin;
  Pauses still = pauses_take();

  uint64_t cycles = seconds * 1000000000u / PERIOD_NS, refused = 0;
  begin = clock_now_ns();
  for (uint64_t i = 1; i <= cycles; i++) {
    EpochId next = epoch_advance(bench_slab), old = bench_epoch;
    if (next == EPOCH_INVALID) {
      refused++; // 15 older epochs still hold objects: a later turn finds room
    } else {
      bench_epoch = next;
      epoch_close(bench_slab, old);
    }
    until(begin + i * PERIOD_NS);
  }
  uint64_t busy_ns = clock_now_ns() - begin;
  Pauses busy = pauses_take();
  pauses_stop();
  result_number("cycles_per_sec", (double)(cycles - refused) * 1e9 / (double)busy_ns);
  result_count("advances_refused", refused);
  result_count("allocations_refused", busy.refused);
  result_number("pairs_per_sec", (double)busy.pairs * 1e9 / (double)busy_ns);
  result_number("pairs_per_sec_without", (double)still.pairs * 1e9 / (double)still_ns);
  result_count("longest_pause_us", (uint64_t)((double)busy.longest_ticks * us));
  result_count("longest_pause_without_us", (uint64_t)((double)still.longest_ticks * us));
  result_counters();
  api_end();
}

#endif
