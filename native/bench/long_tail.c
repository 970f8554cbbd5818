#include <math.h>

#include "workloads.h"

/* Sizes as they are found in the wild: most are small, a few are huge (Pareto, 24 B and up, shape 1.1, cut at 256 KiB). What is above 768 bytes, about 2 %,
 * is not temporal-slab's. 20,000 live slots, replaced at random. */
#define SLOTS 20000
#define SIZES 4096
#define SMALLEST 24.0
#define SHAPE 1.1
#define LARGEST (256 * 1024)

typedef struct LongTail {
  uint32_t sizes[SIZES]; /* drawn beforehand, for a logarithm costs more than an allocation */
  uint32_t size_of[SLOTS];
  Object slots[SLOTS];
} LongTail;

static uint32_t draw(Worker *w) {
  double even = ((double)(random_next(&w->random) >> 11) + 0.5) * 0x1p-53;
  double size = SMALLEST * pow(even, -1 / SHAPE);
  return size < LARGEST ? (uint32_t)size : LARGEST;
}

void long_tail_start(Worker *w) {
  LongTail *tail = w->state = own_memory(sizeof(LongTail));
  for (uint32_t i = 0; i < SIZES; i++) tail->sizes[i] = draw(w);
  for (uint32_t i = 0; i < SLOTS; i++) tail->slots[i] = api_alloc_any(tail->size_of[i] = tail->sizes[i % SIZES]);
}

void long_tail_run(Worker *w) {
  LongTail *tail = w->state;
  for (uint64_t i = 0; i < w->pairs; i++) {
    uint32_t at = (uint32_t)random_below(&w->random, SLOTS);
    give_any(w, tail->slots[at], tail->size_of[at]);
    tail->size_of[at] = tail->sizes[i % SIZES];
    tail->slots[at] = take_any(w, tail->size_of[at]);
    touch(tail->slots[at], i);
  }
}

void long_tail_end(Worker *w) {
  LongTail *tail = w->state;
  for (uint32_t i = 0; i < SLOTS; i++) api_free_any(tail->slots[i], tail->size_of[i]);
  own_memory_free(tail, sizeof(LongTail));
}
