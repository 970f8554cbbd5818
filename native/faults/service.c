#include "service.h"

#include <sched.h>
#include <string.h>
#include <time.h>

#include "../tools/random.h"

enum {
  REQUEST_PAUSE_MS = 1,
  OBJECTS_PER_REQUEST = 40,
  REQUEST_GENERATION_MS = 200,
  SESSION_GENERATION_MS = 600,
  BATCH_PAUSE_MS = 60,
  BATCH_OBJECTS = 2000,
  SESSION_BYTES = 384
};

bool service_stopping(const Service *service) { return atomic_load(&service->stopping); }

bool service_pause(const Service *service, unsigned milliseconds) {
  while (milliseconds > 0 && !service_stopping(service)) {
    unsigned part = milliseconds < 20 ? milliseconds : 20;
    nanosleep(&(struct timespec){.tv_nsec = (long)part * 1000000}, NULL);
    milliseconds -= part;
  }
  return !service_stopping(service);
}

EpochId service_open(Service *service, const char *label) {
  EpochId epoch = epoch_advance(service->alloc);
  if (epoch != EPOCH_INVALID) slab_epoch_set_label(service->alloc, epoch, label);
  return epoch;
}

SlabHandle service_object(Service *service, uint32_t bytes, EpochId epoch) {
  SlabHandle handle;
  void *object = alloc_obj_epoch(service->alloc, bytes, epoch, &handle);
  if (object) memset(object, 0xa5, bytes);
  return handle;
}

/* ---- requests ---- */

/* A domain of the current generation, entered; tries again where one generation ends and the next begins. NULL when the service stops. */
static epoch_domain_t *enter_request(Service *service) {
  while (!service_stopping(service)) {
    epoch_domain_t *domain = epoch_domain_wrap(service->alloc, atomic_load(&service->request_epoch), true);
    if (domain && epoch_domain_enter(domain) == SLAB_OK) return domain;
    epoch_domain_destroy(domain);
    sched_yield();
  }
  return NULL;
}

/* Puts a new session into the current generation; the one it replaces, often another thread's, is freed. */
static void touch_session(Service *service, uint64_t *random) {
  SessionShard *shard = &service->shards[random_below(random, SESSION_SHARDS)];
  pthread_mutex_lock(&shard->lock);
  SlabHandle *place = &shard->of_generation[service->session_generation % SESSION_GENERATIONS][random_below(random, SESSIONS_PER_SHARD)];
  SlabHandle made = service_object(service, SESSION_BYTES, service->session_epoch);
  if (made) {
    if (*place) free_obj(service->alloc, *place);
    *place = made;
  }
  pthread_mutex_unlock(&shard->lock);
}

static void *request_thread(void *argument) {
  Service *service = argument;
  uint64_t random = (uint64_t)(uintptr_t)&random;
  while (service_pause(service, REQUEST_PAUSE_MS)) {
    if (service->idle) continue;
    epoch_domain_t *domain = enter_request(service);
    if (!domain) break;
    SlabHandle objects[OBJECTS_PER_REQUEST];
    for (int i = 0; i < OBJECTS_PER_REQUEST; i++)
      objects[i] = service_object(service, random_between(&random, 16, SLAB_MAX_OBJECT_BYTES), epoch_domain_epoch(domain));
    touch_session(service, &random);
    for (int i = 0; i < OBJECTS_PER_REQUEST; i++)
      if (objects[i]) free_obj(service->alloc, objects[i]);
    epoch_domain_exit(domain);
    epoch_domain_destroy(domain);
  }
  return NULL;
}

/* Keeps the requests' generation open by being inside, and begins the next one now and then. With the ring full the present one stays. */
static void *request_generations(void *argument) {
  Service *service = argument;
  epoch_domain_t *holder = epoch_domain_wrap(service->alloc, atomic_load(&service->request_epoch), true);
  epoch_domain_enter(holder);
  while (service_pause(service, REQUEST_GENERATION_MS)) {
    EpochId next = service_open(service, "request-handler");
    if (next == EPOCH_INVALID) continue;
    epoch_domain_exit(holder);
    epoch_domain_destroy(holder);
    holder = epoch_domain_wrap(service->alloc, next, true);
    epoch_domain_enter(holder);
    atomic_store(&service->request_epoch, next);
  }
  epoch_domain_exit(holder);
  epoch_domain_destroy(holder);
  return NULL;
}

/* ---- sessions ---- */

static void evict(Service *service, uint32_t generation) {
  for (int s = 0; s < SESSION_SHARDS; s++) {
    SessionShard *shard = &service->shards[s];
    pthread_mutex_lock(&shard->lock);
    SlabHandle *sessions = shard->of_generation[generation % SESSION_GENERATIONS];
    for (int i = 0; i < SESSIONS_PER_SHARD; i++) {
      if (sessions[i]) free_obj(service->alloc, sessions[i]);
      sessions[i] = 0;
    }
    pthread_mutex_unlock(&shard->lock);
  }
}

/* Begins a generation of sessions, closes the last one and evicts the one before. */
static void *session_generations(void *argument) {
  Service *service = argument;
  while (service_pause(service, SESSION_GENERATION_MS)) {
    EpochId next = service_open(service, "session-cache");
    if (next == EPOCH_INVALID) continue;
    uint32_t last = service->session_epoch;
    for (int s = 0; s < SESSION_SHARDS; s++) pthread_mutex_lock(&service->shards[s].lock);
    service->session_epoch = next;
    service->session_generation++;
    for (int s = 0; s < SESSION_SHARDS; s++) pthread_mutex_unlock(&service->shards[s].lock);
    epoch_close(service->alloc, last);
    evict(service, service->session_generation + 1); /* the one before that: three share a ring */
  }
  return NULL;
}

/* ---- batches ---- */

static void *background_worker(void *argument) {
  Service *service = argument;
  uint64_t random = 1;
  while (service_pause(service, BATCH_PAUSE_MS)) {
    epoch_domain_t *domain = epoch_domain_create(service->alloc);
    if (!domain) continue;
    slab_epoch_set_label(service->alloc, epoch_domain_epoch(domain), "background-worker");
    epoch_domain_enter(domain);
    static SlabHandle objects[BATCH_OBJECTS];
    for (int i = 0; i < BATCH_OBJECTS; i++)
      objects[i] = service_object(service, random_between(&random, 64, 256), epoch_domain_epoch(domain));
    for (int i = 0; i < BATCH_OBJECTS; i++)
      if (objects[i]) free_obj(service->alloc, objects[i]);
    epoch_domain_exit(domain);
    epoch_domain_destroy(domain);
  }
  return NULL;
}

/* ---- all of it ---- */

static bool start(Service *service, void *(*body)(void *)) {
  if (pthread_create(&service->threads[service->started], NULL, body, service) != 0) return false;
  service->started++;
  return true;
}

bool service_start(Service *service) {
  for (int s = 0; s < SESSION_SHARDS; s++) pthread_mutex_init(&service->shards[s].lock, NULL);
  uint32_t first = epoch_current(service->alloc);
  uint32_t requests = service_open(service, "request-handler"), sessions = service_open(service, "session-cache");
  if (requests == EPOCH_INVALID || sessions == EPOCH_INVALID) return false;
  atomic_store(&service->request_epoch, requests);
  service->session_epoch = sessions;
  epoch_close(service->alloc, first); /* nothing of this service lives as long as the process */
  bool ok = start(service, request_generations) && start(service, session_generations) && start(service, background_worker);
  for (uint32_t i = 0; i < service->request_threads && ok; i++) ok = start(service, request_thread);
  return ok;
}

void service_stop(Service *service) {
  atomic_store(&service->stopping, true);
  for (uint32_t i = 0; i < service->started; i++) pthread_join(service->threads[i], NULL);
  for (uint32_t generation = 0; generation < SESSION_GENERATIONS; generation++) evict(service, generation);
  epoch_close(service->alloc, service->session_epoch);
}
