/* Ticks of the processor's own clock, for times of a few nanoseconds. The fences keep the measured call between the two readings. */
#ifndef BENCH_TIMER_H
#define BENCH_TIMER_H

#include <stdint.h>

#if defined(__x86_64__)
#include <x86intrin.h>
static inline uint64_t timer_begin(void) {
  _mm_lfence();
  uint64_t ticks = __rdtsc();
  _mm_lfence();
  return ticks;
}
static inline uint64_t timer_end(void) {
  unsigned cpu;
  uint64_t ticks = __rdtscp(&cpu); // waits for all that stands before it
  _mm_lfence();
  return ticks;
}
#elif defined(__aarch64__)
static inline uint64_t timer_begin(void) {
  uint64_t ticks;
  __asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(ticks)::"memory");
  return ticks;
}
static inline uint64_t timer_end(void) { return timer_begin(); }
#else
#error "a timer for this processor"
#endif

/* Nanoseconds of CLOCK_MONOTONIC, and of the CPU time that all threads of this process have used. */
uint64_t clock_now_ns(void);
uint64_t clock_process_cpu_ns(void);

/* Nanoseconds per tick, measured against CLOCK_MONOTONIC over 20 ms. */
double timer_ns_per_tick(void);

#endif
