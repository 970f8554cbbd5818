/* Counts of durations in ticks: 64 steps to each power of two, so a quantile is at most 1.6 % above the true one. */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_STEP_BITS 6
#define HISTOGRAM_STEPS (1u << HISTOGRAM_STEP_BITS)
#define HISTOGRAM_BUCKETS ((65 - HISTOGRAM_STEP_BITS) * HISTOGRAM_STEPS)

typedef struct Histogram {
  uint64_t counts[HISTOGRAM_BUCKETS];
  uint64_t max;
} Histogram;

static inline void histogram_add(Histogram *h, uint64_t ticks) {
  uint32_t shift = ticks < HISTOGRAM_STEPS ? 0 : (uint32_t)(63 - __builtin_clzll(ticks)) - HISTOGRAM_STEP_BITS;
  // Below 64 ticks every value has a bucket of its own; above, the leading bit is implied by the row.
  h->counts[(shift ? (uint64_t)shift * HISTOGRAM_STEPS : 0) + (ticks >> shift)]++;
  if (ticks > h->max) h->max = ticks;
}

void histogram_merge(Histogram *into, const Histogram *from);

/* Ticks that the share (0 … 1) of all durations does not exceed: the upper end of the bucket, at most the longest. 0 when empty. */
uint64_t histogram_quantile(const Histogram *h, double share);

#endif
