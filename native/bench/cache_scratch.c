#include <pthread.h>

#include "workloads.h"

/* After cache-scratch of E. Berger's Hoard ("Hoard: A scalable memory allocator for multithreaded applications", ASPLOS 2000): neighbours on one cache line,
 * allocated by one thread, are freed by others, which then write to what they allocate next. An allocator that hands the freed piece of the line to the thread
 * that freed it makes their caches fight for the line ever after. */
#define THREADS_MAX 1024
#define OBJECT_BYTES 8
#define WRITES 100

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Object neighbours[THREADS_MAX];
static bool allocated;

void cache_scratch_start(Worker *w) {
  pthread_mutex_lock(&lock);
  for (uint32_t i = 0; i < w->threads && !allocated; i++) neighbours[i] = api_alloc(OBJECT_BYTES);
  allocated = true;
  pthread_mutex_unlock(&lock);
  api_free(neighbours[w->index]);
}

void cache_scratch_run(Worker *w) {
  for (uint64_t i = 0; i < w->pairs; i++) {
    Object object = take(w, OBJECT_BYTES);
    for (uint32_t write = 0; write < WRITES; write++) touch(object, write);
    give(w, object);
  }
}
