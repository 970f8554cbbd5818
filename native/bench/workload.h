/* A workload: what each of its threads does. One file each; workloads.c is the table. */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include "api.h"
#include "histogram.h"
#include "random.h"
#include "timer.h"

typedef struct Worker {
  uint32_t index;   /* 0 … threads-1 */
  uint32_t threads;
  uint64_t pairs;   /* allocations, each with its free, that one call of run is for */
  uint64_t random;  /* state of tools/random.h */
  void *state;      /* the workload's own, made by start */
  bool is_measured; /* this call of run is */
  Histogram *alloc; /* latency build only */
  Histogram *free;
} Worker;

typedef struct Workload {
  const char *name;
  const char *about;
  uint32_t threads;
  uint64_t pairs;             /* of all threads together, in one measured run */
  size_t live_bytes;          /* in use at a time, all threads together */
  void (*start)(Worker *);    /* on the worker's thread, not measured; may be NULL */
  void (*run)(Worker *);      /* once to warm up, once measured */
  void (*end)(Worker *);      /* frees what start and run left; may be NULL */
} Workload;

extern const Workload workloads[];
extern const uint32_t workload_count;

/* One operation, timed in the latency build (-DBENCH_LATENCY), bare in the other. */
#ifdef BENCH_LATENCY
#define TIMED(histogram, operation)              \
  do {                                           \
    uint64_t begin_ticks = timer_begin();        \
    operation;                                   \
    histogram_add((histogram), timer_end() - begin_ticks); \
  } while (0)
#else
#define TIMED(histogram, operation) \
  do {                              \
    (void)w;                        \
    operation;                      \
  } while (0)
#endif

static inline Object take(Worker *w, size_t size) {
  Object object;
  TIMED(w->alloc, object = api_alloc(size));
  return object;
}

static inline void give(Worker *w, Object object) { TIMED(w->free, api_free(object)); }

static inline Object take_any(Worker *w, size_t size) {
  Object object;
  TIMED(w->alloc, object = api_alloc_any(size));
  return object;
}

static inline void give_any(Worker *w, Object object, size_t size) { TIMED(w->free, api_free_any(object, size)); }

/* One write to the object's first word, which no compiler leaves out; a refused allocation ends the program here. */
static inline void touch(Object object, uint64_t value) {
  *(volatile uint64_t *)object.ptr = value;
}

/* A write to each of its cache lines. */
static inline void touch_all(Object object, size_t size, uint64_t value) {
  for (size_t at = 0; at + 8 <= size; at += 64) *(volatile uint64_t *)((char *)object.ptr + at) = value;
}

/* Memory of the program's own (zeroed), which no allocator under measurement sees; ends the program when there is none. */
void *own_memory(size_t bytes);
void own_memory_free(void *memory, size_t bytes);

#endif
