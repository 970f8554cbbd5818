/* Threads that come and go, instances that come and go under threads that stay. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include "actor.h"
#include "check.h"
#include "job.h"
#include "laws.h"
#include "resident.h"

static SlabSnapshot snapshot;

static void *fill_thread(void *argument) {
  job_fill(argument);
  return NULL;
}

static void *churn_thread(void *argument) {
  job_fill(argument);
  job_drain(argument);
  return NULL;
}

static _Atomic int ready;

/* Its last call on the instance has returned when it says so. */
static void *ready_and_end(void *argument) {
  job_fill(argument);
  atomic_fetch_add(&ready, 1);
  return NULL;
}

/* Instances made and ended in a loop while the same three threads use all of them: what a thread keeps of one instance must
 * neither serve another nor touch the first after its end. */
static void instances_end_under_threads_that_live_on(void) {
  enum { THREADS = 3, AT_ONCE = 3 };
  Actor actors[THREADS];
  for (int t = 0; t < THREADS; t++) actor_start(&actors[t]);
  for (uint64_t round = 0; round < check_scaled(150); round++) {
    SlabAllocator *allocs[AT_ONCE];
    Job jobs[AT_ONCE][THREADS];
    for (int a = 0; a < AT_ONCE; a++) {
      allocs[a] = slab_allocator_create();
      if (!CHECK(allocs[a] != NULL)) return;
      for (int t = 0; t < THREADS; t++) jobs[a][t] = job_make(allocs[a], 0, 300, 64 + 100 * (uint32_t)((a + t) % 7));
    }
    for (int a = 0; a < AT_ONCE; a++) {
      for (int t = 0; t < THREADS; t++) actor_begin(&actors[t], job_fill, &jobs[a][t]);
      for (int t = 0; t < THREADS; t++) actor_wait(&actors[t]);
    }
    for (int a = 0; a < AT_ONCE; a++) laws_check_allocator(allocs[a], THREADS * 300, &snapshot);
    slab_allocator_free(allocs[1]); /* with everything still in it */
    for (int a = 0; a < AT_ONCE; a += 2) {
      for (int t = 0; t < THREADS; t++) actor_begin(&actors[(t + 1) % THREADS], job_drain, &jobs[a][t]);
      for (int t = 0; t < THREADS; t++) actor_wait(&actors[t]);
      laws_check_allocator(allocs[a], 0, &snapshot);
      slab_allocator_free(allocs[a]);
    }
    for (int a = 0; a < AT_ONCE; a++)
      for (int t = 0; t < THREADS; t++) job_end(&jobs[a][t]);
    if (check_failures()) break;
  }
  for (int t = 0; t < THREADS; t++) actor_stop(&actors[t]);
}

/* A thread that outlives the instance it used ends in peace. */
static void a_thread_may_end_after_its_instance(void) {
  for (int round = 0; round < 50; round++) {
    Actor actor;
    actor_start(&actor);
    SlabAllocator *alloc = slab_allocator_create();
    Job job = job_make(alloc, 0, 100, 128);
    actor_call(&actor, job_fill, &job);
    slab_allocator_free(alloc);
    SlabAllocator *next = slab_allocator_create(); /* perhaps at the same address */
    actor_stop(&actor);
    laws_check_allocator(next, 0, &snapshot);
    slab_allocator_free(next);
    job_end(&job);
  }
}

/* 2,000 threads: memory and heaps of those that ended must serve the next, or all of this grows without end. */
static void threads_come_and_go(void) {
  SlabAllocator *alloc = slab_allocator_create();
  enum { AT_ONCE = 8 };
  uint64_t total = check_scaled(2000), mapped_early = 0;
  for (uint64_t started = 0; started < total; started += AT_ONCE) {
    pthread_t threads[AT_ONCE];
    Job jobs[AT_ONCE];
    for (int t = 0; t < AT_ONCE; t++) {
      jobs[t] = job_make(alloc, 0, 200, 1 + (uint32_t)(started * 37 + (uint64_t)t * 97) % 768);
      pthread_create(&threads[t], NULL, churn_thread, &jobs[t]);
    }
    for (int t = 0; t < AT_ONCE; t++) {
      pthread_join(threads[t], NULL);
      job_end(&jobs[t]);
    }
    if (started / AT_ONCE == 10) {
      laws_check_allocator(alloc, 0, &snapshot);
      mapped_early = snapshot.global.mapped_bytes;
    }
  }
  laws_check_allocator(alloc, 0, &snapshot);
  CHECK_U64(snapshot.global.thread_count, 0);
  if (mapped_early) CHECK(snapshot.global.mapped_bytes <= 3 * mapped_early);
  slab_allocator_free(alloc);
}

/* What a thread leaves behind is used by those after it: half-empty slabs are adopted, not abandoned for good. */
static void slabs_of_ended_threads_are_adopted(void) {
  SlabAllocator *alloc = slab_allocator_create();
  enum { THREADS = 200, EACH = 10 };
  Job jobs[THREADS];
  for (int t = 0; t < THREADS; t++) { /* one after the other: each fills ten slots of a slab and ends */
    pthread_t thread;
    jobs[t] = job_make(alloc, 0, EACH, 64);
    pthread_create(&thread, NULL, fill_thread, &jobs[t]);
    pthread_join(thread, NULL);
  }
  laws_check_allocator(alloc, THREADS * EACH, &snapshot);
  uint64_t needed = THREADS * EACH / snapshot.classes[0].slots_per_slab + 1;
  CHECK(snapshot.classes[0].net_slabs <= 3 * needed);
  for (int t = 0; t < THREADS; t++) {
    job_drain(&jobs[t]);
    job_end(&jobs[t]);
  }
  laws_check_allocator(alloc, 0, &snapshot);
  slab_allocator_free(alloc);
}

/* The same where each thread's objects are freed only after the next thread has ended, too: newer slabs, all full, do not stand in the way of those that others freed into meanwhile. */
static void slabs_of_ended_threads_are_adopted_late(void) {
  SlabAllocator *alloc = slab_allocator_create();
  enum { THREADS = 100, SLABS = 20, KEPT = 16 };
  laws_check_allocator(alloc, 0, &snapshot);
  uint32_t each = SLABS * (uint32_t)snapshot.classes[0].slots_per_slab;
  Job jobs[THREADS];
  uint64_t live = 0;
  for (int t = 0; t < THREADS; t++) {
    pthread_t thread;
    jobs[t] = job_make(alloc, 0, each, 64);
    pthread_create(&thread, NULL, fill_thread, &jobs[t]);
    pthread_join(thread, NULL);
    live += each;
    if (t == 0) continue;
    Job *earlier = &jobs[t - 1];
    for (uint32_t i = 0; i < each; i++)
      if (i % KEPT) CHECK(free_obj(alloc, earlier->handles[i])), live--;
  }
  laws_check_allocator(alloc, live, &snapshot);
  CHECK(snapshot.classes[0].net_slabs <= 2 * (live / snapshot.classes[0].slots_per_slab + SLABS));
  for (int t = 0; t < THREADS; t++) job_end(&jobs[t]);
  slab_allocator_free(alloc);
}

/* Several at once, so that each has a heap of its own; what they leave half empty serves a thread that lived all the while. */
static void slabs_of_ended_threads_are_adopted_by_living_ones(void) {
  SlabAllocator *alloc = slab_allocator_create();
  enum { THREADS = 8, EACH = 10 };
  CHECK(slab_malloc_epoch(alloc, 768, 0) != NULL); /* the main thread has its heap */
  Actor actors[THREADS];
  Job jobs[THREADS];
  for (int t = 0; t < THREADS; t++) {
    actor_start(&actors[t]);
    jobs[t] = job_make(alloc, 0, EACH, 64);
    actor_call(&actors[t], job_fill, &jobs[t]);
  }
  for (int t = 0; t < THREADS; t++) actor_stop(&actors[t]);
  laws_check_allocator(alloc, THREADS * EACH + 1, &snapshot);
  CHECK_U64(snapshot.classes[0].net_slabs, THREADS);
  uint64_t room = THREADS * (snapshot.classes[0].slots_per_slab - EACH);
  for (uint64_t i = 0; i < room; i++) CHECK(slab_malloc_epoch(alloc, 64, 0) != NULL);
  laws_check_allocator(alloc, THREADS * EACH + 1 + room, &snapshot);
  CHECK_U64(snapshot.classes[0].net_slabs, THREADS);
  for (int t = 0; t < THREADS; t++) {
    job_drain(&jobs[t]);
    job_end(&jobs[t]);
  }
  slab_allocator_free(alloc);
}

/* Threads end at the very moment at which their instance does. */
static void threads_may_end_while_their_instance_does(void) {
  for (uint64_t round = 0; round < check_scaled(200); round++) {
    enum { THREADS = 4 };
    SlabAllocator *alloc = slab_allocator_create();
    pthread_t threads[THREADS];
    Job jobs[THREADS];
    for (int t = 0; t < THREADS; t++) {
      jobs[t] = job_make(alloc, 0, 50, 64);
      pthread_create(&threads[t], NULL, ready_and_end, &jobs[t]);
    }
    while (atomic_load(&ready) < THREADS) sched_yield();
    atomic_store(&ready, 0);
    slab_allocator_free(alloc);
    for (int t = 0; t < THREADS; t++) {
      pthread_join(threads[t], NULL);
      job_end(&jobs[t]);
    }
  }
}

/* Objects outlive the thread that made them; its epoch drains and gives its memory back all the same. */
static void objects_outlive_their_thread(void) {
  SlabAllocator *alloc = slab_allocator_create();
  Job job = job_make(alloc, 0, 5000, 384);
  pthread_t thread;
  pthread_create(&thread, NULL, fill_thread, &job);
  pthread_join(thread, NULL);
  laws_check_allocator(alloc, 5000, &snapshot);
  CHECK_U64(snapshot.global.thread_count, 0);
  CHECK_RESULT(epoch_close(alloc, 0), SLAB_OK);
  job_drain(&job);
  laws_check_allocator(alloc, 0, &snapshot);
  CHECK_U64(snapshot.global.net_slabs, 0);
  job_end(&job);
  slab_allocator_free(alloc);
}

/* An ended instance gives everything back: address space and resident memory stay where they were. */
static void instances_leave_nothing_behind(void) {
  uint64_t early = 0;
  enum { ROUNDS = 60 };
  for (int round = 0; round < ROUNDS; round++) {
    SlabAllocator *alloc = slab_allocator_create();
    for (int i = 0; i < 20000; i++) memset(slab_malloc_epoch(alloc, 256, 0), 1, 256); /* 5 MB */
    slab_allocator_free(alloc);
    if (round == 9) early = resident_bytes();
  }
  uint64_t grown = resident_bytes() - early;
  if ((int64_t)grown > 20 << 20)
    check_fail(__FILE__, __LINE__, "expected RSS to stay after %d instances of 5 MB each, found %llu bytes more", ROUNDS - 10,
               (unsigned long long)grown);
}

int main(void) {
  RUN(instances_end_under_threads_that_live_on);
  RUN(a_thread_may_end_after_its_instance);
  RUN(threads_come_and_go);
  RUN(slabs_of_ended_threads_are_adopted);
  RUN(slabs_of_ended_threads_are_adopted_late);
  RUN(slabs_of_ended_threads_are_adopted_by_living_ones);
  RUN(threads_may_end_while_their_instance_does);
  RUN(objects_outlive_their_thread);
  RUN(instances_leave_nothing_behind);
  return check_finish();
}
