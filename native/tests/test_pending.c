/* What others free of a thread's objects comes back to it. */
#include "actor.h"
#include "allocator.h"
#include "check.h"
#include "job.h"
#include "laws.h"

static SlabSnapshot snapshot;

/* One thread allocates, another frees, again and again: the freed slots come back to the first. */
static void remotely_freed_slots_are_used_again(void) {
  SlabAllocator *alloc = slab_allocator_create();
  Actor maker, freer;
  actor_start(&maker);
  actor_start(&freer);
  Job job = job_make(alloc, 0, 5000, 128);
  for (int round = 0; round < 20; round++) {
    actor_call(&maker, job_fill, &job);
    actor_call(&freer, job_drain, &job);
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

/* Others freed into many slabs: no allocation looks at more than one of them that it can do without, each of their slots is used before there is a new slab, and a thread that ends leaves none behind. */
static void what_others_freed_is_collected_bit_by_bit(void) {
  enum { SLABS = 100, CLASS = SLAB_CLASS_COUNT - 1 };
  SlabAllocator *alloc = slab_allocator_create();
  laws_check_allocator(alloc, 0, &snapshot);
  Actor maker, freer;
  actor_start(&maker);
  actor_start(&freer);
  Job all = job_make(alloc, 0, SLABS * (uint32_t)snapshot.classes[CLASS].slots_per_slab, SLAB_MAX_OBJECT_BYTES);
  Job one = job_make(alloc, 0, 1, SLAB_MAX_OBJECT_BYTES);
  actor_call(&maker, job_fill, &all);
  actor_call(&freer, drain_every_fourth, &all);
  CHECK_U64(pending_slabs(alloc), SLABS);
  uint32_t twos = 0;
  for (uint32_t i = 0; i < (all.count + 3) / 4; i++) {
    uint32_t before = pending_slabs(alloc);
    actor_call(&maker, job_fill, &one);
    uint32_t collected = before - pending_slabs(alloc);
    if (collected > 1) twos++;
    CHECK(collected <= 2);
  }
  CHECK(twos <= 1); /* the slab that the bin stood at when all began is none it could do with */
  CHECK_U64(pending_slabs(alloc), 0);
  laws_check_allocator(alloc, all.count, &snapshot);
  CHECK_U64(snapshot.classes[CLASS].new_slab_count, SLABS);

  for (uint32_t i = 1; i < all.count; i += 4) CHECK(free_obj(alloc, all.handles[i]));
  for (int i = 0; i < MAGAZINE_SLOTS && pending_slabs(alloc) == SLABS; i++) actor_call(&maker, job_fill, &one);
  CHECK_U64(pending_slabs(alloc), SLABS - 1);
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
  actor_call(&sleeper, job_fill, &early);
  actor_call(&freer, job_drain, &early);
  CHECK_U64(epoch_advance(alloc), 1);
  CHECK_RESULT(epoch_close(alloc, 0), SLAB_OK);
  CHECK_U64(pending_slabs(alloc), SLABS);
  Job late = job_make(alloc, 1, count, SLAB_MAX_OBJECT_BYTES);
  for (int round = 0; round < 3; round++) {
    actor_call(&maker, job_fill, &late);
    laws_check_allocator(alloc, count, &snapshot);
    CHECK(snapshot.global.net_slabs <= SLABS + 1);
    actor_call(&freer, job_drain, &late);
  }
  actor_stop(&sleeper);
  actor_stop(&maker);
  actor_stop(&freer);
  job_end(&early);
  job_end(&late);
  slab_allocator_free(alloc);
}

int main(void) {
  RUN(remotely_freed_slots_are_used_again);
  RUN(what_others_freed_is_collected_bit_by_bit);
  RUN(a_thread_that_sleeps_keeps_nobody_from_being_told);
  return check_finish();
}
