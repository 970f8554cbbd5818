/* Domains: scoped holders of one incarnation of an epoch, last-in first-out per thread. */
#include <stdlib.h>

#include "contention.h"
#include "epoch.h"

struct epoch_domain {
  SlabAllocator *alloc;
  uint64_t era;
  EpochId epoch;
  bool auto_close;
  _Atomic uint64_t thread; /* number of the one thread inside, 0 for none */
  uint32_t depth;          /* that thread: how often it is inside */
};

static _Thread_local struct {
  uint64_t number;
  uint32_t depth;
  epoch_domain_t *stack[DOMAIN_DEPTH_MAX];
} here;

/* A number that no other thread of this process ever had, unlike its address or its id. */
static uint64_t thread_number(void) {
  static _Atomic uint64_t last;
  if (here.number == 0) here.number = fetch_add_relaxed(&last, 1) + 1;
  return here.number;
}

_Thread_local InnermostDomain innermost_domain;

static void show_innermost(void) {
  epoch_domain_t *d = epoch_domain_current();
  innermost_domain = d ? (InnermostDomain){d->alloc, d->epoch} : (InnermostDomain){NULL, 0};
}

static SlabResult misuse(epoch_domain_t *d, SlabResult result) {
  counter_add_shared(&d->alloc->counters->domain_misuses, 1);
  return result;
}

static epoch_domain_t *make(SlabAllocator *alloc, EpochId epoch, uint64_t era, bool auto_close) {
  epoch_domain_t *d = calloc(1, sizeof *d);
  if (d) *d = (epoch_domain_t){.alloc = alloc, .epoch = epoch, .era = era, .auto_close = auto_close};
  return d;
}

epoch_domain_t *epoch_domain_wrap(SlabAllocator *alloc, EpochId epoch, bool auto_close) {
  if (!alloc || epoch >= SLAB_EPOCH_COUNT) return NULL;
  uint64_t word = load_acquire(&alloc->counters->epochs[epoch].word);
  return EPOCH_IS_ACTIVE(word) ? make(alloc, epoch, EPOCH_ERA(word), auto_close) : NULL;
}

epoch_domain_t *epoch_domain_create(SlabAllocator *alloc) {
  uint64_t era;
  EpochId epoch = epoch_open_next(alloc, &era);
  if (epoch == EPOCH_INVALID) return NULL;
  epoch_domain_t *d = make(alloc, epoch, era, true); /* another thread may have closed it meanwhile, and opened the slot anew: entering tells */
  if (!d) epoch_close_era(alloc, epoch, era);
  return d;
}

SlabResult epoch_domain_enter(epoch_domain_t *d) {
  if (!d) return SLAB_ERR_ARGUMENT;
  uint64_t me = thread_number(), nobody = 0;
  if (here.depth == DOMAIN_DEPTH_MAX) return SLAB_ERR_NOMEM;
  bool again = load_acquire(&d->thread) == me;
  if (!again && !cas_acq_rel(&d->thread, &nobody, me)) return misuse(d, SLAB_ERR_WRONG_THREAD);
  SlabResult result = epoch_enter(d->alloc, d->epoch, d->era);
  if (result != SLAB_OK) {
    if (!again) store_release(&d->thread, 0);
    return result;
  }
  d->depth++;
  here.stack[here.depth++] = d;
  show_innermost();
  return SLAB_OK;
}

SlabResult epoch_domain_exit(epoch_domain_t *d) {
  if (!d) return SLAB_ERR_ARGUMENT;
  uint64_t inside = load_acquire(&d->thread);
  if (inside != thread_number()) return misuse(d, inside ? SLAB_ERR_WRONG_THREAD : SLAB_ERR_WRONG_ORDER);
  if (here.stack[here.depth - 1] != d) return misuse(d, SLAB_ERR_WRONG_ORDER);
  here.stack[--here.depth] = NULL;
  show_innermost();
  bool last = --d->depth == 0;
  SlabAllocator *alloc = d->alloc;
  EpochId epoch = d->epoch;
  uint64_t era = d->era;
  bool close = last && d->auto_close;
  if (last) store_release(&d->thread, 0); /* from here on another thread may enter, or destroy it */
  SlabResult result = epoch_leave(alloc, epoch, era, close);
  if (result != SLAB_OK) counter_add_shared(&alloc->counters->domain_misuses, 1); /* somebody else has counted us out already */
  return result;
}

epoch_domain_t *epoch_domain_current(void) { return here.depth ? here.stack[here.depth - 1] : NULL; }

EpochId epoch_domain_epoch(const epoch_domain_t *d) { return d ? d->epoch : EPOCH_INVALID; }

SlabResult epoch_domain_destroy(epoch_domain_t *d) {
  if (!d) return SLAB_OK;
  if (load_acquire(&d->thread)) return misuse(d, SLAB_ERR_BUSY);
  free(d);
  return SLAB_OK;
}

SlabResult epoch_domain_force_close(epoch_domain_t *d) { return d ? epoch_close_era(d->alloc, d->epoch, d->era) : SLAB_ERR_ARGUMENT; }
