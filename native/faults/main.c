/* A healthy service with faults planted in it, to be looked at from outside.
 *   fault_service [--threads N] [--idle] [--fault NAME=AMOUNT[@AGE_SEC]]…     prints "ready" when all is in place; ends with its standard input
 *   fault_service --list                                                      the faults, one JSON object a line */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fault.h"

enum { PLANTED_MAX = 4, WARM_UP_MS = 700, READY_WITHIN_MS = 20000 };

static Service service = {.request_threads = 4};
static Planted planted[PLANTED_MAX];
static unsigned planted_count;

static int usage(const char *what) {
  fprintf(stderr, "fault_service: %s\nusage: fault_service [--threads N] [--idle] [--fault NAME=AMOUNT[@AGE_SEC]]... | --list\n", what);
  return 2;
}

static int list(void) {
  for (unsigned i = 0; i < fault_count; i++)
    printf("{\"name\":\"%s\",\"label\":\"%s\",\"unit\":\"%s\",\"how\":\"%s\"}\n", faults[i]->name, faults[i]->label, faults[i]->unit, faults[i]->how);
  return 0;
}

/* NAME=AMOUNT[@AGE_SEC] */
static bool plant(const char *text) {
  if (planted_count == PLANTED_MAX) return false;
  size_t name = strcspn(text, "=");
  Planted *p = &planted[planted_count];
  for (unsigned i = 0; i < fault_count; i++)
    if (strlen(faults[i]->name) == name && strncmp(faults[i]->name, text, name) == 0) p->fault = faults[i];
  if (!p->fault || text[name] != '=') return false;
  char *end;
  p->amount = strtod(text + name + 1, &end);
  if (*end == '@') p->age_sec = (unsigned)strtoul(end + 1, &end, 10);
  planted_count++;
  p->service = &service;
  return *end == 0 && p->amount > 0;
}

static void *run(void *argument) {
  Planted *p = argument;
  p->fault->run(p);
  return NULL;
}

static bool all_ready(void) {
  bool ready = true;
  for (unsigned i = 0; i < planted_count; i++) ready = ready && atomic_load(&planted[i].ready);
  return ready;
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--list") == 0) return list();
    if (strcmp(argv[i], "--idle") == 0) {
      service.idle = true;
    } else if (strcmp(argv[i], "--threads") == 0 && i + 1 < argc) {
      service.request_threads = (uint32_t)strtoul(argv[++i], NULL, 10);
    } else if (strcmp(argv[i], "--fault") == 0 && i + 1 < argc) {
      if (!plant(argv[++i])) return usage(argv[i]);
    } else {
      return usage(argv[i]);
    }
  }
  if (service.request_threads < 1 || service.request_threads > SERVICE_THREADS_MAX) return usage("--threads 1 ... 64");
  service.alloc = slab_allocator_create();
  if (!service.alloc || !service_start(&service)) {
    fprintf(stderr, "fault_service: no memory or no threads\n");
    return 1;
  }
  /* One after the other, as far as there is time: the fault that takes the last label does not take that of a fault before it. */
  for (unsigned i = 0, waited = 0; i < planted_count; i++) {
    pthread_create(&planted[i].thread, NULL, run, &planted[i]);
    for (; !atomic_load(&planted[i].ready) && waited < READY_WITHIN_MS; waited += 20) service_pause(&service, 20);
  }
  service_pause(&service, WARM_UP_MS);
  puts(all_ready() ? "ready" : "not ready");
  fflush(stdout);
  char rest[64];
  while (read(STDIN_FILENO, rest, sizeof rest) > 0) continue;
  service_stop(&service);
  for (unsigned i = 0; i < planted_count; i++) pthread_join(planted[i].thread, NULL);
  slab_allocator_free(service.alloc);
  return 0;
}
