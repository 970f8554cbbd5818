/* A healthy multi-threaded service, small enough to know and rich enough to be real:
 *   request threads    each request enters a domain of the current generation, allocates, touches the session cache, frees, leaves
 *   request-handler    a generation of requests; closes itself when the last request of it has left
 *   session-cache      sessions by generation, each evicted as a whole two generations later, mostly by other threads than made them
 *   background-worker  a batch now and then, in a domain of its own that closes with it
 * Everything is freed, every domain left, every epoch closed; what is asked of the allocator does not grow.
 * Faults (fault.h) are further threads beside it, with labels of their own. */
#ifndef FAULTS_SERVICE_H
#define FAULTS_SERVICE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "temporal_slab.h"

enum { SERVICE_THREADS_MAX = 64, SESSION_SHARDS = 16, SESSIONS_PER_SHARD = 128, SESSION_GENERATIONS = 3 };

typedef struct SessionShard {
  pthread_mutex_t lock;
  SlabHandle of_generation[SESSION_GENERATIONS][SESSIONS_PER_SHARD]; /* 0: none */
} SessionShard;

typedef struct Service {
  SlabAllocator *alloc;
  uint32_t request_threads; /* 1 … SERVICE_THREADS_MAX */
  bool idle;                /* no requests come in; everything else goes on */
  _Atomic bool stopping;
  _Atomic uint32_t request_epoch;
  SessionShard shards[SESSION_SHARDS];
  uint32_t session_epoch, session_generation; /* changed under all shards' locks */
  pthread_t threads[SERVICE_THREADS_MAX + 3];
  uint32_t started;
} Service;

/* Starts the service's threads. False when the system gives no threads or epochs. */
bool service_start(Service *service);

/* Ends all of them; what they hold is freed, what they opened is closed. The allocator stays. */
void service_stop(Service *service);

bool service_stopping(const Service *service);

/* Sleeps; returns early, with false, when the service stops. From any thread. */
bool service_pause(const Service *service, unsigned milliseconds);

/* Opens an epoch with a label. EPOCH_INVALID when the ring is exhausted. From any thread. */
EpochId service_open(Service *service, const char *label);

/* An object of that size that has been written to. 0 where it is refused. From any thread. */
SlabHandle service_object(Service *service, uint32_t bytes, EpochId epoch);

#endif
