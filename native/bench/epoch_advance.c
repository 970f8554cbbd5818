#include "experiments.h"

#ifdef BENCH_SLAB_H

/* As many as the ring has room for are opened at a stretch, between two readings of the clock, then all are closed. */
#define STRETCH (SLAB_EPOCH_COUNT - 1)

static uint64_t stretch(bool advance) {
  uint64_t begin = timer_begin();
  for (uint32_t i = 0; i < STRETCH; i++) {
    if (advance) bench_epoch = epoch_advance(bench_slab);
    __asm__ volatile("" ::: "memory");
  }
  return timer_end() - begin;
}

void epoch_advance_cost(uint64_t advances) {
  if (!api_start()) exit(1);
  Histogram *with = own_memory(sizeof *with), *without = own_memory(sizeof *without), *close = own_memory(sizeof *close);
  for (uint64_t done = 0; done < advances; done += STRETCH) {
    histogram_add(with, stretch(true));
    histogram_add(without, stretch(false));
    for (EpochId epoch = 0; epoch < SLAB_EPOCH_COUNT; epoch++) {
      if (epoch == bench_epoch) continue;
      uint64_t begin = timer_begin();
      epoch_close(bench_slab, epoch);
      histogram_add(close, timer_end() - begin);
    }
  }
  double ns = timer_ns_per_tick() / STRETCH;
  double loop_ns = (double)histogram_quantile(without, 0.5) * ns;
  result_number("advance_p50_ns", (double)histogram_quantile(with, 0.5) * ns - loop_ns);
  result_number("advance_p99_ns", (double)histogram_quantile(with, 0.99) * ns - loop_ns);
  result_number("close_empty_p50_ns", (double)histogram_quantile(close, 0.5) * ns * STRETCH);
  result_counters();
  api_end();
}

#endif
