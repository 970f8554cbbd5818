/* Domains that are entered and never left. */
#include <stdlib.h>

#include "fault.h"

enum { NEST_MAX = 60 };

/* Enters so many times; beyond what one thread can nest, as a program would that counts by hand. */
static void enter(Planted *planted, EpochId epoch, unsigned times) {
  epoch_domain_t *domain = epoch_domain_wrap(planted->service->alloc, epoch, false);
  for (unsigned i = 0; i < times; i++)
    if (i >= NEST_MAX || epoch_domain_enter(domain) != SLAB_OK) slab_epoch_inc_refcount(planted->service->alloc, epoch);
}

static void work(Planted *planted, EpochId epoch) {
  SlabHandle objects[500];
  fault_fill(planted, epoch, 200, objects, 500);
  fault_free(planted, objects, 500);
}

static void run_active(Planted *planted) {
  EpochId epoch = fault_open(planted);
  enter(planted, epoch, (unsigned)planted->amount);
  work(planted, epoch);
  fault_stays(planted);
}

static void run_closing(Planted *planted) {
  EpochId epoch = fault_open(planted);
  enter(planted, epoch, (unsigned)planted->amount);
  work(planted, epoch);
  fault_close(planted, epoch);
  fault_stays(planted);
}

/* As many a second as asked for. */
static void run_growing(Planted *planted) {
  EpochId epoch = fault_open(planted);
  work(planted, epoch);
  fault_ready(planted);
  unsigned pause_ms = (unsigned)(1000 / planted->amount);
  while (service_pause(planted->service, pause_ms ? pause_ms : 1)) slab_epoch_inc_refcount(planted->service->alloc, epoch);
}

/* No fault: requests that wait for something else, and leave. amount: how long, in ms. */
static void *wait_and_leave(void *argument) {
  Planted *planted = argument;
  fault_ready(planted);
  do {
    epoch_domain_t *domain = epoch_domain_create(planted->service->alloc);
    if (!domain) continue;
    slab_epoch_set_label(planted->service->alloc, epoch_domain_epoch(domain), planted->fault->label);
    epoch_domain_enter(domain);
    SlabHandle object = service_object(planted->service, 200, epoch_domain_epoch(domain));
    service_pause(planted->service, (unsigned)planted->amount);
    if (object) free_obj(planted->service->alloc, object);
    epoch_domain_exit(domain);
    epoch_domain_destroy(domain);
  } while (service_pause(planted->service, 10));
  return NULL;
}

static void run_slow_requests(Planted *planted) { fault_crew(planted, 3, wait_and_leave); }

const Fault fault_slow_requests = {"slow-requests", "slow-backend", "ms", "none: requests that wait in their domain and leave it", run_slow_requests};
const Fault fault_refcount_active = {"refcount-active", "leaky-importer", "domains", "an epoch that stays open, its domains entered and not left", run_active};
const Fault fault_refcount_closing = {"refcount-closing", "leaky-exporter", "domains", "an epoch that was closed, its domains entered and not left", run_closing};
const Fault fault_refcount_growing = {"refcount-growing", "leaky-poller", "domains/s", "ever more domains entered and not left", run_growing};
