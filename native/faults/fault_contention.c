/* Threads that want the same lock or the same word. */
#include <sched.h>
#include <stdlib.h>

#include "fault.h"
#include "contention.h"
#include "heap.h"
#include "interpose.h"

extern const Fault fault_lock_busy;

/* Threads that drain more of one class than they may keep: every slab that fills or empties is fetched and brought back under the class lock. */
static void *fetch_and_return(void *argument) {
  Planted *planted = argument;
  enum { SLOTS = SLAB_BYTES / SLAB_MAX_OBJECT_BYTES, N = (BIN_EMPTY_MAX + 40) * SLOTS + MAGAZINE_SLOTS };
  if (planted->fault == &fault_lock_busy) interpose_trylock_busy(planted->amount);
  SlabHandle *objects = fault_handles(N);
  fault_ready(planted);
  do {
    fault_fill(planted, atomic_load(&planted->epoch), 768, objects, N);
    fault_free(planted, objects, N);
  } while (service_pause(planted->service, 2));
  free(objects);
  return NULL;
}

/* amount: threads. */
static void run_lock(Planted *planted) {
  atomic_store(&planted->epoch, fault_open(planted));
  fault_crew(planted, (unsigned)planted->amount, fetch_and_return);
}

/* amount: percent of the attempts of these threads. */
static void run_lock_busy(Planted *planted) {
  atomic_store(&planted->epoch, fault_open(planted));
  fault_crew(planted, 2, fetch_and_return);
}

/* Rounds: one thread makes objects, then the others free them in step, each its share of the same word of the same slab. */
enum { ROUND = 16384, WORD = 64 };
static struct {
  Planted *planted;
  SlabHandle objects[ROUND];
  pthread_barrier_t filled, freed;
  _Atomic unsigned joined, arrived;
  bool last; /* written between freed and filled */
} rounds;

/* Until all have come so far. */
static void in_step(unsigned all, unsigned step) {
  atomic_fetch_add(&rounds.arrived, 1);
  for (unsigned spins = 0; atomic_load(&rounds.arrived) < all * (step + 1); spins++)
    if (spins % 1000 == 999) sched_yield();
}

static void *free_share(void *argument) {
  Planted *planted = argument;
  unsigned all = (unsigned)planted->amount, mine = atomic_fetch_add(&rounds.joined, 1);
  for (;;) {
    pthread_barrier_wait(&rounds.filled);
    if (rounds.last) return NULL;
    for (unsigned step = 0; step < ROUND / WORD; step++) {
      in_step(all, step);
      for (unsigned i = step * WORD + mine; i < (step + 1) * WORD; i += all)
        if (rounds.objects[i]) free_obj(planted->service->alloc, rounds.objects[i]);
    }
    pthread_barrier_wait(&rounds.freed);
  }
}

static void *make_rounds(void *argument) {
  Planted *planted = argument;
  while (!rounds.last) {
    fault_fill(planted, atomic_load(&planted->epoch), 64, rounds.objects, ROUND);
    atomic_store(&rounds.arrived, 0);
    pthread_barrier_wait(&rounds.filled);
    pthread_barrier_wait(&rounds.freed);
    rounds.last = !service_pause(planted->service, 1);
  }
  pthread_barrier_wait(&rounds.filled);
  return NULL;
}

/* amount: threads that free, 2 … 64. */
static void run_cas(Planted *planted) {
  pthread_t maker;
  unsigned all = (unsigned)planted->amount;
  atomic_store(&planted->epoch, fault_open(planted));
  pthread_barrier_init(&rounds.filled, NULL, all + 1);
  pthread_barrier_init(&rounds.freed, NULL, all + 1);
  if (pthread_create(&maker, NULL, make_rounds, planted) != 0) return;
  fault_ready(planted);
  fault_crew(planted, all, free_share);
  pthread_join(maker, NULL);
}

/* amount: retries counted for each hundred frees, in the thread's own counters. */
static void run_cas_counted(Planted *planted) {
  enum { N = 4096 };
  SlabHandle *objects = fault_handles(N);
  EpochId epoch = fault_open(planted);
  fault_fill(planted, epoch, 64, objects, N);
  fault_free(planted, objects, N);
  Heap *heap = heap_of_thread();
  uint32_t cls = class_of_size(64);
  fault_ready(planted);
  while (service_pause(planted->service, 5)) {
    fault_fill(planted, epoch, 64, objects, N);
    fault_free(planted, objects, N);
    counter_add(&heap_counters(heap)->classes[cls].free_cas_retries[contention_bucket(planted->service->alloc, epoch)], (uint64_t)(N * planted->amount / 100));
  }
  free(objects);
}

const Fault fault_lock = {"lock-contention", "hot-loader", "threads", "threads that fetch and return slabs of one class without pause", run_lock};
const Fault fault_lock_busy = {"lock-busy", "hot-loader", "% of acquisitions", "pthread_mutex_trylock finds the lock taken (injected at the call)", run_lock_busy};
const Fault fault_cas = {"cas-contention", "hot-queue", "threads", "threads that free into the same word at the same time", run_cas};
const Fault fault_cas_counted = {"cas-counted", "hot-queue", "% of frees", "retries of a compare-and-swap (injected into the counters)", run_cas_counted};
