#include <sched.h>
#include <stdatomic.h>

#include "workloads.h"

/* One thread allocates 64–768 bytes, another frees: a ring between them, with one writer and one reader. */
#define RING 4096

typedef struct Ring {
  _Alignas(64) _Atomic uint64_t written;
  _Alignas(64) _Atomic uint64_t read;
  _Alignas(64) Object objects[RING];
} Ring;

static Ring ring;

/* Waits a little, then lets the other thread have this core. */
static void wait_a_turn(uint32_t *turns) {
  if (++*turns % 64 == 0) sched_yield();
}

static void produce(Worker *w, uint64_t pairs) {
  uint64_t at = atomic_load_explicit(&ring.written, memory_order_relaxed), end = at + pairs, room = 0;
  for (; at < end; at++) {
    for (uint32_t turns = 0; room == 0; wait_a_turn(&turns))
      room = RING - (at - atomic_load_explicit(&ring.read, memory_order_acquire));
    room--;
    Object object = take(w, random_between(&w->random, 64, 768));
    touch(object, at);
    ring.objects[at % RING] = object;
    atomic_store_explicit(&ring.written, at + 1, memory_order_release);
  }
}

static void consume(Worker *w, uint64_t pairs) {
  uint64_t at = atomic_load_explicit(&ring.read, memory_order_relaxed), end = at + pairs, ready = 0;
  for (; at < end; at++) {
    for (uint32_t turns = 0; ready == 0; wait_a_turn(&turns))
      ready = atomic_load_explicit(&ring.written, memory_order_acquire) - at;
    ready--;
    give(w, ring.objects[at % RING]);
    atomic_store_explicit(&ring.read, at + 1, memory_order_release);
  }
}

void producer_consumer_run(Worker *w) {
  // Both threads count the same pairs, half of each worker's share.
  if (w->index == 0)
    produce(w, w->pairs * 2);
  else
    consume(w, w->pairs * 2);
}
