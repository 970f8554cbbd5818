/* fork in the middle of work: the child has a whole allocator of its own, and the parent notices nothing. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "actor.h"
#include "allocator.h"
#include "check.h"
#include "job.h"
#include "laws.h"
#include "payload.h"

enum { THREADS = 3, COUNT = 3000 };
static SlabAllocator *alloc;
static SlabHandle handles[THREADS][COUNT];
static void *objects[THREADS][COUNT];
static SlabSnapshot snapshot;

static uint32_t size_of(int i) { return 1 + (uint32_t)(i * 53) % 768; }

static void fill(void *number) {
  int t = *(int *)number;
  for (int i = 0; i < COUNT; i++) {
    objects[t][i] = alloc_obj_epoch(alloc, size_of(i), (EpochId)(i % 2), &handles[t][i]);
    if (!CHECK(objects[t][i] != NULL)) return;
    payload_stamp(objects[t][i], size_of(i), handles[t][i]);
  }
}

static void drain(int t) {
  for (int i = 0; i < COUNT; i++) {
    CHECK(payload_intact(objects[t][i], size_of(i), handles[t][i]));
    CHECK(free_obj(alloc, handles[t][i]));
    CHECK(!free_obj(alloc, handles[t][i]));
  }
}

/* Everything there is of the parent's, and new work on top. */
static void work_in_child(void) {
  for (int i = 0; i < COUNT; i += 7) CHECK(slab_usable_size(objects[1][i]) >= size_of(i));
  CHECK(slab_malloc_epoch(alloc, 64, 1) != NULL); /* what the child has to set up after a fork is set up */
  laws_check_allocator(alloc, THREADS * COUNT + 1, &snapshot);
  CHECK_U64(snapshot.global.pid, (uint64_t)getpid());
  for (int t = 0; t < THREADS; t++) drain(t);
  laws_check_allocator(alloc, 1, &snapshot);
  uint64_t slabs = snapshot.global.total_slabs_allocated;
  static int numbers[THREADS] = {0, 1, 2};
  for (int t = 0; t < THREADS; t++) fill(&numbers[t]);
  laws_check_allocator(alloc, 1 + THREADS * COUNT, &snapshot);
  CHECK(snapshot.global.total_slabs_allocated <= slabs + 2 * SLAB_CLASS_COUNT); /* what the parent's threads held serves the child */
  for (int t = 0; t < THREADS; t++) drain(t);
  CHECK_RESULT(epoch_close(alloc, 0), SLAB_OK);
  EpochId opened = epoch_advance(alloc);
  CHECK(opened != EPOCH_INVALID);
  for (int i = 0; i < COUNT; i++) CHECK(slab_malloc_epoch(alloc, size_of(i), opened) != NULL);
  laws_check_allocator(alloc, 1 + COUNT, &snapshot);
  SlabAllocator *own = slab_allocator_create();
  CHECK(slab_malloc_epoch(own, 64, 0) != NULL);
  slab_allocator_free(own);
  slab_allocator_free(alloc);
}

static void in_child(void (*work)(void)) {
  fflush(stdout);
  uint64_t before = check_failures();
  pid_t child = fork();
  if (child == 0) {
    work();
    fflush(stdout);
    _exit(check_failures() != before);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK_U64(WIFEXITED(status) ? (uint64_t)WEXITSTATUS(status) : 99, 0);
}

static void begin(Actor *actors, bool threads) {
  static int numbers[THREADS] = {0, 1, 2};
  alloc = slab_allocator_create();
  CHECK_U64(epoch_advance(alloc), 1);
  for (int t = 0; t < THREADS; t++) {
    if (!threads) {
      fill(&numbers[t]);
      continue;
    }
    actor_start(&actors[t]);
    actor_call(&actors[t], fill, &numbers[t]);
  }
}

static void end(Actor *actors, bool threads) {
  laws_check_allocator(alloc, THREADS * COUNT, &snapshot);
  CHECK_U64(snapshot.global.pid, (uint64_t)getpid());
  for (int t = 0; t < THREADS; t++) {
    drain(t);
    if (threads) actor_stop(&actors[t]);
  }
  laws_check_allocator(alloc, 0, &snapshot);
  slab_allocator_free(alloc);
}

static void a_child_of_one_thread_works_on(void) {
  begin(NULL, false);
  in_child(work_in_child);
  end(NULL, false);
}

static void a_child_works_on_without_the_parents_threads(void) {
  Actor actors[THREADS];
  begin(actors, true);
  in_child(work_in_child);
  end(actors, true);
}

/* Objects of its own, whose payloads nobody else may change. */
static void work_beside(void *number) {
  enum { KEPT = 40 };
  uint64_t key = 1 + *(uint64_t *)number;
  void *kept[KEPT] = {NULL};
  for (uint64_t i = 0; i < check_scaled(200000); i++) {
    void **object = &kept[i * 7 % KEPT];
    if (*object) {
      if (!CHECK(payload_intact(*object, 64, key))) return;
      CHECK(slab_free(alloc, *object));
      *object = NULL;
    } else if ((*object = slab_malloc_epoch(alloc, 64, 1))) {
      payload_stamp(*object, 64, key);
    }
  }
  for (int i = 0; i < KEPT; i++) slab_free(alloc, kept[i]);
}

/* A thread that the child starts is the first to use the allocator; the one that forked goes on with what it had at hand. (ThreadSanitizer wants the parent to have one thread.) */
static void start_a_thread_in_child(void) {
  Actor actor;
  uint64_t numbers[] = {0, 1};
  actor_start(&actor);
  actor_begin(&actor, work_beside, &numbers[1]);
  work_beside(&numbers[0]);
  actor_wait(&actor);
  laws_check_allocator(alloc, THREADS * COUNT, &snapshot);
  CHECK_U64(snapshot.global.thread_count, 2);
  actor_stop(&actor);
}

static void a_child_may_start_threads(void) {
  for (int round = 0; round < 3; round++) {
    begin(NULL, false);
    slab_free(alloc, slab_malloc_epoch(alloc, 64, 1)); /* this thread has slots at hand */
    in_child(start_a_thread_in_child);
    end(NULL, false);
  }
}

/* A slab of the thread that forks, which a thread that the child does not have was just about to list as freed into. */
static Job left_over;
static void collect_what_nobody_listed(void) {
  Actor freer;
  actor_start(&freer);
  for (int round = 0; round < 3; round++) {
    actor_call(&freer, job_drain, &left_over);
    job_fill(&left_over);
  }
  laws_check_allocator(alloc, left_over.count + 1, &snapshot);
  CHECK_U64(snapshot.classes[0].new_slab_count, 3);
  actor_stop(&freer);
}

static void a_child_lists_what_was_about_to_be_listed(void) {
  alloc = slab_allocator_create();
  slab_free(alloc, slab_malloc_epoch(alloc, 64, 0)); /* this thread has its heap, the other one another */
  Actor other;
  actor_start(&other);
  Job one = job_make(alloc, 0, 1, 768);
  actor_call(&other, job_fill, &one); /* a heap that the child has to put in order */
  actor_stop(&other);
  laws_check_allocator(alloc, 1, &snapshot);
  left_over = job_make(alloc, 0, 3 * (uint32_t)snapshot.classes[0].slots_per_slab, 64);
  job_fill(&left_over);
  SlabRef ref = handle_ref(left_over.handles[0]);
  store_seq_cst(&book_of_ref(ref)->pending, 1);
  in_child(collect_what_nobody_listed);
  store_seq_cst(&book_of_ref(ref)->pending, 0);
  job_end(&left_over);
  job_end(&one);
  slab_allocator_free(alloc);
}

static void grandchild(void) { in_child(work_in_child); }

static void a_grandchild_works_on(void) {
  Actor actors[THREADS];
  begin(actors, true);
  in_child(grandchild);
  end(actors, true);
}

/* The threads allocate and free while the parent forks again and again. */
static _Atomic bool stop;
static void churn(void *unused) {
  (void)unused;
  while (!stop) {
    SlabHandle handle;
    if (alloc_obj_epoch(alloc, 100, 0, &handle)) CHECK(free_obj(alloc, handle));
  }
}
static void quick_work_in_child(void) {
  SlabHandle handle;
  CHECK(alloc_obj_epoch(alloc, 100, 0, &handle) != NULL);
  CHECK_RESULT(slab_stats_snapshot(alloc, &snapshot), SLAB_OK);
  laws_check(&snapshot);
  CHECK(free_obj(alloc, handle));
  CHECK(epoch_advance(alloc) != EPOCH_INVALID);
  CHECK_RESULT(epoch_close(alloc, 0), SLAB_OK);
}
static void forks_meet_threads_at_work(void) {
  Actor actors[THREADS];
  alloc = slab_allocator_create();
  stop = false;
  for (int t = 0; t < THREADS; t++) {
    actor_start(&actors[t]);
    actor_begin(&actors[t], churn, NULL);
  }
  for (uint64_t i = 0; i < check_scaled(100) && !check_failures(); i++) in_child(quick_work_in_child);
  stop = true;
  for (int t = 0; t < THREADS; t++) actor_stop(&actors[t]);
  laws_check_allocator(alloc, 0, &snapshot);
  slab_allocator_free(alloc);
}

/* A section that is being written at the moment of a fork, or just after it by the parent, never stays half-written in the child. */
static void turn_over(void *unused) {
  (void)unused;
  while (!stop) {
    EpochId opened = epoch_advance(alloc);
    if (opened == EPOCH_INVALID) continue;
    slab_epoch_set_label(alloc, opened, "turning");
    for (int i = 0; i < 50; i++) slab_free(alloc, slab_malloc_epoch(alloc, size_of(i), opened));
    epoch_close(alloc, opened);
  }
}
/* What a thread of the parent's was just closing is closed in the child, too: every slot of the ring without an object can be opened. */
static void open_every_slot(void) {
  for (EpochId epoch = 0; epoch < SLAB_EPOCH_COUNT; epoch++) epoch_close(alloc, epoch);
  CHECK_RESULT(slab_stats_snapshot(alloc, &snapshot), SLAB_OK);
  uint64_t expected = 0, opened = 0;
  for (EpochId epoch = 0; epoch < SLAB_EPOCH_COUNT; epoch++) expected += snapshot.epochs[epoch].live_objects == 0;
  while (epoch_advance(alloc) != EPOCH_INVALID) opened++;
  CHECK_U64(opened, expected);
}
static void find_nothing_torn(void) {
  SlabHandle handle;
  CHECK(alloc_obj_epoch(alloc, 100, 0, &handle) != NULL);
  CHECK_RESULT(slab_stats_snapshot(alloc, &snapshot), SLAB_OK);
  CHECK(!snapshot.global.torn);
  laws_check(&snapshot);
  CHECK(free_obj(alloc, handle));
  open_every_slot();
}
static void fork_in_handler(int unused) {
  (void)unused;
  pid_t child = fork(); /* in the middle of whatever the thread was at */
  if (child == 0) _exit(0);
  if (child > 0) waitpid(child, NULL, 0);
}
static void forks_meet_epochs_that_change(void) {
  Actor actors[THREADS];
  alloc = slab_allocator_create();
  stop = false;
  for (int t = 0; t < THREADS; t++) {
    actor_start(&actors[t]);
    actor_begin(&actors[t], turn_over, NULL);
  }
  for (uint64_t i = 0; i < check_scaled(300) && !check_failures(); i++) in_child(find_nothing_torn);
  stop = true;
  for (int t = 0; t < THREADS; t++) actor_stop(&actors[t]);
  laws_check_allocator(alloc, 0, &snapshot);
  slab_allocator_free(alloc);
}

/* fork(2) may be called in a signal handler, and the thread may hold any lock of the library then. */
static void a_signal_handler_forks(void) {
  struct sigaction action = {.sa_handler = fork_in_handler, .sa_flags = SA_RESTART}, before;
  struct itimerval never = {{0, 0}, {0, 0}};
  alloc = slab_allocator_create();
  sigaction(SIGALRM, &action, &before);
  uint64_t rounds = check_scaled(1000);
  for (uint64_t i = 0; i < rounds; i++) {
    struct itimerval once = {{0, 0}, {0, (suseconds_t)(1 + i * 37 % 500)}};
    setitimer(ITIMER_REAL, &once, NULL);
    for (int turn = 0; turn < 10; turn++) {
      EpochId opened = epoch_advance(alloc);
      for (int k = 0; k < 20; k++) CHECK(slab_free(alloc, slab_malloc_epoch(alloc, size_of(k), opened)));
      epoch_close(alloc, opened);
    }
  }
  setitimer(ITIMER_REAL, &never, NULL);
  sigaction(SIGALRM, &before, NULL);
  in_child(find_nothing_torn);
  laws_check_allocator(alloc, 0, &snapshot);
  slab_allocator_free(alloc);
}

/* A program's own handlers of fork allocate: they run while nobody holds a lock of the library. */
static _Atomic bool handlers_allocate;
static void allocate_much(void) {
  for (int i = 0; handlers_allocate && i < 2000; i++) CHECK(slab_malloc_epoch(alloc, 64, 0) != NULL);
}
static void nothing(void) {}
static void handlers_of_fork_may_allocate(void) {
  alloc = slab_allocator_create();
  handlers_allocate = true;
  alarm(60); /* or all would wait for ever */
  in_child(nothing);
  alarm(0);
  handlers_allocate = false;
  laws_check_allocator(alloc, 2 * 2000, &snapshot);
  slab_allocator_free(alloc);
}

/* A child of which no handler knows ends in order. */
static void a_child_without_handlers_leaves_the_file(void) {
  alloc = slab_allocator_create();
  const char *path = slab_counters_path(alloc);
  if (!CHECK(path != NULL && access(path, F_OK) == 0)) return;
  fflush(stdout);
  pid_t child = _Fork();
  if (child == 0) exit(0);
  waitpid(child, NULL, 0);
  CHECK(access(path, F_OK) == 0);
  slab_allocator_free(alloc);
}

int main(void) {
  pthread_atfork(allocate_much, allocate_much, allocate_much); /* before there is an allocator */
  RUN(a_child_of_one_thread_works_on);
  RUN(a_child_works_on_without_the_parents_threads);
  RUN(a_child_may_start_threads);
  RUN(a_child_lists_what_was_about_to_be_listed);
  RUN(a_grandchild_works_on);
  RUN(forks_meet_threads_at_work);
  RUN(forks_meet_epochs_that_change);
  RUN(a_signal_handler_forks);
  RUN(handlers_of_fork_may_allocate);
  RUN(a_child_without_handlers_leaves_the_file);
  return check_finish();
}
