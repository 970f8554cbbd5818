/* Demand that the caches cannot meet, and memory that is not the allocator's. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "fault.h"

enum { BURST_PAUSE_MS = 40 };

/* Bursts in one class of an ACTIVE epoch. Thread and class cache keep 1 MiB each; the rest is given back after each burst and mapped again in the next.
 * amount: MiB a burst. */
static void run_burst(Planted *planted) {
  size_t n = (size_t)(planted->amount * 1048576 / 512);
  SlabHandle *objects = fault_handles(n);
  EpochId epoch = fault_open(planted);
  fault_ready(planted);
  while (service_pause(planted->service, BURST_PAUSE_MS)) {
    fault_fill(planted, epoch, 512, objects, n);
    fault_free(planted, objects, n);
  }
  epoch_close(planted->service->alloc, epoch);
  free(objects);
}

/* An epoch for each unit of work, closed with it: all its memory goes back to the kernel and is mapped again at once. amount: MiB a second. */
static void run_churn(Planted *planted) {
  enum { UNIT_MS = 50 };
  size_t n = (size_t)(planted->amount * 1048576 * UNIT_MS / 1000 / SLAB_MAX_OBJECT_BYTES);
  SlabHandle *objects = fault_handles(n);
  fault_ready(planted);
  struct timespec next;
  clock_gettime(CLOCK_MONOTONIC, &next);
  while (!service_stopping(planted->service)) {
    EpochId epoch = fault_open(planted);
    if (epoch == EPOCH_INVALID) break;
    fault_fill(planted, epoch, SLAB_MAX_OBJECT_BYTES, objects, n);
    fault_free(planted, objects, n);
    epoch_close(planted->service->alloc, epoch);
    next.tv_nsec += UNIT_MS * 1000000;
    next.tv_sec += next.tv_nsec / 1000000000;
    next.tv_nsec %= 1000000000;
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
  }
  free(objects);
}

/* amount: MiB a second that the program maps and touches itself, 1 GiB at most. */
static void run_other_growth(Planted *planted) {
  size_t step = (size_t)(planted->amount * 1048576 / 20), left = 1u << 30;
  fault_ready(planted);
  while (service_pause(planted->service, 50) && left >= step) {
    void *memory = mmap(NULL, step, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) break;
    memset(memory, 1, step);
    left -= step;
  }
  while (service_pause(planted->service, 1000)) continue;
}

/* amount: MiB that the program holds besides, before anybody looks. */
static void run_other_held(Planted *planted) {
  size_t bytes = (size_t)(planted->amount * 1048576);
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory != MAP_FAILED) memset(memory, 1, bytes);
  fault_stays(planted);
}

const Fault fault_burst = {"burst", "bursty-importer", "MiB", "bursts in an ACTIVE epoch, larger than the caches", run_burst};
const Fault fault_churn = {"mapping-churn", "per-call-arena", "MiB/s", "an epoch for each unit of work, its memory given back and mapped again", run_churn};
const Fault fault_other_growth = {"other-growth", "", "MiB/s", "memory that is not the allocator's grows", run_other_growth};
const Fault fault_other_held = {"other-held", "", "MiB", "memory that is not the allocator's is held", run_other_held};
