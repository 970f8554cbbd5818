#include "workloads.h"

/* 10,000 objects of 128 bytes, then all freed in the order of their allocation. */
#define BATCH 10000

void batch_start(Worker *w) { w->state = own_memory(BATCH * sizeof(Object)); }

void batch_run(Worker *w) {
  Object *objects = w->state;
  for (uint64_t done = 0; done < w->pairs; done += BATCH) {
    for (uint32_t i = 0; i < BATCH; i++) {
      objects[i] = take(w, 128);
      touch(objects[i], i);
    }
    for (uint32_t i = 0; i < BATCH; i++) give(w, objects[i]);
  }
}

void batch_end(Worker *w) { own_memory_free(w->state, BATCH * sizeof(Object)); }
