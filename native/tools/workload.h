/* The workloads, and what they are made of. A workload is a loop over units of work; worker.h has the verbs. */
#ifndef TOOLS_WORKLOAD_H
#define TOOLS_WORKLOAD_H

#include <stddef.h>
#include <stdint.h>

#include "worker.h"

typedef struct Workload {
  const char *name;
  const char *summary;
  const char *size;         /* defaults, in the form of the flags */
  const char *epoch_policy; /* NULL: differs from unit to unit */
  const char *free_policy;
  const char *duration;
  uint32_t threads;
  uint64_t rate; /* of a run by duration; 0: as fast as it goes */
  void (*body)(Worker *worker); /* what each thread does until worker_running says no */
} Workload;

extern const Workload workload_mixed, workload_burst, workload_steady, workload_leak, workload_hotspot, workload_kernel;

/* All of them, the default first, and a NULL. */
extern const Workload *const workloads[];

/* NULL for a name that is none. */
const Workload *workload_find(const char *name);

/* ---- units of work that more than one workload uses ---- */

/* A request: some hundred small objects in an epoch of its own, freed when it is answered. nested: now and then a part of
 * the work has an inner epoch, whose objects outlive it. */
void burst_request(Worker *worker, bool nested);

/* A slice of churn: every object takes the place of one allocated long before. */
void steady_slice(Worker *worker);

/* A slice in which four of five objects are of one size. */
void hotspot_slice(Worker *worker);

/* Fills bytes of memory, empties it, and only then leaves the epoch. */
void kernel_job(Worker *worker, size_t bytes, const char *label);

#endif
