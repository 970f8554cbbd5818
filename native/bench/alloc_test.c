#include "workloads.h"

/* After alloc-test of OLogN Technologies ("Testing memory allocators", 2018): each step picks one of 16,384 slots, frees what it holds or fills it; small sizes
 * and few slots are picked far more often than the others. */
#define SLOTS 16384

/* Small numbers in 0 … limit-1 are likelier: the product of two even draws. */
static uint32_t skewed(Worker *w, uint32_t limit) {
  uint64_t both = random_next(&w->random);
  return (uint32_t)(((both >> 32) * (both & UINT32_MAX) >> 32) * limit >> 32);
}

void alloc_test_start(Worker *w) { w->state = own_memory(SLOTS * sizeof(Object)); }

/* A step is half a pair: every allocation is freed by a later step, or by alloc_test_end. */
void alloc_test_run(Worker *w) {
  Object *slots = w->state;
  for (uint64_t i = 0; i < 2 * w->pairs; i++) {
    Object *slot = &slots[skewed(w, SLOTS)];
    if (slot->ptr) {
      give(w, *slot);
      slot->ptr = NULL;
    } else {
      *slot = take(w, 8 + skewed(w, 760));
      touch(*slot, i);
    }
  }
}

void alloc_test_end(Worker *w) {
  Object *slots = w->state;
  for (uint32_t i = 0; i < SLOTS; i++)
    if (slots[i].ptr) api_free(slots[i]);
  own_memory_free(slots, SLOTS * sizeof(Object));
}
