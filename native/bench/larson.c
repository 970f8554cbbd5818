#include "threads.h"
#include "workloads.h"

/* After the benchmark of Larson and Krishnan ("Memory allocation for long-running server applications", ISMM 1998): a server whose threads come and go.
 * Each of the threads replaces random ones of its 1,000 slots, then hands them all to a successor, which frees what others allocated. */
#define SLOTS 1000
#define STEPS_PER_THREAD 10000

static uint32_t any_size(Worker *w) { return random_between(&w->random, 10, 500); }

static void larson_life(Worker *w) {
  Object *slots = w->state;
  for (uint32_t i = 0; i < STEPS_PER_THREAD; i++) {
    Object *slot = &slots[random_below(&w->random, SLOTS)];
    give(w, *slot);
    *slot = take(w, any_size(w));
    touch(*slot, i);
  }
}

void larson_start(Worker *w) {
  Object *slots = w->state = own_memory(SLOTS * sizeof(Object));
  for (uint32_t i = 0; i < SLOTS; i++) slots[i] = api_alloc(any_size(w));
}

void larson_run(Worker *w) {
  for (uint64_t done = 0; done < w->pairs; done += STEPS_PER_THREAD) on_new_thread(larson_life, w);
}

void larson_end(Worker *w) {
  Object *slots = w->state;
  for (uint32_t i = 0; i < SLOTS; i++) api_free(slots[i]);
  own_memory_free(slots, SLOTS * sizeof(Object));
}
