#include "workloads.h"

/* A server's request: 40 objects of 32–768 bytes, all written, all freed when it is answered, the last one first. */
#define OBJECTS 40

void request_run(Worker *w) {
  Object objects[OBJECTS];
  for (uint64_t done = 0; done < w->pairs; done += OBJECTS) {
    for (uint32_t i = 0; i < OBJECTS; i++) {
      uint32_t size = random_between(&w->random, 32, 768);
      objects[i] = take(w, size);
      touch_all(objects[i], size, i);
    }
    for (uint32_t i = OBJECTS; i-- > 0;) give(w, objects[i]);
  }
}
