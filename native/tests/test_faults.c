/* Every call the library makes to the system, failing once, and failing from then on: each of them in turn, in a process of its own.
 * What is expected: NULL, an error code or a count; objects intact, laws intact, and everything works again afterwards. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "actor.h"
#include "check.h"
#include "intercept.h"
#include "laws.h"
#include "payload.h"

enum { EACH = 700, EPOCHS = 3, CLASSES = SLAB_CLASS_COUNT, SWEEP_MAX = 150 };
static const uint32_t sizes[CLASSES] = {64, 96, 128, 192, 256, 384, 512, 768};

typedef struct Object {
  void *at;
  SlabHandle handle;
  uint32_t size;
} Object;

/* All of static size: the scenario itself must ask the system for nothing. */
typedef struct Scenario {
  SlabAllocator *alloc;
  Object objects[2][EPOCHS][CLASSES][EACH];
  uint64_t refused; /* allocations answered by NULL */
  uint64_t live;
  EpochId epochs[EPOCHS];
} Scenario;
static Scenario scenario;
static SlabSnapshot snapshot;
static Actor other;

static void fill(Scenario *s, int who, uint32_t each) {
  for (int e = 0; e < EPOCHS; e++)
    for (int c = 0; c < CLASSES; c++)
      for (uint32_t i = 0; i < each; i++) {
        Object *object = &s->objects[who][e][c][i];
        if (object->at || s->epochs[e] == EPOCH_INVALID) continue;
        object->size = sizes[c] - (i & 15);
        object->at = alloc_obj_epoch(s->alloc, object->size, s->epochs[e], &object->handle);
        if (!object->at) {
          CHECK_U64(object->handle, 0);
          s->refused++;
        } else {
          payload_stamp(object->at, object->size, object->handle);
          s->live++;
        }
      }
}

static void drain(Scenario *s, int who, int step) {
  for (int e = 0; e < EPOCHS; e++)
    for (int c = 0; c < CLASSES; c++)
      for (int i = 0; i < EACH; i += step) {
        Object *object = &s->objects[who][e][c][i];
        if (!object->at) continue;
        CHECK(payload_intact(object->at, object->size, object->handle));
        CHECK(free_obj(s->alloc, object->handle));
        object->at = NULL;
        s->live--;
      }
}

static void other_fills(void *argument) { fill(argument, 1, EACH); }
static void other_drains_mine(void *argument) { drain(argument, 0, 2); }

static void take(Scenario *s) {
  if (CHECK_RESULT(slab_stats_snapshot(s->alloc, &snapshot), SLAB_OK)) laws_check(&snapshot);
}

/* A bit of everything that asks the system for something. */
static void act(Scenario *s) {
  s->alloc = slab_allocator_create();
  if (!s->alloc) return;
  for (int e = 0; e < EPOCHS; e++) s->epochs[e] = e ? epoch_advance(s->alloc) : 0;
  fill(s, 0, EACH);
  actor_call(&other, other_fills, s);
  take(s);
  slab_epoch_set_label(s->alloc, 0, "faulty");
  epoch_domain_t *domain = epoch_domain_create(s->alloc);
  if (domain) {
    if (epoch_domain_enter(domain) == SLAB_OK) {
      void *object = slab_malloc_epoch(s->alloc, 100, epoch_domain_epoch(domain));
      if (object)
        CHECK(slab_free(s->alloc, object));
      else
        s->refused++;
      CHECK_RESULT(epoch_domain_exit(domain), SLAB_OK);
    }
    CHECK_RESULT(epoch_domain_destroy(domain), SLAB_OK);
  }
  CHECK_RESULT(epoch_close(s->alloc, s->epochs[0]), SLAB_OK);
  actor_call(&other, other_drains_mine, s);
  drain(s, 0, 1);
  take(s);
  CHECK_RESULT(epoch_close(s->alloc, s->epochs[1]), SLAB_OK);
  drain(s, 1, 3);
  take(s);
  drain(s, 1, 1);
  CHECK_RESULT(epoch_close(s->alloc, s->epochs[2]), SLAB_OK);
  take(s);
}

/* With nothing failing any more: the instance must be whole and serve as if nothing had been. */
static void recover(Scenario *s) {
  if (!s->alloc) {
    s->alloc = slab_allocator_create();
    if (!CHECK(s->alloc != NULL)) return;
  }
  drain(s, 0, 1);
  drain(s, 1, 1);
  laws_check_allocator(s->alloc, 0, &snapshot);
  CHECK_U64(s->live, 0);
  for (int e = 0; e < EPOCHS; e++) {
    s->epochs[e] = epoch_advance(s->alloc);
    CHECK(s->epochs[e] != EPOCH_INVALID);
  }
  s->refused = 0;
  fill(s, 0, EACH);
  actor_call(&other, other_fills, s);
  CHECK_U64(s->refused, 0);
  laws_check_allocator(s->alloc, s->live, &snapshot);
  actor_call(&other, other_drains_mine, s);
  drain(s, 0, 1);
  drain(s, 1, 1);
  for (EpochId e = 0; e < SLAB_EPOCH_COUNT; e++)
    if (epoch_era(s->alloc, e)) CHECK_RESULT(epoch_close(s->alloc, e), SLAB_OK);
  laws_check_allocator(s->alloc, 0, &snapshot);
  CHECK_U64(snapshot.global.net_slabs, 0);
}

static uint64_t closed_refusals(void) { return snapshot.global.total_slow_epoch_closed; }

/* In a child: exit status 0 when all checks held. */
static int run_with_failure(Intercepted kind, uint64_t first, uint64_t count, uint64_t calls_out[CALL_KINDS]) {
  uint64_t before = check_failures();
  actor_start(&other);
  intercept_fail(kind, first, count);
  intercept_on();
  act(&scenario);
  intercept_off();
  if (scenario.alloc) {
    CHECK_RESULT(slab_stats_snapshot(scenario.alloc, &snapshot), SLAB_OK);
    CHECK_U64(snapshot.global.total_alloc_failures + closed_refusals(), scenario.refused);
    if (kind != CALL_MADVISE) CHECK_U64(snapshot.global.total_madvise_failures, 0);
    if (kind == CALL_MADVISE) CHECK_U64(snapshot.global.total_madvise_failures, intercept_failed(kind));
    if (kind == CALL_MMAP || kind == CALL_MPROTECT) CHECK(snapshot.global.total_alloc_failures == 0 || snapshot.global.mmap_failures > 0);
  }
  for (int i = 0; i < CALL_KINDS; i++) calls_out[i] = intercept_calls((Intercepted)i);
  intercept_fail(kind, 0, 0);
  recover(&scenario);
  actor_stop(&other);
  slab_allocator_free(scenario.alloc);
  return check_failures() != before;
}

/* Forks, so that what is made once per process (keys, registrations, maps) is made anew each time, and a crash is one failure. */
static bool survives(Intercepted kind, uint64_t first, uint64_t count, uint64_t calls_out[CALL_KINDS]) {
  int pipe_ends[2];
  if (!CHECK(pipe(pipe_ends) == 0)) return false;
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    uint64_t calls[CALL_KINDS] = {0};
    int status = run_with_failure(kind, first, count, calls);
    fflush(stdout);
    ssize_t written = write(pipe_ends[1], calls, sizeof calls);
    _exit(written == sizeof calls ? status : 3);
  }
  close(pipe_ends[1]);
  uint64_t calls[CALL_KINDS] = {0};
  ssize_t got = read(pipe_ends[0], calls, sizeof calls);
  close(pipe_ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (calls_out && got == sizeof calls) memcpy(calls_out, calls, sizeof calls);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
  check_fail(__FILE__, __LINE__, "%s failing at call %" PRIu64 " (%s): %s %d", intercept_name(kind), first, count == 1 ? "once" : "from then on",
             WIFSIGNALED(status) ? "killed by signal" : "exit status", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
  return false;
}

static void sweep(Intercepted kind) {
  uint64_t calls[CALL_KINDS] = {0};
  if (!survives(kind, 0, 0, calls)) return; /* nothing failing: how many calls there are */
  uint64_t total = calls[kind], runs = 0;
  uint64_t step = total / check_scaled(SWEEP_MAX) + 1;
  for (uint64_t n = 1; n <= total; n += n < 10 ? 1 : step) {
    bool once = survives(kind, n, 1, NULL), for_ever = survives(kind, n, UINT64_MAX, NULL);
    runs += 2;
    if (!once && !for_ever) break;
  }
  printf("     %s: %" PRIu64 " calls, %" PRIu64 " runs\n", intercept_name(kind), total, runs);
}

#define SWEEP(kind) \
  static void sweep_##kind(void) { sweep(kind); }
SWEEP(CALL_MMAP)
SWEEP(CALL_MUNMAP)
SWEEP(CALL_MREMAP)
SWEEP(CALL_MPROTECT)
SWEEP(CALL_MADVISE)
SWEEP(CALL_ADVISE_ONLY)
SWEEP(CALL_MEMBARRIER)
SWEEP(CALL_OPEN)
SWEEP(CALL_READ)
SWEEP(CALL_OPENAT)
SWEEP(CALL_MKDIR)
SWEEP(CALL_FSTAT)
SWEEP(CALL_FLOCK)
SWEEP(CALL_FALLOCATE)
SWEEP(CALL_RENAMEAT)
SWEEP(CALL_KEY_CREATE)
SWEEP(CALL_SETSPECIFIC)
SWEEP(CALL_MUTEX_INIT)
SWEEP(CALL_MALLOC)

/* So that a sweep over nothing is not taken for a proof: the scenario must have met these. */
static void the_scenario_reaches_the_system(void) {
  uint64_t calls[CALL_KINDS] = {0};
  if (!survives(CALL_MMAP, 0, 0, calls)) return;
  CHECK(calls[CALL_MMAP] >= CLASSES);
  CHECK(calls[CALL_MADVISE] >= 1);
  CHECK(calls[CALL_OPEN] >= 1);
  CHECK(calls[CALL_MREMAP] >= 2);
  CHECK(calls[CALL_CLOCK] >= 1);
}

int main(void) {
  unsetenv("TSLAB_COUNTERS"); /* counter files are part of what is tested here */
  RUN(the_scenario_reaches_the_system);
  RUN(sweep_CALL_MMAP);
  RUN(sweep_CALL_MUNMAP);
  RUN(sweep_CALL_MREMAP);
  RUN(sweep_CALL_MPROTECT);
  RUN(sweep_CALL_MADVISE);
  RUN(sweep_CALL_ADVISE_ONLY);
  RUN(sweep_CALL_MEMBARRIER);
  RUN(sweep_CALL_OPEN);
  RUN(sweep_CALL_READ);
  RUN(sweep_CALL_OPENAT);
  RUN(sweep_CALL_MKDIR);
  RUN(sweep_CALL_FSTAT);
  RUN(sweep_CALL_FLOCK);
  RUN(sweep_CALL_FALLOCATE);
  RUN(sweep_CALL_RENAMEAT);
  RUN(sweep_CALL_KEY_CREATE);
  RUN(sweep_CALL_SETSPECIFIC);
  RUN(sweep_CALL_MUTEX_INIT);
  RUN(sweep_CALL_MALLOC);
  return check_finish();
}
