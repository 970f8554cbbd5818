#include "pauses.h"
#include "resident.h"

#ifdef BENCH_SLAB_H

#include <time.h>

#include "threads.h"

/* The epoch to be closed: slabs full of objects of one class, allocated by a thread that lives on, so that they are taken from it.
 * 768 bytes is the class with the fewest objects to a slab. */
#define SIZE SLAB_MAX_OBJECT_BYTES
#define ROUNDS 5

typedef struct Filling {
  uint64_t slabs, slots_per_slab;
  Object *objects;
  pthread_barrier_t turn;
} Filling;

static void *fill(void *argument) {
  Filling *f = argument;
  for (uint64_t i = 0; i < f->slabs * f->slots_per_slab; i++) touch(f->objects[i] = api_alloc(SIZE), i);
  pthread_barrier_wait(&f->turn);
  pthread_barrier_wait(&f->turn); // owns the slabs until the epoch is closed
  return NULL;
}

static void rest(long ms) { nanosleep(&(struct timespec){0, ms * 1000000}, NULL); }

static void close_many(uint64_t slabs, bool drained) {
  if (!api_start()) exit(1);
  SlabClassStats stats;
  slab_stats_class(bench_slab, SLAB_CLASS_COUNT - 1, &stats);
  Filling f = {slabs, stats.slots_per_slab, NULL, {{0}}};
  size_t bytes = slabs * f.slots_per_slab * sizeof(Object);
  f.objects = own_memory(bytes);
  double us = timer_ns_per_tick() / 1000;
  uint64_t close_ns[ROUNDS], longest_us[ROUNDS], quiet_us[ROUNDS], preempted_us[ROUNDS], preempted[ROUNDS], given_back = 0;
  for (uint32_t round = 0; round < ROUNDS; round++) {
    EpochId old = bench_epoch;
    pthread_t filler;
    pthread_barrier_init(&f.turn, NULL, 2);
    start_thread(&filler, fill, &f);
    pthread_barrier_wait(&f.turn);
    bench_epoch = epoch_advance(bench_slab); // the others go on in the next one
    for (uint64_t i = 0; i < slabs * f.slots_per_slab; i++)
      if (drained || i % f.slots_per_slab) api_free(f.objects[i]);
    pauses_start();
    rest(20); // the threads' first slabs are theirs by then
    uint64_t rss_before = resident_bytes();
    pauses_take();
    rest(50);
    quiet_us[round] = (uint64_t)((double)pauses_take().longest_ticks * us);
    uint64_t begin = clock_now_ns();
    epoch_close(bench_slab, old);
    close_ns[round] = clock_now_ns() - begin;
    rest(1);
    Pauses p = pauses_take();
    longest_us[round] = (uint64_t)((double)p.longest_ticks * us);
    preempted_us[round] = (uint64_t)((double)p.preempted_ticks * us);
    preempted[round] = p.preempted;
    uint64_t rss_after = resident_bytes();
    if (rss_before > rss_after) given_back += (rss_before - rss_after) / ROUNDS;
    pauses_stop();
    pthread_barrier_wait(&f.turn);
    pthread_join(filler, NULL);
    pthread_barrier_destroy(&f.turn);
    for (uint64_t i = 0; !drained && i < slabs; i++) api_free(f.objects[i * f.slots_per_slab]);
  }
  result_count("slabs", slabs);
  result_counts("close_ns", close_ns, ROUNDS);
  result_counts("longest_pause_us", longest_us, ROUNDS);
  result_counts("longest_pause_without_close_us", quiet_us, ROUNDS);
  result_counts("preempted", preempted, ROUNDS);
  result_counts("longest_preempted_us", preempted_us, ROUNDS);
  result_count("rss_given_back_bytes", given_back);
  result_counters();
  own_memory_free(f.objects, bytes);
  api_end();
}

void epoch_close_drained(uint64_t slabs) { close_many(slabs, true); }
void epoch_close_pinned(uint64_t slabs) { close_many(slabs, false); }

#endif
