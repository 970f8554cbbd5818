/* Faults to plant in the service: one file each, a row each in faults.c. */
#ifndef FAULTS_FAULT_H
#define FAULTS_FAULT_H

#include "service.h"

typedef struct Fault Fault;

/* One fault as the command line asked for it. */
typedef struct Planted {
  const Fault *fault;
  Service *service;
  double amount;     /* strength, in the fault's unit */
  unsigned age_sec;  /* how long ago it is to seem to have begun */
  _Atomic uint32_t epoch;   /* for the threads of a crew */
  _Atomic bool ready;
  pthread_t thread;
} Planted;

struct Fault {
  const char *name;
  const char *label;  /* of its epochs */
  const char *unit;   /* of the amount */
  const char *how;    /* one line, with what is injected and where, if anything is */
  void (*run)(Planted *planted); /* in a thread of its own; returns when the service stops */
};

extern const Fault *const faults[];
extern const unsigned fault_count;

/* The fault is in place, its first effects can be seen. */
void fault_ready(Planted *planted);

/* fault_ready, and waits until the service stops. */
void fault_stays(Planted *planted);

/* Opens an epoch with the fault's label that seems to have been opened age_sec ago. Waits for a slot where the ring is full. EPOCH_INVALID when the
 * service stops meanwhile. */
EpochId fault_open(Planted *planted);

/* Closes the epoch, age_sec ago as it seems. */
void fault_close(Planted *planted, EpochId epoch);

/* n objects of that many bytes in the epoch, into handles (0 where refused). */
void fault_fill(Planted *planted, EpochId epoch, uint32_t bytes, SlabHandle *handles, size_t n);

/* Frees all that are not 0. */
void fault_free(Planted *planted, SlabHandle *handles, size_t n);

/* Runs body(planted) in so many threads (at most 64) and waits for them to end. */
void fault_crew(Planted *planted, unsigned threads, void *(*body)(void *));

/* Memory for n handles, ending the process where there is none. */
SlabHandle *fault_handles(size_t n);

#endif
