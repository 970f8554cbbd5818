#include "threads.h"
#include "workloads.h"

/* Threads that live for 200 objects: each frees half of them itself, the thread that made it the rest after its end. */
#define OBJECTS 200

static void short_life(Worker *w) {
  Object *objects = w->state;
  for (uint32_t i = 0; i < OBJECTS; i++) {
    objects[i] = take(w, random_between(&w->random, 32, 768));
    touch(objects[i], i);
  }
  for (uint32_t i = 0; i < OBJECTS; i += 2) give(w, objects[i]);
}

void thread_churn_start(Worker *w) { w->state = own_memory(OBJECTS * sizeof(Object)); }

void thread_churn_run(Worker *w) {
  Object *objects = w->state;
  for (uint64_t done = 0; done < w->pairs; done += OBJECTS) {
    on_new_thread(short_life, w);
    for (uint32_t i = 1; i < OBJECTS; i += 2) give(w, objects[i]);
  }
}

void thread_churn_end(Worker *w) { own_memory_free(w->state, OBJECTS * sizeof(Object)); }
