#include "workloads.h"

/* 100,000 live objects of 64–768 bytes among all threads; each step frees one at random and allocates another in its place. */
#define SLOTS 100000

static uint32_t slots_of(const Worker *w) { return SLOTS / w->threads; }
static uint32_t any_size(Worker *w) { return random_between(&w->random, 64, 768); }

void churn_start(Worker *w) {
  Object *slots = w->state = own_memory(slots_of(w) * sizeof(Object));
  for (uint32_t i = 0; i < slots_of(w); i++) {
    slots[i] = api_alloc(any_size(w));
    touch(slots[i], i);
  }
}

void churn_run(Worker *w) {
  Object *slots = w->state;
  uint32_t count = slots_of(w);
  for (uint64_t i = 0; i < w->pairs; i++) {
    Object *slot = &slots[random_below(&w->random, count)];
    give(w, *slot);
    *slot = take(w, any_size(w));
    touch(*slot, i);
  }
}

void churn_end(Worker *w) {
  Object *slots = w->state;
  for (uint32_t i = 0; i < slots_of(w); i++) api_free(slots[i]);
  own_memory_free(slots, slots_of(w) * sizeof(Object));
}
