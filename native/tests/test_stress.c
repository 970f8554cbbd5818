/* Everything at once, from all threads, for a while.
 *
 * Models a server under a hostile load: worker threads that come and go allocate by both APIs in random epochs of the ring, write a
 * stamp over the whole object, hand objects to one another, check the stamp and free them; open and close epochs at a rate no
 * program would; enter and leave nested domains; rename epochs; count themselves in and out; free what is dead, forged or not theirs,
 * also two threads the same handle at once; take snapshots. A further thread does nothing but take snapshots and check the laws.
 * At the end all is freed and every counter must equal what the threads counted themselves.
 *
 *   test_stress [--seconds N] [--ops N] [--threads N] [--seed N]
 *
 * Ends after N seconds (default 10) or N operations in all, whichever comes first. Smoke: 10 s under each sanitizer. Before a merge
 * that touches native/src: 300 s under tsan. Soak: 3600 s, plain and asan. The seed fixes each thread's choices, not the schedule. */
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "laws.h"
#include "payload.h"
#include "random.h"

enum { MINE = 3000, MAIL = 512, DEAD = 256, RACES = 32, DEPTH = 6, HELD = 8, LANES_MAX = 64, LIFE_MIN = 2000, LIFE_MORE = 200000 };

static uint64_t seconds = 10, ops_limit = UINT64_MAX, lanes = 4, seed = 1;

typedef struct Object {
  void *at;
  SlabHandle handle; /* 0: made without one */
  uint32_t size;
  EpochId epoch;
  uint64_t key;
} Object;

/* What happened, as its doers saw it; to be compared with the allocator's own counts. */
typedef enum Tally {
  OPS,
  LIVES,
  ALLOCS,
  NULLS,
  BAD_SIZES,
  FREES,
  HANDED_OVER,
  REFUSED_FREES,
  RACED,     /* handles offered to everybody */
  RACE_WINS, /* frees of such that returned true */
  ADVANCES,
  ADVANCES_REFUSED,
  CLOSES,
  MERGES,
  DOMAINS,
  MISUSES,
  SNAPSHOTS,
  TORN,
  TALLIES
} Tally;

static SlabAllocator *alloc;
static _Atomic uint64_t total[TALLIES];
static _Atomic(Object *) mail[MAIL];
static _Atomic uint64_t races[RACES];
static _Atomic bool stop;
static epoch_domain_t *held_by_main;
static struct timespec started;

typedef struct Worker {
  pthread_t thread, predecessor;
  bool has_predecessor;
  Random random;
  uint64_t tally[TALLIES], life;
  Object *mine[MINE];
  SlabHandle dead[DEAD];
  uint64_t deaths;
  epoch_domain_t *domains[DEPTH];
  int depth;
  EpochId counted[HELD];
  int counted_in;
  uint64_t key;
  SlabSnapshot snapshot, previous;
} Worker;

static Worker *last_of_lane[LANES_MAX];
static uint64_t lanes_ended;
static pthread_mutex_t lanes_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t lane_ended = PTHREAD_COND_INITIALIZER;

static double elapsed_sec(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)(now.tv_sec - started.tv_sec) + (double)(now.tv_nsec - started.tv_nsec) / 1e9;
}

static EpochId any_epoch(Worker *w) { return random_below(&w->random, SLAB_EPOCH_COUNT); }

static bool die(Worker *w, Object *object) {
  bool intact = payload_intact(object->at, object->size, object->key);
  if (!intact) check_fail(__FILE__, __LINE__, "an object of %u bytes lost its content", object->size);
  bool by_handle = object->handle && random_below(&w->random, 4);
  bool freed = by_handle ? free_obj(alloc, object->handle) : slab_free(alloc, object->at);
  if (!freed) check_fail(__FILE__, __LINE__, "a live object could not be freed by %s", by_handle ? "handle" : "address");
  w->tally[FREES] += freed;
  if (object->handle) w->dead[w->deaths++ % DEAD] = object->handle;
  free(object);
  return intact && freed;
}

static void do_alloc(Worker *w) {
  uint32_t i = random_below(&w->random, MINE);
  if (w->mine[i]) return;
  EpochId epoch = epoch_current(alloc);
  if (w->depth && random_below(&w->random, 2)) epoch = epoch_domain_epoch(w->domains[w->depth - 1]);
  if (random_below(&w->random, 8) == 0) epoch = any_epoch(w);
  Object *object = malloc(sizeof *object);
  object->size = random_below(&w->random, 4) ? 1 + random_below(&w->random, 128) : 1 + random_below(&w->random, SLAB_MAX_OBJECT_BYTES);
  object->handle = 0;
  bool by_handle = random_below(&w->random, 3) != 0;
  object->at = by_handle ? alloc_obj_epoch(alloc, object->size, epoch, &object->handle) : slab_malloc_epoch(alloc, object->size, epoch);
  if (!object->at) {
    CHECK_U64(object->handle, 0);
    w->tally[NULLS]++;
    free(object);
    return;
  }
  w->tally[ALLOCS]++;
  object->epoch = epoch;
  object->key = ++w->key ^ (uint64_t)(uintptr_t)w << 8;
  payload_stamp(object->at, object->size, object->key);
  w->mine[i] = object;
}

static void do_free(Worker *w) {
  uint32_t i = random_below(&w->random, MINE);
  if (!w->mine[i]) return;
  die(w, w->mine[i]);
  w->mine[i] = NULL;
}

/* A swap with everybody: what comes out was mostly made by another thread, perhaps one that is gone. */
static void do_exchange(Worker *w) {
  uint32_t i = random_below(&w->random, MINE);
  w->tally[HANDED_OVER] += w->mine[i] != NULL;
  w->mine[i] = atomic_exchange_explicit(&mail[random_below(&w->random, MAIL)], w->mine[i], memory_order_acq_rel);
  if (w->mine[i] && random_below(&w->random, 2)) {
    die(w, w->mine[i]);
    w->mine[i] = NULL;
  }
}

static void refuse(Worker *w, bool freed, const char *what) {
  if (freed) check_fail(__FILE__, __LINE__, "expected the free of %s to be refused", what);
  w->tally[REFUSED_FREES] += !freed;
}

static void do_bad_free(Worker *w) {
  uint32_t i = random_below(&w->random, MINE);
  char local[64];
  switch (random_below(&w->random, 6)) {
    case 0: refuse(w, free_obj(alloc, 0), "handle 0"); break;
    case 1: refuse(w, free_obj(alloc, random_u64(&w->random)), "a random handle"); break;
    case 2:
      if (w->deaths) refuse(w, free_obj(alloc, w->dead[random_below(&w->random, w->deaths < DEAD ? w->deaths : DEAD)]), "a dead handle");
      break;
    case 3:
      if (w->mine[i]) refuse(w, slab_free(alloc, (char *)w->mine[i]->at + 1 + random_below(&w->random, 63)), "an interior address");
      break;
    case 4: refuse(w, slab_free(alloc, local + random_below(&w->random, 64)), "a stack address"); break;
    case 5:
      if (random_below(&w->random, 8) == 0) {
        CHECK(alloc_obj_epoch(alloc, 0, 0, &(SlabHandle){0}) == NULL);
        CHECK(slab_malloc_epoch(alloc, SLAB_MAX_OBJECT_BYTES + 1 + random_below(&w->random, 1000), 0) == NULL);
        w->tally[BAD_SIZES] += 2;
      }
      break;
  }
}

/* A handle for everybody to free. One succeeds; a second only if the slab's own thread and another one free it within the same few
 * instructions, which the allocator then finds out and takes back (as an invalid free, and an allocation to match). */
static void try_race(Worker *w, SlabHandle handle) {
  bool freed = free_obj(alloc, handle);
  w->tally[RACE_WINS] += freed;
  w->tally[FREES] += freed;
  w->tally[REFUSED_FREES] += !freed;
}

static void do_race(Worker *w) {
  _Atomic uint64_t *race = &races[random_below(&w->random, RACES)];
  SlabHandle handle = atomic_load_explicit(race, memory_order_acquire);
  if (handle) {
    try_race(w, handle);
    if (random_below(&w->random, 4) == 0) atomic_compare_exchange_strong(race, &handle, 0);
  } else if (alloc_obj_epoch(alloc, 100, epoch_current(alloc), &handle)) {
    w->tally[ALLOCS]++, w->tally[RACED]++;
    SlabHandle none = 0;
    if (!atomic_compare_exchange_strong(race, &none, handle)) try_race(w, handle);
  } else {
    w->tally[NULLS]++;
  }
}

static void leave_domain(Worker *w) {
  epoch_domain_t *domain = w->domains[--w->depth];
  CHECK(epoch_domain_current() == domain);
  CHECK_RESULT(epoch_domain_exit(domain), SLAB_OK);
  CHECK_RESULT(epoch_domain_destroy(domain), SLAB_OK);
}

static void do_domains(Worker *w) {
  uint32_t dice = random_below(&w->random, 8);
  if (dice < 3 && w->depth < DEPTH) {
    bool creates = random_below(&w->random, 4) == 0;
    epoch_domain_t *domain = creates ? epoch_domain_create(alloc) : epoch_domain_wrap(alloc, any_epoch(w), random_below(&w->random, 3) == 0);
    if (creates) { /* NULL also when somebody closed the new epoch at once */
      w->tally[domain ? ADVANCES : ADVANCES_REFUSED]++;
    }
    if (!domain) return;
    w->tally[DOMAINS]++;
    SlabResult result = epoch_domain_enter(domain);
    if (result == SLAB_OK) {
      CHECK(epoch_domain_current() == domain);
      w->domains[w->depth++] = domain;
    } else {
      CHECK(result == SLAB_ERR_CLOSED || result == SLAB_ERR_STALE);
      CHECK_RESULT(epoch_domain_destroy(domain), SLAB_OK);
    }
  } else if (dice < 6) {
    if (w->depth) leave_domain(w);
  } else if (dice == 6) {
    CHECK_RESULT(epoch_domain_exit(held_by_main), SLAB_ERR_WRONG_THREAD);
    CHECK_RESULT(epoch_domain_destroy(held_by_main), SLAB_ERR_BUSY);
    w->tally[MISUSES] += 2;
  } else if (w->depth > 1) {
    CHECK_RESULT(epoch_domain_exit(w->domains[0]), SLAB_ERR_WRONG_ORDER);
    w->tally[MISUSES]++;
    if (random_below(&w->random, 4) == 0) CHECK_RESULT(epoch_domain_force_close(w->domains[w->depth - 1]), SLAB_OK);
  }
}

static void leave_counted(Worker *w) {
  while (w->counted_in) CHECK_RESULT(slab_epoch_dec_refcount(alloc, w->counted[--w->counted_in]), SLAB_OK);
}

static void do_refcount(Worker *w) {
  if (w->counted_in < HELD && random_below(&w->random, 2)) {
    EpochId epoch = any_epoch(w);
    SlabResult result = slab_epoch_inc_refcount(alloc, epoch);
    if (result == SLAB_OK)
      w->counted[w->counted_in++] = epoch;
    else
      CHECK_RESULT(result, SLAB_ERR_CLOSED);
  } else if (w->counted_in) {
    EpochId epoch = w->counted[--w->counted_in];
    CHECK(epoch_era(alloc, epoch) != 0);
    CHECK_RESULT(slab_epoch_dec_refcount(alloc, epoch), SLAB_OK);
  }
}

static void take_and_free(Worker *w, _Atomic(Object *) *box, EpochId epoch) {
  Object *object = atomic_exchange_explicit(box, NULL, memory_order_acq_rel);
  if (!object) return;
  if (object->epoch == epoch) {
    die(w, object);
    return;
  }
  Object *empty = NULL;
  if (atomic_compare_exchange_strong(box, &empty, object)) return;
  die(w, object); /* the box was filled meanwhile */
}

/* The ring is full: every thread lets go of what it has in the slot that comes next, as requests that have ended would. */
static void make_room(Worker *w) {
  EpochId next = (epoch_current(alloc) + 1 + random_below(&w->random, 2)) % SLAB_EPOCH_COUNT;
  while (w->depth) leave_domain(w);
  leave_counted(w);
  epoch_close(alloc, next);
  for (int i = 0; i < MINE; i++)
    if (w->mine[i] && w->mine[i]->epoch == next) {
      die(w, w->mine[i]);
      w->mine[i] = NULL;
    }
  for (int i = 0; i < MAIL; i++) take_and_free(w, &mail[i], next);
  for (int i = 0; i < RACES; i++) { /* of whichever epoch */
    SlabHandle handle = atomic_exchange(&races[i], 0);
    if (handle) try_race(w, handle);
  }
  sched_yield(); /* the others hold something there, too */
}

static void do_epochs(Worker *w) {
  if (random_below(&w->random, 8) == 0) {
    w->tally[MERGES] += epoch_merge(alloc, any_epoch(w), any_epoch(w)) == SLAB_OK;
    return;
  }
  if (random_below(&w->random, 2)) {
    bool opened = epoch_advance(alloc) != EPOCH_INVALID;
    w->tally[opened ? ADVANCES : ADVANCES_REFUSED]++;
    if (!opened) make_room(w);
  } else {
    EpochId epoch = any_epoch(w);
    if (epoch == epoch_current(alloc) && random_below(&w->random, 8)) return;
    SlabResult result = epoch_close(alloc, epoch);
    if (result != SLAB_ERR_CLOSED) CHECK_RESULT(result, SLAB_OK); /* CLOSED: never opened yet */
    w->tally[CLOSES] += result == SLAB_OK;
  }
}

static void do_label(Worker *w) {
  char text[64];
  snprintf(text, sizeof text, "label-%u-\xe2\x82\xac\xf0\x9f\x90\x8c-with-a-long-tail", random_below(&w->random, 24));
  SlabResult result = slab_epoch_set_label(alloc, any_epoch(w), random_below(&w->random, 8) ? text : NULL);
  CHECK(result == SLAB_OK || result == SLAB_ERR_CLOSED);
  CHECK_RESULT(slab_epoch_set_label(alloc, any_epoch(w), "half \xe2\x82"), SLAB_ERR_ARGUMENT);
}

static void do_snapshot(Worker *w) {
  CHECK_RESULT(slab_stats_snapshot(alloc, &w->snapshot), SLAB_OK);
  laws_check(&w->snapshot);
  if (w->tally[SNAPSHOTS]) laws_check_monotonic(&w->previous, &w->snapshot);
  w->previous = w->snapshot;
  w->tally[SNAPSHOTS]++;
  w->tally[TORN] += w->snapshot.global.torn;
}

static void step(Worker *w) {
  uint32_t dice = random_below(&w->random, 1000);
  if (dice < 400) do_alloc(w);
  else if (dice < 650) do_free(w);
  else if (dice < 800) do_exchange(w);
  else if (dice < 850) do_bad_free(w);
  else if (dice < 900) do_race(w);
  else if (dice < 940) do_domains(w);
  else if (dice < 960) do_refcount(w);
  else if (dice < 985) do_epochs(w);
  else if (dice < 996) do_label(w);
  else if (random_below(&w->random, 10) == 0) do_snapshot(w);
  w->tally[OPS]++;
}

static void tally_up(Worker *w) {
  for (int i = 0; i < TALLIES; i++) atomic_fetch_add(&total[i], w->tally[i]);
  memset(w->tally, 0, sizeof w->tally);
}

static void *work(void *argument);

/* The next thread of this lane inherits everything but this thread's identity: the objects' owner is dead then. */
static void succeed(Worker *w, uint64_t lane) {
  Worker *next = calloc(1, sizeof *next);
  memcpy(next->mine, w->mine, sizeof next->mine);
  memset(w->mine, 0, sizeof w->mine);
  next->random = random_seeded(random_u64(&w->random));
  next->key = w->key;
  next->life = lane;
  next->predecessor = w->thread;
  next->has_predecessor = true;
  pthread_mutex_lock(&lanes_lock);
  last_of_lane[lane] = next;
  int error = pthread_create(&next->thread, NULL, work, next);
  pthread_mutex_unlock(&lanes_lock);
  if (error) {
    fprintf(stderr, "pthread_create: %s\n", strerror(error));
    exit(1);
  }
}

static void *work(void *argument) {
  Worker *w = argument;
  uint64_t lane = w->life;
  pthread_mutex_lock(&lanes_lock); /* w->thread is written under it */
  pthread_mutex_unlock(&lanes_lock);
  w->life = LIFE_MIN + random_below(&w->random, LIFE_MORE);
  uint64_t counted = 0;
  for (uint64_t i = 0; i < w->life && !atomic_load_explicit(&stop, memory_order_relaxed); i++) {
    step(w);
    if (i % 256 == 255) {
      uint64_t all = atomic_fetch_add(&total[OPS], w->tally[OPS] - counted) + (w->tally[OPS] - counted);
      counted = w->tally[OPS];
      if (all >= ops_limit || elapsed_sec() >= (double)seconds) atomic_store(&stop, true);
    }
  }
  w->tally[OPS] -= counted;
  while (w->depth) leave_domain(w);
  leave_counted(w);
  w->tally[LIVES] = 1;
  tally_up(w);
  if (w->has_predecessor) {
    pthread_join(w->predecessor, NULL);
    w->has_predecessor = false;
  }
  if (!atomic_load(&stop)) {
    succeed(w, lane);
    free(w);
    return NULL;
  }
  pthread_mutex_lock(&lanes_lock);
  lanes_ended++;
  pthread_cond_signal(&lane_ended);
  pthread_mutex_unlock(&lanes_lock);
  return NULL;
}

static void *watch(void *argument) {
  Worker *w = argument;
  while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
    do_snapshot(w);
    usleep(300);
  }
  tally_up(w);
  return NULL;
}

static void compare(const SlabSnapshot *s) {
  uint64_t won_twice = total[RACE_WINS] - total[RACED];
  CHECK(total[RACE_WINS] >= total[RACED]);
  CHECK(won_twice <= 10 + total[RACED] / 1000);
  CHECK_U64(s->global.total_bitmap_alloc_attempts, total[ALLOCS] + won_twice);
  CHECK_U64(s->global.total_bitmap_free_attempts, total[FREES]);
  CHECK_U64(s->global.total_invalid_frees + s->global.unattributed_invalid_frees, total[REFUSED_FREES] + won_twice);
  CHECK_U64(s->global.total_slow_epoch_closed + s->global.total_alloc_failures, total[NULLS]);
  CHECK_U64(s->global.total_alloc_failures, 0);
  CHECK_U64(s->global.refused_sizes, total[BAD_SIZES]);
  CHECK_U64(s->global.domain_misuses, total[MISUSES]);
  CHECK_U64(s->global.epoch_advances + s->global.epoch_advances_refused, total[ADVANCES] + total[ADVANCES_REFUSED]);
}

static void stress(void) {
  static SlabSnapshot snapshot;
  alloc = slab_allocator_create();
  held_by_main = epoch_domain_wrap(alloc, 0, false);
  CHECK_RESULT(epoch_domain_enter(held_by_main), SLAB_OK);
  clock_gettime(CLOCK_MONOTONIC, &started);
  Worker *watcher = calloc(1, sizeof *watcher), *finisher = calloc(1, sizeof *finisher);
  pthread_create(&watcher->thread, NULL, watch, watcher);
  finisher->random = random_seeded(seed);
  for (uint64_t lane = 0; lane < lanes; lane++) {
    Worker *w = calloc(1, sizeof *w);
    w->random = random_seeded(seed * 1000003 + lane);
    w->key = lane << 48;
    w->life = lane;
    pthread_mutex_lock(&lanes_lock);
    last_of_lane[lane] = w;
    pthread_create(&w->thread, NULL, work, w);
    pthread_mutex_unlock(&lanes_lock);
  }
  pthread_join(watcher->thread, NULL);
  pthread_mutex_lock(&lanes_lock);
  while (lanes_ended < lanes) pthread_cond_wait(&lane_ended, &lanes_lock);
  pthread_mutex_unlock(&lanes_lock);
  for (uint64_t lane = 0; lane < lanes; lane++) {
    Worker *w = last_of_lane[lane];
    pthread_join(w->thread, NULL);
    for (int i = 0; i < MINE; i++)
      if (w->mine[i]) die(finisher, w->mine[i]);
    free(w);
  }
  double took = elapsed_sec();
  for (int i = 0; i < MAIL; i++)
    if (mail[i]) die(finisher, mail[i]);
  for (int i = 0; i < RACES; i++)
    if (races[i]) try_race(finisher, races[i]);
  CHECK_RESULT(epoch_domain_exit(held_by_main), SLAB_OK);
  CHECK_RESULT(epoch_domain_destroy(held_by_main), SLAB_OK);
  tally_up(finisher);
  for (EpochId e = 0; e < SLAB_EPOCH_COUNT; e++)
    if (epoch_era(alloc, e)) CHECK_RESULT(epoch_close(alloc, e), SLAB_OK);
  laws_check_allocator(alloc, 0, &snapshot);
  laws_check_at_rest(&snapshot, (uint64_t[SLAB_CLASS_COUNT]){0}, (uint64_t[SLAB_EPOCH_COUNT]){0});
  compare(&snapshot);
  CHECK_U64(snapshot.global.net_slabs, 0); /* every epoch is closed and empty: every slab went back */
  for (EpochId e = 0; e < SLAB_EPOCH_COUNT; e++) CHECK_U64(snapshot.epochs[e].refcount, 0);
  printf("     %" PRIu64 " operations in %.1f s by %" PRIu64 " threads (%" PRIu64 " lives), seed %" PRIu64 "\n", (uint64_t)total[OPS], took, lanes,
         (uint64_t)total[LIVES], seed);
  printf("     %" PRIu64 " allocated, %" PRIu64 " refused as CLOSING, %" PRIu64 " handed over, %" PRIu64 " bad frees refused, %" PRIu64 " raced (%" PRIu64 " won twice)\n",
         (uint64_t)total[ALLOCS], (uint64_t)total[NULLS], (uint64_t)total[HANDED_OVER], (uint64_t)total[REFUSED_FREES], (uint64_t)total[RACED],
         (uint64_t)(total[RACE_WINS] - total[RACED]));
  printf("     %" PRIu64 " advances (%" PRIu64 " refused), %" PRIu64 " closes, %" PRIu64 " merges, %" PRIu64 " domains, %" PRIu64 " snapshots checked (%" PRIu64 " torn)\n",
         (uint64_t)total[ADVANCES], (uint64_t)total[ADVANCES_REFUSED], (uint64_t)total[CLOSES], (uint64_t)total[MERGES], (uint64_t)total[DOMAINS],
         (uint64_t)total[SNAPSHOTS], (uint64_t)total[TORN]);
  CHECK(total[SNAPSHOTS] > total[TORN]);
  free(watcher);
  free(finisher);
  slab_allocator_free(alloc);
}

static void usage(const char *what) {
  fprintf(stderr, "test_stress: %s\nusage: test_stress [--seconds N] [--ops N] [--threads 1 … %d] [--seed N]\n", what, LANES_MAX);
  exit(2);
}

int main(int count, char **arguments) {
  for (int i = 1; i < count; i += 2) {
    static const struct { const char *name; uint64_t *value; } flags[] = {
        {"--seconds", &seconds}, {"--ops", &ops_limit}, {"--threads", &lanes}, {"--seed", &seed}};
    uint64_t *value = NULL;
    for (size_t f = 0; f < sizeof flags / sizeof *flags; f++)
      if (strcmp(arguments[i], flags[f].name) == 0) value = flags[f].value;
    if (!value || i + 1 == count) usage("unknown flag, or no value");
    char *end;
    *value = strtoull(arguments[i + 1], &end, 10);
    if (*end || end == arguments[i + 1]) usage("not a number");
  }
  if (lanes < 1 || lanes > LANES_MAX) usage("threads out of range");
  RUN(stress);
  return check_finish();
}
