#include <stdio.h>

#include "experiments.h"
#include "resident.h"

/* Phases of 20,000 objects; 5 % of them survive for 8 phases. Sizes are either one for each phase, which makes it hard: memory that a phase leaves half free is of no
 * use to the next one, unless whole pages of it are; or any from 64 to 768 bytes, which shows what rounding up to classes costs. */
#define OBJECTS 20000
#define SURVIVORS (OBJECTS / 20)
#define SURVIVED_PHASES 8
static const uint32_t SIZES[] = {64, 192, 96, 256, 128};
#define SIZE_COUNT (sizeof SIZES / sizeof *SIZES)

typedef enum Grouping { MIXED, BY_EPOCH, BY_PHASE } Grouping;
typedef enum Sizes { SIZE_OF_PHASE, ANY_SIZE } Sizes;

/* Where objects are grouped by lifetime, bench_epoch is the epoch that is allocated in. */
#ifdef BENCH_SLAB_H
static void open_epoch(Grouping grouping) {
  if (grouping != MIXED) bench_epoch = epoch_advance(bench_slab);
}
static void close_epoch(Grouping grouping, EpochId epoch) {
  if (grouping != MIXED) epoch_close(bench_slab, epoch);
}
#else
#define bench_epoch 0
static void open_epoch(Grouping grouping) { (void)grouping; }
static void close_epoch(Grouping grouping, uint32_t epoch) { (void)grouping, (void)epoch; }
#endif

typedef struct Phases {
  Grouping grouping;
  Sizes sizes;
  uint64_t phase;
  uint64_t random;
  Object objects[OBJECTS];
  Object survivors[SURVIVED_PHASES][SURVIVORS];
  uint64_t survivor_bytes[SURVIVED_PHASES];
  uint64_t live_bytes, live_high_bytes, live_peak_bytes; /* now, at the height of the last phase, and of all */
  uint64_t rss_start_bytes, rss_peak_bytes;
} Phases;

static uint64_t above_start(const Phases *p) {
  uint64_t now = resident_bytes();
  return now > p->rss_start_bytes ? now - p->rss_start_bytes : 0;
}

/* An object of the phase, written to. Its size is added to *bytes. */
static Object make(Phases *p, uint64_t *bytes) {
  uint32_t size = p->sizes == ANY_SIZE ? random_between(&p->random, 64, 768) : SIZES[p->phase % SIZE_COUNT];
  Object object = api_alloc(size);
  touch_all(object, size, p->phase);
  *bytes += size;
  return object;
}

static void end_survivors(Phases *p, uint64_t row) {
  if (!p->survivor_bytes[row]) return;
  for (uint32_t i = 0; i < SURVIVORS; i++) api_free(p->survivors[row][i]);
  p->live_bytes -= p->survivor_bytes[row];
  p->survivor_bytes[row] = 0;
}

/* One phase; returns RSS above start with everything of it live. */
static uint64_t one_phase(Phases *p) {
  uint64_t row = p->phase % SURVIVED_PHASES, bytes = 0;
  end_survivors(p, row);
  Object *survivors = p->survivors[row];
  if (p->grouping == BY_EPOCH) {
    open_epoch(p->grouping);
    for (uint32_t i = 0; i < SURVIVORS; i++) survivors[i] = make(p, &p->survivor_bytes[row]);
    close_epoch(p->grouping, bench_epoch);
  }
  open_epoch(p->grouping);
  for (uint32_t i = 0; i < OBJECTS; i++) {
    if (i % (OBJECTS / SURVIVORS))
      p->objects[i] = make(p, &bytes);
    else if (p->grouping != BY_EPOCH)
      survivors[i / (OBJECTS / SURVIVORS)] = make(p, &p->survivor_bytes[row]);
  }
  p->live_bytes += bytes + p->survivor_bytes[row];
  p->live_high_bytes = p->live_bytes;
  if (p->live_bytes > p->live_peak_bytes) p->live_peak_bytes = p->live_bytes;
  uint64_t rss = above_start(p);
  if (rss > p->rss_peak_bytes) p->rss_peak_bytes = rss;
  for (uint32_t i = 0; i < OBJECTS; i++)
    if (i % (OBJECTS / SURVIVORS)) api_free(p->objects[i]);
  p->live_bytes -= bytes;
  close_epoch(p->grouping, bench_epoch);
  p->phase++;
  return rss;
}

static Phases *begin(Grouping grouping, Sizes sizes) {
  Phases *p = own_memory(sizeof(Phases));
  p->grouping = grouping;
  p->sizes = sizes;
  resident_bytes(); // its own pages are there before the count starts
  p->rss_start_bytes = resident_bytes();
  if (!api_start()) exit(1);
  return p;
}

static void end(Phases *p) {
  for (uint64_t row = 0; row < SURVIVED_PHASES; row++) end_survivors(p, row);
  if (p->grouping == MIXED) close_epoch(BY_PHASE, bench_epoch);
  result_count("live_peak_bytes", p->live_peak_bytes);
  result_count("rss_peak_bytes", p->rss_peak_bytes);
  result_count("rss_end_bytes", above_start(p));
  result_counters();
  own_memory_free(p, sizeof(Phases));
  api_end();
}

static void run_phases(Grouping grouping, Sizes sizes, uint64_t phases) {
  uint64_t *rss = own_memory(phases * sizeof *rss), *live = own_memory(phases * sizeof *live);
  Phases *p = begin(grouping, sizes);
  for (uint64_t i = 0; i < phases; i++) {
    rss[i] = one_phase(p);
    live[i] = p->live_high_bytes;
  }
  result_counts("rss_bytes", rss, phases);
  result_counts("live_bytes", live, phases);
  end(p);
  own_memory_free(rss, phases * sizeof *rss);
  own_memory_free(live, phases * sizeof *live);
}

void phases_mixed(uint64_t phases) { run_phases(MIXED, SIZE_OF_PHASE, phases); }
void phases_by_epoch(uint64_t phases) { run_phases(BY_EPOCH, SIZE_OF_PHASE, phases); }
void phases_by_phase(uint64_t phases) { run_phases(BY_PHASE, SIZE_OF_PHASE, phases); }
void any_size_mixed(uint64_t phases) { run_phases(MIXED, ANY_SIZE, phases); }
void any_size_by_epoch(uint64_t phases) { run_phases(BY_EPOCH, ANY_SIZE, phases); }

/* Peaks of RSS of each second. */
static void soak(Grouping grouping, uint64_t seconds) {
  uint64_t *rss = own_memory(seconds * sizeof *rss);
  Phases *p = begin(grouping, SIZE_OF_PHASE);
  for (uint64_t second = 0; second < seconds; second++) {
    for (uint64_t until = clock_now_ns() + 1000000000u; clock_now_ns() < until;)
      for (uint32_t i = 0; i < SIZE_COUNT; i++) {
        uint64_t now = one_phase(p);
        if (now > rss[second]) rss[second] = now;
      }
  }
  result_count("phases", p->phase);
  result_counts("rss_bytes", rss, seconds);
  end(p);
  own_memory_free(rss, seconds * sizeof *rss);
}

void soak_mixed(uint64_t seconds) { soak(MIXED, seconds); }
void soak_by_epoch(uint64_t seconds) { soak(BY_EPOCH, seconds); }
