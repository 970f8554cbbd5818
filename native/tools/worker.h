/* One thread of a run and the verbs workloads are written in. Unless said otherwise a function is for the worker's own thread. */
#ifndef TOOLS_WORKER_H
#define TOOLS_WORKER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan.h"
#include "queue.h"

#define WORKER_SCOPE_DEPTH 4

/* A stay in an epoch: from worker_enter to worker_leave. */
typedef struct Scope {
  EpochId epoch;
  epoch_domain_t *domain; /* EPOCH_PER_REQUEST */
  bool counted;           /* EPOCH_ROTATE: holds a refcount */
} Scope;

/* Objects that other workers hand to this one for freeing. */
typedef struct Inbox {
  pthread_mutex_t lock;
  struct Parcel *parcels;
  uint32_t count;
} Inbox;

/* What the worker did; read by others after it has been joined. */
typedef struct WorkerCounts {
  uint64_t allocated, freed;
  uint64_t refused;          /* allocations that stayed NULL after one more try in the epoch of now */
  uint64_t without_epoch;    /* units that found the ring exhausted and worked in the first epoch */
  uint64_t rotations_missed; /* rotations that found the ring exhausted */
} WorkerCounts;

typedef struct Worker {
  struct Run *run;
  const Plan *plan;
  SlabAllocator *alloc;
  pthread_t thread;
  uint32_t index;
  bool ended; /* its duration is over */
  uint64_t random;
  uint64_t ops; /* allocations tried */
  uint64_t start_ns, deadline_ns;
  double pace_ns; /* between two operations; 0: no rate */

  EpochPolicy epoch_policy;
  Scope scopes[WORKER_SCOPE_DEPTH];
  unsigned depth;
  Scope own; /* EPOCH_PER_THREAD */
  bool has_own;
  uint64_t rotated_ops, rotated_ns;

  FreePolicy free_policy;
  Queue held; /* live objects, oldest first */
  Queue lost; /* objects nobody will free */
  struct Parcel *outgoing;
  Inbox inbox;

  WorkerCounts counts;
} Worker;

/* False when the run is over: operations done, time over, or interrupted. */
bool worker_running(Worker *worker);

/* For the units that follow: the policies of the plan, or these where the plan leaves the choice. */
void worker_use(Worker *worker, EpochPolicy epochs, FreePolicy frees);

/* Opens or joins an epoch according to the policy; label names the ones that are opened. Scopes nest. */
void worker_enter(Worker *worker, const char *label);
void worker_leave(Worker *worker);

/* The same with a domain of its own whatever the policy says; and a departure without leaving it. The domain, if there was a
 * free epoch for it, then stays entered. */
void worker_enter_domain(Worker *worker, const char *label);
epoch_domain_t *worker_forget_domain(Worker *worker);

/* A size of the plan's range: even, or with small ones preferred. */
uint32_t worker_size(Worker *worker);
uint32_t worker_small_size(Worker *worker);

/* One operation: allocates in the innermost scope, stamps the whole object and puts it among the held. False, with nothing
 * done, when the run is over. */
bool worker_alloc(Worker *worker, uint32_t size);

/* Marks what is held now; frees what has come since, or all but keep of everything, in the policy's order. Lagged and remote
 * frees keep their own time, both calls leave them alone. */
size_t worker_mark(const Worker *worker);
void worker_free_since(Worker *worker, size_t mark);
void worker_keep(Worker *worker, size_t keep);

/* Waits, in a run by duration without a rate: nothing else depends on the clock. */
void worker_pause(Worker *worker, uint64_t pause_ns);

/* ---- for run.c ---- */

/* Readies a zeroed worker; any thread. Ends what it has open, at the end of its thread. */
void worker_init(Worker *worker, struct Run *run, uint32_t index);
void worker_end(Worker *worker);

/* Verifies and frees all that is still held, underway or lost, after the worker was joined. */
void worker_settle(Worker *worker);

/* ---- for held.c, scope.c ---- */

/* Verifies the stamp and frees. A damaged object or a refused free fails the run. */
void worker_free(Worker *worker, Object object);

/* held.c: takes a new object over; takes what others have handed over; frees the rest. */
void held_add(Worker *worker, Object object);
void held_receive(Worker *worker);
void held_settle(Worker *worker);

/* scope.c: the epoch to allocate in; after a refusal, whether there is another one now. */
EpochId scope_epoch(const Worker *worker);
bool scope_renew(Worker *worker);
void scope_end(Worker *worker);

#endif
