/* Threads that come and go, instances that come and go under threads that stay. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "actor.h"
#include "allocator.h"
#include "check.h"
#include "laws.h"
#include "payload.h"
#include "random.h"
#include "resident.h"

static SlabSnapshot snapshot;

typedef struct Job {
  SlabAllocator *alloc;
  EpochId epoch;
  uint32_t count, size;
  SlabHandle *handles;
  void **objects;
} Job;

static void fill(void *argument) {
  Job *job = argument;
  for (uint32_t i = 0; i < job->count; i++) {
    job->objects[i] = alloc_obj_epoch(job->alloc, job->size, job->epoch, &job->handles[i]);
    if (!CHECK(job->objects[i] != NULL)) return;
    payload_stamp(job->objects[i], job->size, job->handles[i]);
  }
}

static void drain(void *argument) {
  Job *job = argument;
  for (uint32_t i = 0; i < job->count; i++) {
    CHECK(payload_intact(job->objects[i], job->size, job->handles[i]));
    CHECK(free_obj(job->alloc, job->handles[i]));
  }
}

static void *fill_thread(void *argument) {
  fill(argument);
  return NULL;
}

static void *churn_thread(void *argument) {
  fill(argument);
  drain(argument);
  return NULL;
}

static _Atomic int ready;

/* Its last call on the instance has returned when it says so. */
static void *ready_and_end(void *argument) {
  fill(argument);
  atomic_fetch_add(&ready, 1);
  return NULL;
}

static Job job_make(SlabAllocator *alloc, EpochId epoch, uint32_t count, uint32_t size) {
  return (Job){alloc, epoch, count, size, calloc(count, sizeof(SlabHandle)), calloc(count, sizeof(void *))};
}

static void job_end(Job *job) {
  free(job->handles);
  free(job->objects);
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
      for (int t = 0; t < THREADS; t++) actor_begin(&actors[t], fill, &jobs[a][t]);
      for (int t = 0; t < THREADS; t++) actor_wait(&actors[t]);
    }
    for (int a = 0; a < AT_ONCE; a++) laws_check_allocator(allocs[a], THREADS * 300, &snapshot);
    slab_allocator_free(allocs[1]); /* with everything still in it */
    for (int a = 0; a < AT_ONCE; a += 2) {
      for (int t = 0; t < THREADS; t++) actor_begin(&actors[(t + 1) % THREADS], drain, &jobs[a][t]);
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
    actor_call(&actor, fill, &job);
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
    drain(&jobs[t]);
    job_end(&jobs[t]);
  }
  laws_check_allocator(alloc, 0, &snapshot);
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
    actor_call(&actors[t], fill, &jobs[t]);
  }
  for (int t = 0; t < THREADS; t++) actor_stop(&actors[t]);
  laws_check_allocator(alloc, THREADS * EACH + 1, &snapshot);
  CHECK_U64(snapshot.classes[0].net_slabs, THREADS);
  uint64_t room = THREADS * (snapshot.classes[0].slots_per_slab - EACH);
  for (uint64_t i = 0; i < room; i++) CHECK(slab_malloc_epoch(alloc, 64, 0) != NULL);
  laws_check_allocator(alloc, THREADS * EACH + 1 + room, &snapshot);
  CHECK_U64(snapshot.classes[0].net_slabs, THREADS);
  for (int t = 0; t < THREADS; t++) {
    drain(&jobs[t]);
    job_end(&jobs[t]);
  }
  slab_allocator_free(alloc);
}

/* One thread allocates, another frees, again and again: the freed slots come back to the first. */
static void remotely_freed_slots_are_used_again(void) {
  SlabAllocator *alloc = slab_allocator_create();
  Actor maker, freer;
  actor_start(&maker);
  actor_start(&freer);
  Job job = job_make(alloc, 0, 5000, 128);
  for (int round = 0; round < 20; round++) {
    actor_call(&maker, fill, &job);
    actor_call(&freer, drain, &job);
  }
  laws_check_allocator(alloc, 0, &snapshot);
  uint64_t needed = 5000 / snapshot.classes[2].slots_per_slab + 1;
  CHECK(snapshot.classes[2].new_slab_count <= 2 * needed);
  CHECK_U64(snapshot.classes[2].remote_frees, 20 * 5000);
  actor_stop(&maker);
  actor_stop(&freer);
  job_end(&job);
  slab_allocator_free(alloc);
}

static uint32_t pending_slabs(SlabAllocator *alloc) {
  uint32_t count = 0;
  for (Chunk *c = load_acquire(&alloc->chunks); c; c = c->next)
    for (uint32_t i = c->first; i < c->carved; i++) count += load_acquire(&chunk_books(c)[i].pending);
  return count;
}

static void drain_every_fourth(void *argument) {
  Job *job = argument;
  for (uint32_t i = 0; i < job->count; i += 4) CHECK(free_obj(job->alloc, job->handles[i]));
}

/* Others freed into many slabs: no allocation looks at all of them, each of their slots is used before there is a new slab, and a thread that ends leaves none behind. */
static void what_others_freed_is_collected_bit_by_bit(void) {
  enum { SLABS = 100, CLASS = SLAB_CLASS_COUNT - 1 };
  SlabAllocator *alloc = slab_allocator_create();
  laws_check_allocator(alloc, 0, &snapshot);
  Actor maker, freer;
  actor_start(&maker);
  actor_start(&freer);
  Job all = job_make(alloc, 0, SLABS * (uint32_t)snapshot.classes[CLASS].slots_per_slab, SLAB_MAX_OBJECT_BYTES);
  Job one = job_make(alloc, 0, 1, SLAB_MAX_OBJECT_BYTES);
  actor_call(&maker, fill, &all);
  actor_call(&freer, drain_every_fourth, &all);
  CHECK_U64(pending_slabs(alloc), SLABS);
  for (uint32_t i = 0; i < (all.count + 3) / 4; i++) {
    uint32_t before = pending_slabs(alloc);
    actor_call(&maker, fill, &one);
    CHECK(before - pending_slabs(alloc) <= COLLECT_SLABS);
  }
  CHECK_U64(pending_slabs(alloc), 0);
  laws_check_allocator(alloc, all.count, &snapshot);
  CHECK_U64(snapshot.classes[CLASS].new_slab_count, SLABS);

  for (uint32_t i = 1; i < all.count; i += 4) CHECK(free_obj(alloc, all.handles[i]));
  for (int i = 0; i < MAGAZINE_SLOTS && pending_slabs(alloc) == SLABS; i++) actor_call(&maker, fill, &one);
  CHECK_U64(pending_slabs(alloc), SLABS - COLLECT_SLABS);
  actor_stop(&maker);
  CHECK_U64(pending_slabs(alloc), 0);
  actor_stop(&freer);
  job_end(&all);
  job_end(&one);
  slab_allocator_free(alloc);
}

/* A thread sleeps and does not come to what others freed of its objects. Their epoch is closed, and the memory is another thread's: whom others tell of what they free of his. */
static void a_thread_that_sleeps_keeps_nobody_from_being_told(void) {
  enum { SLABS = 20, CLASS = SLAB_CLASS_COUNT - 1 };
  SlabAllocator *alloc = slab_allocator_create();
  laws_check_allocator(alloc, 0, &snapshot);
  uint32_t count = SLABS * (uint32_t)snapshot.classes[CLASS].slots_per_slab;
  Actor sleeper, maker, freer;
  actor_start(&sleeper);
  actor_start(&maker);
  actor_start(&freer);
  Job early = job_make(alloc, 0, count, SLAB_MAX_OBJECT_BYTES);
  actor_call(&sleeper, fill, &early);
  actor_call(&freer, drain, &early);
  CHECK_U64(epoch_advance(alloc), 1);
  CHECK_RESULT(epoch_close(alloc, 0), SLAB_OK);
  CHECK_U64(pending_slabs(alloc), SLABS);
  Job late = job_make(alloc, 1, count, SLAB_MAX_OBJECT_BYTES);
  for (int round = 0; round < 3; round++) {
    actor_call(&maker, fill, &late);
    laws_check_allocator(alloc, count, &snapshot);
    CHECK(snapshot.global.net_slabs <= SLABS + 1);
    actor_call(&freer, drain, &late);
  }
  actor_stop(&sleeper);
  actor_stop(&maker);
  actor_stop(&freer);
  job_end(&early);
  job_end(&late);
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
  drain(&job);
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
  RUN(slabs_of_ended_threads_are_adopted_by_living_ones);
  RUN(remotely_freed_slots_are_used_again);
  RUN(what_others_freed_is_collected_bit_by_bit);
  RUN(a_thread_that_sleeps_keeps_nobody_from_being_told);
  RUN(threads_may_end_while_their_instance_does);
  RUN(objects_outlive_their_thread);
  RUN(instances_leave_nothing_behind);
  return check_finish();
}
