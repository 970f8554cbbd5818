/* Epoch policies: which epoch a unit of work allocates in.
 *
 * The ring has SLAB_EPOCH_COUNT slots, and one whose objects or domains live on is not opened anew. So opening may fail at any
 * time; the unit then works in the run's first epoch, or a rotation is tried again later, and both are counted. */
#include <stdio.h>

#include "clock.h"
#include "run.h"
#include "worker.h"

#define JOIN_TRIES 4
#define WINDOWS_PER_RUN 12
#define ENDLESS_WINDOW_NS (10 * NS_PER_SEC)

static void expect_ok(Worker *worker, SlabResult result, const char *call) {
  if (result != SLAB_OK) run_fail(worker->run, "%s was refused with code %d", call, (int)result);
}

static Scope first_epoch(Worker *worker) {
  worker->counts.without_epoch++;
  return (Scope){.epoch = worker->run->first_epoch};
}

static Scope open_request(Worker *worker, const char *label) {
  epoch_domain_t *domain = epoch_domain_create(worker->alloc);
  if (!domain) return first_epoch(worker);
  Scope scope = {.epoch = epoch_domain_epoch(domain), .domain = domain};
  expect_ok(worker, slab_epoch_set_label(worker->alloc, scope.epoch, label), "slab_epoch_set_label");
  expect_ok(worker, epoch_domain_enter(domain), "epoch_domain_enter");
  return scope;
}

static void leave_domain(Worker *worker, epoch_domain_t *domain) {
  expect_ok(worker, epoch_domain_exit(domain), "epoch_domain_exit");
  expect_ok(worker, epoch_domain_destroy(domain), "epoch_domain_destroy");
}

static Scope own_epoch(Worker *worker) {
  if (worker->has_own) return (Scope){.epoch = worker->own.epoch};
  EpochId epoch = epoch_advance(worker->alloc);
  epoch_domain_t *domain = epoch == EPOCH_INVALID ? NULL : epoch_domain_wrap(worker->alloc, epoch, true);
  if (!domain) return first_epoch(worker);
  char label[SLAB_LABEL_BYTES];
  snprintf(label, sizeof label, "worker-%u", (unsigned)worker->index);
  expect_ok(worker, slab_epoch_set_label(worker->alloc, epoch, label), "slab_epoch_set_label");
  expect_ok(worker, epoch_domain_enter(domain), "epoch_domain_enter");
  worker->own = (Scope){.epoch = epoch, .domain = domain};
  worker->has_own = true;
  return (Scope){.epoch = epoch};
}

/* Replaces the shared epoch, unless somebody was faster. */
static void rotate(Worker *worker, EpochId old, const char *label) {
  Run *run = worker->run;
  pthread_mutex_lock(&run->rotation);
  if (run_shared_epoch(run) == old) {
    EpochId next = epoch_advance(worker->alloc);
    if (next == EPOCH_INVALID) {
      worker->counts.rotations_missed++;
    } else {
      expect_ok(worker, slab_epoch_set_label(worker->alloc, next, label), "slab_epoch_set_label");
      run_share_epoch(run, next);
      if (old != EPOCH_INVALID) expect_ok(worker, epoch_close(worker->alloc, old), "epoch_close");
    }
  }
  pthread_mutex_unlock(&run->rotation);
}

/* How long a shared epoch lasts: what the policy says, else a twelfth of the run, so that even epochs which never drain fit the ring. */
static EpochPolicy rotation_window(const Worker *worker) {
  EpochPolicy window = worker->epoch_policy;
  const Plan *plan = worker->plan;
  if (window.rotate_ops || window.rotate_ns) return window;
  if (plan->ops)
    window.rotate_ops = plan->ops / WINDOWS_PER_RUN + 1;
  else
    window.rotate_ns = plan->duration_ns == FOREVER_NS ? ENDLESS_WINDOW_NS : plan->duration_ns / WINDOWS_PER_RUN;
  return window;
}

static bool rotation_due(Worker *worker) {
  if (worker->index != 0) return false;
  EpochPolicy window = rotation_window(worker);
  uint64_t now_ns = window.rotate_ops ? 0 : clock_monotonic_ns();
  bool due = window.rotate_ops ? worker->ops - worker->rotated_ops >= window.rotate_ops : now_ns - worker->rotated_ns >= window.rotate_ns;
  if (!due) return false;
  worker->rotated_ops = worker->ops;
  worker->rotated_ns = now_ns;
  return true;
}

/* Counts itself into the shared epoch. Between reading and counting the epoch may close: then there is another one. */
static Scope join_shared(Worker *worker, const char *label) {
  for (int i = 0; i < JOIN_TRIES; i++) {
    EpochId shared = run_shared_epoch(worker->run);
    if (shared == EPOCH_INVALID) {
      rotate(worker, shared, label);
      shared = run_shared_epoch(worker->run);
    }
    if (shared != EPOCH_INVALID && slab_epoch_inc_refcount(worker->alloc, shared) == SLAB_OK)
      return (Scope){.epoch = shared, .counted = true};
  }
  return first_epoch(worker);
}

static Scope open_scope(Worker *worker, const char *label) {
  switch (worker->epoch_policy.kind) {
    case EPOCH_PER_REQUEST:
      return open_request(worker, label);
    case EPOCH_PER_THREAD:
      return own_epoch(worker);
    case EPOCH_ROTATE:
      if (rotation_due(worker)) rotate(worker, run_shared_epoch(worker->run), label);
      return join_shared(worker, label);
    default:
      return (Scope){.epoch = worker->run->first_epoch};
  }
}

static void close_scope(Worker *worker, Scope scope) {
  if (scope.domain) leave_domain(worker, scope.domain);
  if (scope.counted) expect_ok(worker, slab_epoch_dec_refcount(worker->alloc, scope.epoch), "slab_epoch_dec_refcount");
}

void worker_enter(Worker *worker, const char *label) { worker->scopes[worker->depth++] = open_scope(worker, label); }

void worker_leave(Worker *worker) { close_scope(worker, worker->scopes[--worker->depth]); }

void worker_enter_domain(Worker *worker, const char *label) { worker->scopes[worker->depth++] = open_request(worker, label); }

epoch_domain_t *worker_forget_domain(Worker *worker) { return worker->scopes[--worker->depth].domain; }

EpochId scope_epoch(const Worker *worker) { return worker->scopes[worker->depth - 1].epoch; }

bool scope_renew(Worker *worker) {
  Scope *scope = &worker->scopes[worker->depth - 1];
  if (!scope->counted || run_shared_epoch(worker->run) == scope->epoch) return false;
  close_scope(worker, *scope);
  *scope = join_shared(worker, NULL);
  return true;
}

void scope_end(Worker *worker) {
  if (worker->has_own) leave_domain(worker, worker->own.domain);
  worker->has_own = false;
}
