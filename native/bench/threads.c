#include "threads.h"

#include <stdio.h>
#include <string.h>

#include "floor.h"

void start_thread(pthread_t *thread, void *(*body)(void *), void *argument) {
  int error = pthread_create(thread, NULL, body, argument);
  if (!error) return;
  fprintf(stderr, "bench: cannot make a thread: %s\n", strerror(error));
  exit(1);
}

typedef struct Errand {
  void (*body)(Worker *);
  Worker *worker;
  FloorRing ring;
} Errand;

static __attribute__((noinline)) void measured_errand(Errand *errand) {
  errand->body(errand->worker);
  __asm__ volatile("" ::: "memory"); // as in measured
}

static void *run_errand(void *argument) {
  Errand *errand = argument;
  floor_ring = errand->ring; // the floor's memory goes along: there is no allocator to find some for the new thread
  if (errand->worker->is_measured)
    measured_errand(errand);
  else
    errand->body(errand->worker);
  errand->ring = floor_ring;
  return NULL;
}

void on_new_thread(void (*body)(Worker *), Worker *w) {
  Errand errand = {body, w, floor_ring};
  pthread_t thread;
  start_thread(&thread, run_errand, &errand);
  pthread_join(thread, NULL);
  floor_ring = errand.ring;
}
