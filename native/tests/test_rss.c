/* Memory really goes back: resident bytes by the kernel's own count, before and after, for each way an epoch can drain.
 * Prints its figures. Needs a kernel that does what madvise says, so it is not run under valgrind or qemu. */
#include <inttypes.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "actor.h"
#include "check.h"
#include "laws.h"
#include "payload.h"
#include "resident.h"

enum { COUNT = 120000, SURVIVORS = 4000, LEAST_PCT = 90 };
static const uint32_t sizes[SLAB_CLASS_COUNT] = {64, 96, 128, 192, 256, 384, 512, 768};

static SlabHandle handles[COUNT];
static void *objects[COUNT];
static SlabHandle survivors[SURVIVORS];
static void *survivor_objects[SURVIVORS];
static SlabSnapshot snapshot;

static SlabAllocator *alloc;

static uint32_t size_of(int i) { return sizes[i % SLAB_CLASS_COUNT]; }

/* COUNT objects of all classes in epoch 1 (about 36 MB), SURVIVORS strewn between them in epoch 0. */
static void fill(void *unused) {
  (void)unused;
  for (int i = 0; i < COUNT; i++) {
    objects[i] = alloc_obj_epoch(alloc, size_of(i), 1, &handles[i]);
    payload_stamp(objects[i], size_of(i), handles[i]);
    if (i % (COUNT / SURVIVORS) == 0) {
      int s = i / (COUNT / SURVIVORS);
      survivor_objects[s] = alloc_obj_epoch(alloc, size_of(i), 0, &survivors[s]);
      payload_stamp(survivor_objects[s], size_of(i), survivors[s]);
    }
  }
}

static void drain_from(int first, int step) {
  for (int i = first; i < COUNT; i += step) {
    if (!payload_intact(objects[i], size_of(i), handles[i])) check_fail(__FILE__, __LINE__, "object %d lost its content", i);
    CHECK(free_obj(alloc, handles[i]));
  }
}

static void drain(void *unused) {
  (void)unused;
  drain_from(0, 1);
}

static void drain_odd(void *unused) {
  (void)unused;
  drain_from(1, 2);
}

static void drain_even(void *unused) {
  (void)unused;
  drain_from(0, 2);
}

static void close_epoch(void *unused) {
  (void)unused;
  CHECK_RESULT(epoch_close(alloc, 1), SLAB_OK);
}

static void begin(void) {
  alloc = slab_allocator_create();
  CHECK_U64(epoch_advance(alloc), 1);
}

/* Bytes of the epoch's slabs while it is full, then what RSS lost since. */
static uint64_t held_bytes(void) {
  CHECK_RESULT(slab_stats_snapshot(alloc, &snapshot), SLAB_OK);
  laws_check_at_rest(&snapshot, NULL, NULL);
  return (snapshot.epochs[1].total_partial_slabs + snapshot.epochs[1].total_full_slabs) * snapshot.global.slab_bytes;
}

static void verdict(const char *what, uint64_t held, uint64_t before, uint64_t after) {
  uint64_t fell = before > after ? before - after : 0;
  printf("     %-44s epoch held %6.1f MiB, RSS fell %6.1f MiB: %5.1f %%\n", what, (double)held / 1048576, (double)fell / 1048576,
         held ? 100.0 * (double)fell / (double)held : 0.0);
  if (fell * 100 < held * LEAST_PCT)
    check_fail(__FILE__, __LINE__, "%s: expected RSS to fall by %d %% of %" PRIu64 " bytes, found %" PRIu64, what, LEAST_PCT, held, fell);
}

static void end(void) {
  CHECK_RESULT(slab_stats_snapshot(alloc, &snapshot), SLAB_OK);
  laws_check_at_rest(&snapshot, NULL, NULL);
  CHECK_U64(snapshot.epochs[1].live_objects, 0);
  CHECK_U64(snapshot.epochs[1].total_partial_slabs + snapshot.epochs[1].total_full_slabs, 0);
  CHECK_U64(snapshot.epochs[0].live_objects, SURVIVORS);
  for (int s = 0; s < SURVIVORS; s++) {
    if (!payload_intact(survivor_objects[s], size_of(s * (COUNT / SURVIVORS)), survivors[s]))
      check_fail(__FILE__, __LINE__, "survivor %d of another epoch lost its content", s);
    CHECK(free_obj(alloc, survivors[s]));
  }
  slab_allocator_free(alloc);
}

static void warm_up(void) { /* the arrays above and the stack are resident before anything is measured */
  begin();
  fill(NULL);
  drain(NULL);
  close_epoch(NULL);
  end();
}

static void a_drained_epoch_is_closed(void) {
  begin();
  fill(NULL);
  uint64_t held = held_bytes(), before = resident_bytes();
  drain(NULL);
  close_epoch(NULL);
  verdict("drained, then closed", held, before, resident_bytes());
  end();
  CHECK(snapshot.epochs[1].madvise_bytes > 0);
}

static void a_closing_epoch_drains_by_local_frees(void) {
  begin();
  fill(NULL);
  uint64_t held = held_bytes();
  close_epoch(NULL);
  uint64_t before = resident_bytes();
  drain(NULL);
  verdict("closed, then drained by its thread", held, before, resident_bytes());
  end();
  CHECK(snapshot.global.total_madvise_bytes >= held * LEAST_PCT / 100);
  CHECK(snapshot.epochs[1].madvise_bytes == 0); /* epoch_close itself found nothing to give back */
}

static void a_closing_epoch_drains_by_remote_frees(void) {
  begin();
  Actor other;
  actor_start(&other);
  fill(NULL);
  uint64_t held = held_bytes();
  close_epoch(NULL);
  uint64_t before = resident_bytes();
  actor_call(&other, drain, NULL);
  verdict("closed, then drained by another thread", held, before, resident_bytes());
  actor_stop(&other);
  end();
}

/* Half by its own thread before the close, half by others after it. */
static void a_closing_epoch_drains_by_mixed_frees(void) {
  begin();
  Actor other;
  actor_start(&other);
  fill(NULL);
  uint64_t held = held_bytes(), before = resident_bytes();
  drain_odd(NULL);
  close_epoch(NULL);
  actor_call(&other, drain_even, NULL);
  verdict("half drained, closed, drained", held, before, resident_bytes());
  actor_stop(&other);
  end();
}

/* The owner sleeps on a condition variable and will not run again: its slabs must be reachable all the same. */
static void an_idle_owners_drained_epoch_is_closed(void) {
  begin();
  Actor owner;
  actor_start(&owner);
  actor_call(&owner, fill, NULL);
  uint64_t held = held_bytes(), before = resident_bytes();
  actor_call(&owner, drain, NULL);
  close_epoch(NULL);
  verdict("drained by its thread, idle; closed by another", held, before, resident_bytes());
  end();
  actor_stop(&owner);
}

static void an_idle_owners_epoch_is_drained_by_others(void) {
  begin();
  Actor owner;
  actor_start(&owner);
  actor_call(&owner, fill, NULL);
  uint64_t held = held_bytes(), before = resident_bytes();
  drain(NULL);
  close_epoch(NULL);
  verdict("idle owner; drained and closed by another", held, before, resident_bytes());
  end();
  actor_stop(&owner);
}

static void an_idle_owners_closing_epoch_is_drained_by_others(void) {
  begin();
  Actor owner;
  actor_start(&owner);
  actor_call(&owner, fill, NULL);
  uint64_t held = held_bytes();
  close_epoch(NULL);
  uint64_t before = resident_bytes();
  drain(NULL);
  verdict("idle owner; closed, then drained by another", held, before, resident_bytes());
  end();
  actor_stop(&owner);
}

static void a_dead_owners_epoch_is_drained_by_others(void) {
  begin();
  Actor owner;
  actor_start(&owner);
  actor_call(&owner, fill, NULL);
  actor_stop(&owner);
  uint64_t held = held_bytes(), before = resident_bytes();
  drain(NULL);
  close_epoch(NULL);
  verdict("owner gone; drained and closed by another", held, before, resident_bytes());
  end();
}

static atomic_bool churn_stops;
static atomic_int churn_rounds;

/* Changes slabs of the epoch's largest class all the time, in another epoch. */
static void churn(void *unused) {
  (void)unused;
  enum { LIVE = 200 };
  void *live[LIVE];
  while (!churn_stops) {
    for (int i = 0; i < LIVE; i++) live[i] = slab_malloc_epoch(alloc, sizes[SLAB_CLASS_COUNT - 1], 0);
    for (int i = 0; i < LIVE; i++) CHECK(slab_free(alloc, live[i]));
    churn_rounds++;
  }
}

/* A close gives back what it drained, to the last byte: no thread that happens to allocate meanwhile is made to do that. */
static void an_allocating_thread_gives_nothing_back_for_a_close(void) {
  Actor other;
  actor_start(&other);
  for (int round = 0; round < 10; round++) {
    begin();
    Actor owner;
    actor_start(&owner);
    actor_call(&owner, fill, NULL);
    drain(NULL);
    churn_stops = false;
    churn_rounds = 0;
    actor_begin(&other, churn, NULL);
    while (churn_rounds < 3) sched_yield();
    CHECK_RESULT(slab_stats_snapshot(alloc, &snapshot), SLAB_OK);
    uint64_t before = snapshot.global.total_madvise_bytes;
    close_epoch(NULL);
    CHECK_RESULT(slab_stats_snapshot(alloc, &snapshot), SLAB_OK);
    CHECK(snapshot.global.last_epoch_close.madvise_bytes > 0);
    CHECK_U64(snapshot.global.total_madvise_bytes - before, snapshot.global.last_epoch_close.madvise_bytes);
    churn_stops = true;
    actor_wait(&other);
    end();
    actor_stop(&owner);
  }
  actor_stop(&other);
}

/* The same again and again: what was given back is taken and given back each time, and nothing piles up. */
static void rounds_do_not_pile_up(void) {
  alloc = slab_allocator_create();
  uint64_t after_first = 0;
  EpochId epoch = 0;
  for (int round = 0; round < 12; round++) {
    for (int i = 0; i < COUNT / 4; i++) {
      objects[i] = alloc_obj_epoch(alloc, size_of(i), epoch, &handles[i]);
      payload_stamp(objects[i], size_of(i), handles[i]);
    }
    EpochId closing = epoch;
    epoch = epoch_advance(alloc);
    CHECK_RESULT(epoch_close(alloc, closing), SLAB_OK);
    for (int i = 0; i < COUNT / 4; i++) {
      if (!payload_intact(objects[i], size_of(i), handles[i])) check_fail(__FILE__, __LINE__, "object %d lost its content", i);
      CHECK(free_obj(alloc, handles[i]));
    }
    if (round == 1) after_first = resident_bytes();
  }
  uint64_t after_last = resident_bytes();
  printf("     12 rounds of 9 MB: RSS %.1f MiB after the second, %.1f MiB after the last\n", (double)after_first / 1048576, (double)after_last / 1048576);
  CHECK(after_last < after_first + (4 << 20));
  slab_allocator_free(alloc);
}

int main(void) {
  RUN(warm_up);
  RUN(a_drained_epoch_is_closed);
  RUN(a_closing_epoch_drains_by_local_frees);
  RUN(a_closing_epoch_drains_by_remote_frees);
  RUN(a_closing_epoch_drains_by_mixed_frees);
  RUN(an_idle_owners_drained_epoch_is_closed);
  RUN(an_idle_owners_epoch_is_drained_by_others);
  RUN(an_idle_owners_closing_epoch_is_drained_by_others);
  RUN(a_dead_owners_epoch_is_drained_by_others);
  RUN(an_allocating_thread_gives_nothing_back_for_a_close);
  RUN(rounds_do_not_pile_up);
  return check_finish();
}
