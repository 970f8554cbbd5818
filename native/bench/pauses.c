#include "pauses.h"

#ifdef BENCH_SLAB_H

#include <stdatomic.h>
#include <sys/resource.h>

#include "threads.h"

#define SLOTS 1000
/* Operations below this are not looked at closer: asking the kernel for the number of switches costs more. */
#define SUSPICIOUS_TICKS 20000

typedef struct Watched {
  _Alignas(128) pthread_t thread;
  uint32_t index;
  pthread_mutex_t lock; /* around what follows: taken by the thread once in 100 pairs */
  Pauses pauses;
} Watched;

static Watched watched[PAUSE_THREADS];
static atomic_bool stopping;

/* How often the kernel took the processor away from this thread. Waiting of its own accord, for a lock, is not among them: that is a pause. */
static long switches(void) {
  struct rusage usage;
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nivcsw;
}

static void note(Pauses *p, uint64_t ticks, long *switched) {
  uint64_t *longest = &p->longest_ticks;
  if (ticks > SUSPICIOUS_TICKS) {
    long now = switches();
    if (now != *switched) longest = &p->preempted_ticks, p->preempted++;
    *switched = now;
  }
  if (ticks > *longest) *longest = ticks;
}

static void replace(Object *slot, uint32_t size, Pauses *p, long *switched) {
  uint64_t begin = timer_begin();
  if (slot->ptr) api_free(*slot);
  uint64_t middle = timer_begin();
  *slot = api_alloc(size);
  uint64_t end = timer_end();
  note(p, middle - begin, switched);
  note(p, end - middle, switched);
  if (slot->ptr) {
    touch(*slot, end);
    p->pairs++;
  } else {
    p->refused++;
  }
}

static void *churn(void *argument) {
  Watched *self = argument;
  Object *slots = own_memory(SLOTS * sizeof(Object));
  uint64_t random = self->index + 1;
  long switched = switches();
  while (!atomic_load_explicit(&stopping, memory_order_relaxed)) {
    Pauses own = {0};
    for (uint32_t i = 0; i < 100; i++) replace(&slots[random_below(&random, SLOTS)], random_between(&random, 32, 768), &own, &switched);
    pthread_mutex_lock(&self->lock);
    self->pauses.pairs += own.pairs;
    self->pauses.refused += own.refused;
    self->pauses.preempted += own.preempted;
    if (own.longest_ticks > self->pauses.longest_ticks) self->pauses.longest_ticks = own.longest_ticks;
    if (own.preempted_ticks > self->pauses.preempted_ticks) self->pauses.preempted_ticks = own.preempted_ticks;
    pthread_mutex_unlock(&self->lock);
    switched = switches(); // waiting for that lock is not a pause of an allocation
  }
  for (uint32_t i = 0; i < SLOTS; i++)
    if (slots[i].ptr) api_free(slots[i]);
  own_memory_free(slots, SLOTS * sizeof(Object));
  return NULL;
}

void pauses_start(void) {
  atomic_store(&stopping, false);
  for (uint32_t i = 0; i < PAUSE_THREADS; i++) {
    watched[i] = (Watched){.index = i};
    pthread_mutex_init(&watched[i].lock, NULL);
    start_thread(&watched[i].thread, churn, &watched[i]);
  }
}

Pauses pauses_take(void) {
  Pauses all = {0};
  for (uint32_t i = 0; i < PAUSE_THREADS; i++) {
    pthread_mutex_lock(&watched[i].lock);
    Pauses p = watched[i].pauses;
    watched[i].pauses = (Pauses){0};
    pthread_mutex_unlock(&watched[i].lock);
    all.pairs += p.pairs;
    all.refused += p.refused;
    all.preempted += p.preempted;
    if (p.longest_ticks > all.longest_ticks) all.longest_ticks = p.longest_ticks;
    if (p.preempted_ticks > all.preempted_ticks) all.preempted_ticks = p.preempted_ticks;
  }
  return all;
}

void pauses_stop(void) {
  atomic_store(&stopping, true);
  for (uint32_t i = 0; i < PAUSE_THREADS; i++) {
    pthread_join(watched[i].thread, NULL);
    pthread_mutex_destroy(&watched[i].lock);
  }
}

#endif
