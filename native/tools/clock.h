/* The one clock of the harness. */
#ifndef TOOLS_CLOCK_H
#define TOOLS_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_PER_MS 1000000ull
#define NS_PER_SEC 1000000000ull
#define FOREVER_NS UINT64_MAX

/* Nanoseconds of CLOCK_MONOTONIC. */
static inline uint64_t clock_monotonic_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * NS_PER_SEC + (uint64_t)now.tv_nsec;
}

/* start + span, FOREVER_NS when that does not fit. */
static inline uint64_t deadline_after(uint64_t start_ns, uint64_t span_ns) {
  return span_ns > FOREVER_NS - start_ns ? FOREVER_NS : start_ns + span_ns;
}

#endif
