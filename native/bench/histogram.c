#include "histogram.h"

void histogram_merge(Histogram *into, const Histogram *from) {
  for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++) into->counts[i] += from->counts[i];
  if (from->max > into->max) into->max = from->max;
}

/* The largest value that falls into a bucket. */
static uint64_t upper_end(uint32_t bucket) {
  if (bucket < 2 * HISTOGRAM_STEPS) return bucket;
  uint32_t shift = bucket / HISTOGRAM_STEPS - 1;
  return ((uint64_t)(bucket - shift * HISTOGRAM_STEPS + 1) << shift) - 1;
}

uint64_t histogram_quantile(const Histogram *h, double share) {
  uint64_t total = 0, seen = 0;
  for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++) total += h->counts[i];
  for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
    seen += h->counts[i];
    if (h->counts[i] && (double)seen >= share * (double)total) return upper_end(i) < h->max ? upper_end(i) : h->max;
  }
  return h->max;
}
