/* What one run has to say: one JSON object on stdout. */
#ifndef BENCH_RESULT_H
#define BENCH_RESULT_H

#include "measure.h"

/* Every object begins with the name, the interface, and the library that malloc comes from. */
void result_begin(const char *name);
void result_number(const char *key, double value);
void result_count(const char *key, uint64_t value);
void result_counts(const char *key, const uint64_t *values, uint64_t count);
/* p50 … max of a histogram in ns. */
void result_latency(const char *key, const Histogram *histogram, double ns_per_tick);
/* How often our locks were contended and our compare-and-swaps repeated; nothing for other interfaces. */
void result_counters(void);
void result_end(void);

#endif
