/* What the library asks of the system, and when: no clock and no system call where objects are served from memory at hand, and
 * never a lock held over a system call that another thread may need. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actor.h"
#include "check.h"
#include "intercept.h"
#include "laws.h"

static SlabSnapshot snapshot;

enum { COUNT = 3000, HUNG_SEC = 30 };
static SlabHandle handles[8][COUNT];

static void fill(SlabAllocator *alloc, EpochId epoch, int set) {
  for (int i = 0; i < COUNT; i++) CHECK(alloc_obj_epoch(alloc, 1 + (uint32_t)(i * 37) % 768, epoch, &handles[set][i]) != NULL);
}

static void drain(SlabAllocator *alloc, int set) {
  for (int i = 0; i < COUNT; i++) CHECK(free_obj(alloc, handles[set][i]));
}

/* Slow paths, remote frees and draining a CLOSING epoch included. */
typedef struct Drain {
  SlabAllocator *alloc;
  int set;
} Drain;
static void drain_task(void *argument) { drain(((Drain *)argument)->alloc, ((Drain *)argument)->set); }

static void no_clock_on_any_allocation_or_free(void) {
  SlabAllocator *alloc = slab_allocator_create();
  Actor other;
  actor_start(&other);
  intercept_on();
  fill(alloc, 0, 0);
  drain(alloc, 0);
  fill(alloc, 0, 1);
  Drain work = {alloc, 1};
  actor_call(&other, drain_task, &work);
  fill(alloc, 0, 2);
  fill(alloc, 0, 3);
  CHECK_U64(intercept_calls(CALL_CLOCK), 0);
  CHECK(intercept_calls(CALL_MMAP) > 0); /* slow paths were met, and interception works */
  CHECK_RESULT(epoch_close(alloc, 0), SLAB_OK);
  intercept_on();
  CHECK(slab_malloc_epoch(alloc, 64, 0) == NULL);
  drain(alloc, 2);
  work.set = 3;
  actor_call(&other, drain_task, &work);
  CHECK_U64(intercept_calls(CALL_CLOCK), 0);
  CHECK(intercept_calls(CALL_MADVISE) > 0);
  intercept_off();
  actor_stop(&other);
  slab_allocator_free(alloc);
}

static void no_system_call_when_memory_is_at_hand(void) {
  SlabAllocator *alloc = slab_allocator_create();
  fill(alloc, 0, 0);
  drain(alloc, 0);
  fill(alloc, 0, 0);
  drain(alloc, 0);
  intercept_on();
  for (int round = 0; round < 20; round++) {
    fill(alloc, 0, 0);
    drain(alloc, 0);
  }
  for (int kind = 0; kind < CALL_KINDS; kind++)
    if (intercept_calls((Intercepted)kind))
      check_fail(__FILE__, __LINE__, "expected no %s in a steady state, found %llu", intercept_name((Intercepted)kind),
                 (unsigned long long)intercept_calls((Intercepted)kind));
  intercept_off();
  slab_allocator_free(alloc);
}

/* RSS costs a system call or three to read: never on the way of an object, and no more often for a large epoch than for a small one. */
static void rss_is_read_by_a_close_only_and_twice_at_most(void) {
  SlabAllocator *alloc = slab_allocator_create();
  intercept_on();
  fill(alloc, 0, 0);
  fill(alloc, 0, 1);
  drain(alloc, 0);
  EpochId opened = epoch_advance(alloc);
  CHECK_RESULT(slab_epoch_set_label(alloc, opened, "label"), SLAB_OK);
  CHECK_U64(intercept_calls(CALL_READ), 0);
  intercept_on();
  CHECK_RESULT(epoch_close(alloc, opened), SLAB_OK); /* nothing to give back: what it was before is what it is after */
  CHECK_U64(intercept_calls(CALL_READ), 1);
  static SlabHandle many[20000];
  for (int i = 0; i < 20000; i++) CHECK(alloc_obj_epoch(alloc, 768, 0, &many[i]) != NULL);
  for (int i = 0; i < 20000; i++) CHECK(free_obj(alloc, many[i]));
  for (int i = 0; i < COUNT; i++)
    if (i % 100) CHECK(free_obj(alloc, handles[1][i]));
  intercept_on();
  CHECK_RESULT(epoch_close(alloc, 0), SLAB_OK); /* hundreds of slabs in all classes */
  CHECK(intercept_calls(CALL_MADVISE) > 2);
  CHECK_U64(intercept_calls(CALL_READ), 2);
  CHECK_U64(intercept_calls(CALL_OPEN), 2);
  intercept_on();
  for (int i = 0; i < COUNT; i += 100) CHECK(free_obj(alloc, handles[1][i])); /* gives back what drains */
  CHECK(intercept_calls(CALL_MADVISE) > 0);
  epoch_domain_t *domain = epoch_domain_create(alloc);
  CHECK_RESULT(epoch_domain_enter(domain), SLAB_OK);
  CHECK_U64(intercept_calls(CALL_READ), 0);
  CHECK_RESULT(epoch_domain_exit(domain), SLAB_OK); /* closes */
  CHECK_U64(intercept_calls(CALL_READ), 1);
  CHECK_RESULT(epoch_domain_destroy(domain), SLAB_OK);
  intercept_off();
  slab_allocator_free(alloc);
}

/* ---- one thread stands in a system call; another must get everything done ---- */

typedef struct Stage {
  SlabAllocator *alloc;
  Intercepted kind;
  void (*held_work)(SlabAllocator *);
} Stage;

static void held_task(void *argument) {
  Stage *stage = argument;
  intercept_hold_mine(stage->kind);
  stage->held_work(stage->alloc);
}

/* Epochs 0 … 3 are open, each with objects of all classes: sets 0 … 3. Set 3's epoch is the one the held thread works on. */
static void everything(void *argument) {
  SlabAllocator *alloc = argument;
  fill(alloc, 0, 4); /* the same classes, new chunks among them */
  fill(alloc, 1, 5);
  drain(alloc, 4);
  CHECK_RESULT(slab_stats_snapshot(alloc, &snapshot), SLAB_OK);
  laws_check(&snapshot);
  for (int i = 0; i < COUNT; i += 2) CHECK(free_obj(alloc, handles[3][i])); /* remote, perhaps of a CLOSING epoch */
  (void)slab_malloc_epoch(alloc, 64, 3);
  CHECK_RESULT(slab_epoch_set_label(alloc, 3, "held"), SLAB_OK);
  CHECK_RESULT(slab_epoch_inc_refcount(alloc, 1), SLAB_OK);
  CHECK_RESULT(slab_epoch_dec_refcount(alloc, 1), SLAB_OK);
  EpochId opened = epoch_advance(alloc);
  CHECK(opened != EPOCH_INVALID);
  fill(alloc, opened, 6);
  drain(alloc, 6);
  CHECK_RESULT(epoch_close(alloc, opened), SLAB_OK);
  CHECK_RESULT(epoch_close(alloc, 2), SLAB_OK);
  drain(alloc, 2);
  epoch_domain_t *domain = epoch_domain_create(alloc);
  CHECK_RESULT(epoch_domain_enter(domain), SLAB_OK);
  CHECK(slab_malloc_epoch(alloc, 700, epoch_domain_epoch(domain)) != NULL);
  CHECK_RESULT(epoch_domain_exit(domain), SLAB_OK);
  CHECK_RESULT(epoch_domain_destroy(domain), SLAB_OK);
  CHECK_RESULT(epoch_close(alloc, 3), SLAB_OK);
  SlabAllocator *another = slab_allocator_create();
  CHECK(slab_malloc_epoch(another, 64, 0) != NULL);
  slab_allocator_free(another);
}

static void hold(Intercepted kind, void (*held_work)(SlabAllocator *)) {
  SlabAllocator *alloc = slab_allocator_create();
  for (EpochId e = 0; e < 4; e++) {
    if (e) CHECK_U64(epoch_advance(alloc), e);
    fill(alloc, e, (int)e);
  }
  Actor stopped, free_one;
  actor_start(&stopped);
  actor_start(&free_one);
  Stage stage = {alloc, kind, held_work};
  actor_begin(&stopped, held_task, &stage);
  bool met = intercept_wait_held(5);
  if (!met) check_fail(__FILE__, __LINE__, "the held thread never came to %s: this test proves nothing", intercept_name(kind));
  actor_begin(&free_one, everything, alloc);
  /* No verdict hangs on speed: the other thread either finishes or stands until it is released. */
  for (int tenths = 0; tenths < 10 * HUNG_SEC && actor_busy(&free_one); tenths++) usleep(100000);
  if (actor_busy(&free_one)) check_fail(__FILE__, __LINE__, "expected the other thread to finish while one stands in %s, found it waiting", intercept_name(kind));
  if (met) intercept_release();
  actor_wait(&free_one);
  actor_stop(&free_one); /* its exit, too */
  actor_wait(&stopped);
  actor_stop(&stopped);
  CHECK_RESULT(slab_stats_snapshot(alloc, &snapshot), SLAB_OK);
  laws_check_at_rest(&snapshot, NULL, NULL);
  slab_allocator_free(alloc);
}

static void allocate_much(SlabAllocator *alloc) {
  for (int i = 0; i < 20000; i++) CHECK(slab_malloc_epoch(alloc, 768, 0) != NULL);
}

static void empty_and_close(SlabAllocator *alloc) {
  for (int i = 1; i < COUNT; i += 2) CHECK(free_obj(alloc, handles[3][i]));
  static SlabHandle own[COUNT];
  for (int i = 0; i < COUNT; i++) CHECK(alloc_obj_epoch(alloc, 768, 3, &own[i]) != NULL);
  for (int i = 0; i < COUNT; i++) CHECK(free_obj(alloc, own[i]));
  CHECK_RESULT(epoch_close(alloc, 3), SLAB_OK);
}

static void nobody_waits_for_a_thread_in_mmap(void) { hold(CALL_MMAP, allocate_much); }
static void nobody_waits_for_a_thread_in_madvise(void) { hold(CALL_MADVISE, empty_and_close); }
static void allocate_first(SlabAllocator *alloc) { CHECK(slab_malloc_epoch(alloc, 64, 0) != NULL); }
static void nobody_waits_for_a_thread_that_starts(void) { hold(CALL_ADVISE_ONLY, allocate_first); }

/* The place in the counter file that the one is about to take becomes the other's, who moves it away; and no file may be opened. */
static void two_threads_that_start_take_two_places(void) {
  SlabAllocator *alloc = slab_allocator_create();
  CHECK(slab_counters_path(alloc)[0] != 0); /* else there are no places */
  Actor slow, quick;
  actor_start(&slow);
  actor_start(&quick);
  Stage first = {alloc, CALL_ADVISE_ONLY, allocate_first};
  actor_begin(&slow, held_task, &first);
  CHECK(intercept_wait_held(60));
  Stage second = {alloc, CALL_KINDS, allocate_first};
  actor_call(&quick, held_task, &second);
  intercept_on();
  intercept_fail(CALL_OPEN, 1, 1000);
  intercept_release();
  actor_wait(&slow);
  intercept_fail(CALL_OPEN, 0, 0);
  intercept_off();
  CHECK_RESULT(slab_stats_snapshot(alloc, &snapshot), SLAB_OK);
  CHECK_U64(snapshot.global.unpublished_threads, 0);
  actor_stop(&slow);
  actor_stop(&quick);
  slab_allocator_free(alloc);
}

static void nobody_waits_for_a_thread_in_membarrier(void) { hold(CALL_MEMBARRIER, empty_and_close); }
static void nobody_waits_for_a_thread_that_reads_rss(void) { hold(CALL_READ, empty_and_close); }

static void snapshot_in_other(SlabAllocator *alloc) {
  static SlabSnapshot theirs;
  CHECK_RESULT(slab_stats_snapshot(alloc, &theirs), SLAB_OK);
}
static void nobody_waits_for_a_thread_that_takes_a_snapshot(void) { hold(CALL_READ, snapshot_in_other); }

/* As many objects as memory is granted for. */
enum { MANY = 8192 };
typedef struct Load {
  SlabAllocator *alloc;
  EpochId epoch;
  uint32_t count;
  SlabHandle handles[MANY];
} Load;

static void fill_up(void *argument) {
  Load *load = argument;
  while (load->count < MANY && alloc_obj_epoch(load->alloc, 768, load->epoch, &load->handles[load->count])) load->count++;
}

static void fill_first(void *argument) {
  Load *load = argument;
  CHECK(alloc_obj_epoch(load->alloc, 768, load->epoch, &load->handles[load->count++]) != NULL);
}

static void free_all(void *argument) {
  Load *load = argument;
  for (uint32_t i = 0; i < load->count; i++) CHECK(free_obj(load->alloc, load->handles[i]));
}

/* What others freed of a sleeping thread's objects is in its list, and kept from others while there is something else; not when there is nothing. */
static void no_memory_is_held_back_when_none_is_granted(void) {
  static Load early, late;
  SlabAllocator *alloc = slab_allocator_create();
  early.alloc = late.alloc = alloc;
  Actor sleeper, maker, freer;
  actor_start(&sleeper);
  actor_start(&maker);
  actor_start(&freer);
  CHECK_U64(epoch_advance(alloc), late.epoch = 1);
  for (EpochId e = 0; e < 2; e++) CHECK(slab_malloc_epoch(alloc, 768, e) != NULL); /* the chunk is there */
  actor_call(&maker, fill_first, &late); /* and so are the heaps */
  actor_call(&sleeper, fill_first, &early);
  intercept_on();
  intercept_fail(CALL_MMAP, 1, UINT64_MAX);
  actor_call(&sleeper, fill_up, &early);
  CHECK(early.count > 1 && early.count < MANY);
  actor_call(&freer, free_all, &early);
  CHECK_RESULT(epoch_close(alloc, 0), SLAB_OK);
  actor_call(&maker, fill_up, &late);
  intercept_fail(CALL_MMAP, 0, 0);
  intercept_off();
  CHECK(late.count >= early.count - early.count / 8);
  actor_stop(&sleeper);
  actor_stop(&maker);
  actor_stop(&freer);
  slab_allocator_free(alloc);
}

int main(void) {
  unsetenv("TSLAB_COUNTERS"); /* counter files are part of what is tested here */
  RUN(no_memory_is_held_back_when_none_is_granted); /* first: there are no chunks of dead instances yet */
  RUN(no_clock_on_any_allocation_or_free);
  RUN(no_system_call_when_memory_is_at_hand);
  RUN(rss_is_read_by_a_close_only_and_twice_at_most);
  RUN(nobody_waits_for_a_thread_in_mmap);
  RUN(nobody_waits_for_a_thread_in_madvise);
  RUN(nobody_waits_for_a_thread_that_starts);
  RUN(two_threads_that_start_take_two_places);
  RUN(nobody_waits_for_a_thread_in_membarrier);
  RUN(nobody_waits_for_a_thread_that_reads_rss);
  RUN(nobody_waits_for_a_thread_that_takes_a_snapshot);
  return check_finish();
}
