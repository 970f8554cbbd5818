#include "workloads.h"

/* The shortest life there is: the same 128 bytes again and again. */
void pair_run(Worker *w) {
  for (uint64_t i = 0; i < w->pairs; i++) {
    Object object = take(w, 128);
    touch(object, i);
    give(w, object);
  }
}
