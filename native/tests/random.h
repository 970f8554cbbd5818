/* A seeded generator, the same numbers on every machine (xorshift64*, Vigna 2016: "An experimental exploration of
 * Marsaglia's xorshift generators, scrambled"). One per thread. */
#ifndef TESTS_RANDOM_H
#define TESTS_RANDOM_H

#include <stdint.h>

typedef struct Random {
  uint64_t state;
} Random;

static inline Random random_seeded(uint64_t seed) { return (Random){(seed ^ 0x9e3779b97f4a7c15u) | 1u}; }

static inline uint64_t random_u64(Random *r) {
  r->state ^= r->state >> 12;
  r->state ^= r->state << 25;
  r->state ^= r->state >> 27;
  return r->state * 0x2545f4914f6cdd1du;
}

/* 0 … limit-1; limit at most 2^32. */
static inline uint32_t random_below(Random *r, uint64_t limit) { return (uint32_t)(((random_u64(r) >> 32) * limit) >> 32); }

#endif
