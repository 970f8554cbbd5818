/* SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014): one word of state, any seed is good. */
#ifndef TOOLS_RANDOM_H
#define TOOLS_RANDOM_H

#include <stdint.h>

/* Spreads every bit of x over the whole word. */
static inline uint64_t random_mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

static inline uint64_t random_next(uint64_t *state) { return random_mix(*state += 0x9e3779b97f4a7c15u); }

/* A number in 0 … bound-1, bound 1 … 2^32. The bias of multiply-and-shift is below bound / 2^32. */
static inline uint64_t random_below(uint64_t *state, uint64_t bound) { return ((random_next(state) >> 32) * bound) >> 32; }

/* A number in first … last, both included. */
static inline uint32_t random_between(uint64_t *state, uint32_t first, uint32_t last) {
  return first + (uint32_t)random_below(state, (uint64_t)last - first + 1);
}

/* True in percent (0 … 100) of the calls. */
static inline int random_percent(uint64_t *state, double percent) {
  return (double)(random_next(state) >> 11) < percent / 100.0 * 0x1p53;
}

#endif
