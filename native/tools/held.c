/* Free policies: which of the live objects goes next, and by whose hand. */
#include <stdlib.h>

#include "random.h"
#include "run.h"
#include "worker.h"

#define PARCEL_OBJECTS 64
/* Beyond that many waiting parcels the sender frees for itself: a slow receiver must not become a leak. */
#define INBOX_PARCELS 64

typedef struct Parcel {
  struct Parcel *next;
  uint32_t count;
  Object objects[PARCEL_OBJECTS];
} Parcel;

static void push(Worker *worker, Queue *queue, Object object) {
  if (queue_push(queue, object)) return;
  run_fail(worker->run, "out of memory for the list of live objects");
  worker_free(worker, object);
}

static void open_parcel(Worker *worker, Parcel *parcel) {
  for (uint32_t i = 0; i < parcel->count; i++) worker_free(worker, parcel->objects[i]);
  free(parcel);
}

/* False when the receiver's inbox is full. */
static bool deliver(Worker *to, Parcel *parcel) {
  pthread_mutex_lock(&to->inbox.lock);
  bool accepted = to->inbox.count < INBOX_PARCELS;
  if (accepted) {
    parcel->next = to->inbox.parcels;
    to->inbox.parcels = parcel;
    to->inbox.count++;
  }
  pthread_mutex_unlock(&to->inbox.lock);
  return accepted;
}

static void hand_over(Worker *worker, Object object) {
  if (!worker->outgoing) worker->outgoing = calloc(1, sizeof(Parcel));
  Parcel *parcel = worker->outgoing;
  if (!parcel) {
    push(worker, &worker->held, object);
    return;
  }
  parcel->objects[parcel->count++] = object;
  if (parcel->count < PARCEL_OBJECTS) return;
  worker->outgoing = NULL;
  if (!deliver(run_neighbour(worker), parcel)) open_parcel(worker, parcel);
}

void held_receive(Worker *worker) {
  pthread_mutex_lock(&worker->inbox.lock);
  Parcel *parcel = worker->inbox.parcels;
  worker->inbox.parcels = NULL;
  worker->inbox.count = 0;
  pthread_mutex_unlock(&worker->inbox.lock);
  while (parcel) {
    Parcel *next = parcel->next;
    open_parcel(worker, parcel);
    parcel = next;
  }
}

void held_add(Worker *worker, Object object) {
  const FreePolicy *policy = &worker->free_policy;
  if (policy->kind == FREE_REMOTE) {
    hand_over(worker, object);
  } else if (policy->kind == FREE_NEVER && random_percent(&worker->random, policy->percent)) {
    push(worker, &worker->lost, object);
  } else {
    push(worker, &worker->held, object);
    while (policy->kind == FREE_LAGGED && worker->held.count > policy->lag) worker_free(worker, queue_take_oldest(&worker->held));
  }
}

size_t worker_mark(const Worker *worker) { return worker->held.count; }

void worker_free_since(Worker *worker, size_t mark) {
  Queue *held = &worker->held;
  FreePolicyKind kind = worker->free_policy.kind;
  if (kind == FREE_LAGGED || kind == FREE_REMOTE) return;
  if (kind == FREE_FIFO) {
    for (size_t at = mark; at < held->count; at++) worker_free(worker, *queue_at(held, at));
    held->count = mark < held->count ? mark : held->count;
  }
  while (held->count > mark) {
    size_t pick = kind == FREE_RANDOM ? mark + random_below(&worker->random, held->count - mark) : held->count - 1;
    worker_free(worker, queue_take(held, pick));
  }
}

void worker_keep(Worker *worker, size_t keep) {
  Queue *held = &worker->held;
  FreePolicyKind kind = worker->free_policy.kind;
  if (kind == FREE_LAGGED || kind == FREE_REMOTE) return;
  while (held->count > keep) {
    if (kind == FREE_FIFO)
      worker_free(worker, queue_take_oldest(held));
    else if (kind == FREE_RANDOM)
      worker_free(worker, queue_take(held, random_below(&worker->random, held->count)));
    else
      worker_free(worker, queue_take_newest(held));
  }
}

void held_settle(Worker *worker) {
  held_receive(worker);
  if (worker->outgoing) open_parcel(worker, worker->outgoing);
  worker->outgoing = NULL;
  while (worker->held.count) worker_free(worker, queue_take_newest(&worker->held));
  while (worker->lost.count) worker_free(worker, queue_take_newest(&worker->lost));
  queue_free(&worker->held);
  queue_free(&worker->lost);
}
