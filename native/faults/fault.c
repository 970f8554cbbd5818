#include "fault.h"

#include <stdio.h>
#include <stdlib.h>

#include "interpose.h"

void fault_ready(Planted *planted) { atomic_store(&planted->ready, true); }

void fault_stays(Planted *planted) {
  fault_ready(planted);
  while (service_pause(planted->service, 1000)) continue;
}

EpochId fault_open(Planted *planted) {
  EpochId epoch;
  do {
    interpose_past(planted->age_sec);
    epoch = service_open(planted->service, planted->fault->label);
    interpose_past(0);
  } while (epoch == EPOCH_INVALID && service_pause(planted->service, 5));
  return epoch;
}

void fault_close(Planted *planted, EpochId epoch) {
  interpose_past(planted->age_sec);
  epoch_close(planted->service->alloc, epoch);
  interpose_past(0);
}

void fault_fill(Planted *planted, EpochId epoch, uint32_t bytes, SlabHandle *handles, size_t n) {
  for (size_t i = 0; i < n; i++) handles[i] = service_object(planted->service, bytes, epoch);
}

void fault_free(Planted *planted, SlabHandle *handles, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (handles[i]) free_obj(planted->service->alloc, handles[i]);
}

SlabHandle *fault_handles(size_t n) {
  SlabHandle *handles = calloc(n, sizeof *handles);
  if (!handles) {
    perror("fault_service");
    exit(1);
  }
  return handles;
}

void fault_crew(Planted *planted, unsigned threads, void *(*body)(void *)) {
  pthread_t crew[64];
  unsigned running = 0;
  for (unsigned i = 0; i < threads && i < 64; i++)
    if (pthread_create(&crew[running], NULL, body, planted) == 0) running++;
  for (unsigned i = 0; i < running; i++) pthread_join(crew[i], NULL);
}
