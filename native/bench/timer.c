#include "timer.h"

#include <time.h>

static uint64_t read_clock(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t clock_now_ns(void) { return read_clock(CLOCK_MONOTONIC); }
uint64_t clock_process_cpu_ns(void) { return read_clock(CLOCK_PROCESS_CPUTIME_ID); }

double timer_ns_per_tick(void) {
  uint64_t ns = clock_now_ns(), ticks = timer_begin();
  while (clock_now_ns() - ns < 20000000u) {
  }
  uint64_t ns_end = clock_now_ns(), ticks_end = timer_begin();
  return (double)(ns_end - ns) / (double)(ticks_end - ticks);
}
