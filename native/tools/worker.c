#include "worker.h"

#include <inttypes.h>

#include "clock.h"
#include "interrupt.h"
#include "payload.h"
#include "random.h"
#include "run.h"

/* How often a thread looks at the clock and into its inbox. */
#define LOOK_EVERY_OPS 64
/* The longest sleep without a look at whether the run was interrupted. */
#define NAP_NS (10 * NS_PER_MS)

void worker_init(Worker *worker, Run *run, uint32_t index) {
  const Plan *plan = run->plan;
  *worker = (Worker){
      .run = run,
      .plan = plan,
      .alloc = run->alloc,
      .index = index,
      .random = random_mix(plan->seed ^ random_mix(index + 1)),
      .start_ns = run->start_ns,
      .deadline_ns = plan->ops ? FOREVER_NS : deadline_after(run->start_ns, plan->duration_ns),
      .rotated_ns = run->start_ns,
      .pace_ns = plan->rate ? 1e9 * plan->threads / (double)plan->rate : 0,
      .epoch_policy = plan->epoch_policy,
      .free_policy = plan->free_policy,
  };
  pthread_mutex_init(&worker->inbox.lock, NULL);
}

static void sleep_until(Worker *worker, uint64_t wake_ns) {
  if (wake_ns > worker->deadline_ns) wake_ns = worker->deadline_ns;
  for (uint64_t now; !interrupt_requested() && (now = clock_monotonic_ns()) < wake_ns;) {
    uint64_t nap_ns = wake_ns - now < NAP_NS ? wake_ns - now : NAP_NS;
    nanosleep(&(struct timespec){.tv_nsec = (long)nap_ns}, NULL);
  }
}

void worker_pause(Worker *worker, uint64_t pause_ns) {
  if (!worker->plan->ops && !worker->plan->rate) sleep_until(worker, clock_monotonic_ns() + pause_ns);
}

/* Waits until the rate allows the next operation. Looks at the clock once in a millisecond's worth of operations. */
static void keep_pace(Worker *worker) {
  uint64_t chunk = worker->pace_ns < 1e6 ? (uint64_t)(1e6 / worker->pace_ns) : 1;
  if (worker->ops % chunk) return;
  double due_ns = (double)worker->ops * worker->pace_ns;
  sleep_until(worker, due_ns < 1e18 ? worker->start_ns + (uint64_t)due_ns : FOREVER_NS);
}

bool worker_running(Worker *worker) {
  if (worker->ended || interrupt_requested()) return false;
  return !worker->plan->ops || worker->ops < worker->plan->ops;
}

/* Accounts for one operation; false when there shall be none. */
static bool step(Worker *worker) {
  if (!worker_running(worker)) return false;
  if (worker->pace_ns > 0) keep_pace(worker);
  bool slow = worker->pace_ns > 1e6;
  if (worker->ops % LOOK_EVERY_OPS == 0 || slow) {
    held_receive(worker);
    if (worker->deadline_ns != FOREVER_NS && clock_monotonic_ns() >= worker->deadline_ns) {
      worker->ended = true;
      return false;
    }
  }
  worker->ops++;
  return true;
}

void worker_use(Worker *worker, EpochPolicy epochs, FreePolicy frees) {
  worker->epoch_policy = worker->plan->epoch_policy.kind == EPOCH_POLICY_UNSET ? epochs : worker->plan->epoch_policy;
  worker->free_policy = worker->plan->free_policy.kind == FREE_POLICY_UNSET ? frees : worker->plan->free_policy;
}

uint32_t worker_size(Worker *worker) { return random_between(&worker->random, worker->plan->size.first, worker->plan->size.last); }

uint32_t worker_small_size(Worker *worker) {
  uint32_t one = worker_size(worker), other = worker_size(worker);
  return one < other ? one : other;
}

static bool take_memory(Worker *worker, Object *object) {
  if (object->stamp % 4) {
    object->bytes = alloc_obj_epoch(worker->alloc, object->size, scope_epoch(worker), &object->handle);
  } else {
    object->handle = 0;
    object->bytes = slab_malloc_epoch(worker->alloc, object->size, scope_epoch(worker));
  }
  return object->bytes;
}

bool worker_alloc(Worker *worker, uint32_t size) {
  if (!step(worker)) return false;
  /* Threads and operations are counted in disjoint bits and mixed one to one: no two objects share a stamp. */
  Object object = {.size = size, .stamp = random_mix((uint64_t)(worker->index + 1) << 48 ^ worker->ops)};
  if (!take_memory(worker, &object) && !(scope_renew(worker) && take_memory(worker, &object))) {
    worker->counts.refused++;
    return true;
  }
  worker->counts.allocated++;
  if ((uintptr_t)object.bytes % 16 || slab_usable_size(object.bytes) < size) {
    run_fail(worker->run, "the allocator gave %u bytes at %p, which is not aligned to 16 or not large enough", (unsigned)size,
             (void *)object.bytes);
    return true;
  }
  payload_write(object.bytes, size, object.stamp);
  held_add(worker, object);
  return true;
}

void worker_free(Worker *worker, Object object) {
  uint32_t damage = payload_damage(object.bytes, object.size, object.stamp);
  if (damage < object.size)
    run_fail(worker->run, "payload mismatch: object of %u bytes at %p, stamp %016" PRIx64 ", differs from byte %u on",
             (unsigned)object.size, (void *)object.bytes, object.stamp, (unsigned)damage);
  bool freed = object.handle ? free_obj(worker->alloc, object.handle) : slab_free(worker->alloc, object.bytes);
  if (!freed)
    run_fail(worker->run, "the allocator refused to free a live object of %u bytes at %p, handle %016" PRIx64, (unsigned)object.size,
             (void *)object.bytes, object.handle);
  worker->counts.freed += freed;
}

void worker_end(Worker *worker) {
  while (worker->depth) worker_leave(worker);
  scope_end(worker);
}

void worker_settle(Worker *worker) {
  held_settle(worker);
  pthread_mutex_destroy(&worker->inbox.lock);
}
