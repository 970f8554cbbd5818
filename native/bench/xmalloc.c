#include <pthread.h>

#include "workloads.h"

/* After xmalloc-test (C. Lever, D. Boreham: "malloc() performance in a multithreaded Linux environment", USENIX 2000): half of the threads allocate,
 * the other half free. Batches of 100 objects go through one bounded queue under a lock. */
#define BATCH 100
#define QUEUE 64

typedef struct Batch {
  Object objects[BATCH];
} Batch;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static Batch queue[QUEUE];
static uint64_t put_count, got_count;

static void put(const Batch *batch) {
  pthread_mutex_lock(&lock);
  while (put_count - got_count == QUEUE) pthread_cond_wait(&changed, &lock);
  queue[put_count++ % QUEUE] = *batch;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
}

static void get(Batch *batch) {
  pthread_mutex_lock(&lock);
  while (put_count == got_count) pthread_cond_wait(&changed, &lock);
  *batch = queue[got_count++ % QUEUE];
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
}

/* An allocating thread and a freeing one share the pairs of both; with an odd number of threads the last one does nothing. */
void xmalloc_run(Worker *w) {
  if ((w->index | 1) >= w->threads) return;
  Batch batch;
  for (uint64_t done = 0; done < 2 * w->pairs; done += BATCH) {
    if (w->index & 1) {
      get(&batch);
      for (uint32_t i = 0; i < BATCH; i++) give(w, batch.objects[i]);
    } else {
      for (uint32_t i = 0; i < BATCH; i++) {
        batch.objects[i] = take(w, random_between(&w->random, 64, 256));
        touch(batch.objects[i], i);
      }
      put(&batch);
    }
  }
}
