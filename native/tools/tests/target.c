/* Programs to be looked at from outside. Each prints "ready" and what a test needs to know, then waits for its standard input to end.
 *   target instances NAME…      an allocator for each name ("" for none), with 1, 2, 3 … objects
 *   target children N           N children, which allocate at once and stay; prints pid and counter file of each
 *   target threads ROUNDS N     N threads at a time that allocate, free half and end, ROUNDS times; prints what they allocated and freed
 *   target confined DIR ROUNDS N    the same after it has shut itself into DIR and become nobody, as servers do
 *   target reexec PROGRAM ARG…  becomes another program
 *   target mappings N           an allocator among N mappings of memory, each a line of /proc/self/maps
 *   target drop-descriptors     closes every descriptor from 3 on, as daemons do
 *   target pairs N              N times alloc and free, and ends: for counting instructions
 *   target busy                 the same without end, two threads, asking the system for nothing */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "temporal_slab.h"

static SlabAllocator *made(const char *name) {
  SlabAllocator *alloc = slab_allocator_create_with(&(SlabOptions){.struct_bytes = sizeof(SlabOptions), .name = name && *name ? name : NULL});
  if (!alloc) exit(1);
  return alloc;
}

static void object(SlabAllocator *alloc) {
  if (!slab_malloc_epoch(alloc, 100, epoch_current(alloc))) exit(1);
}

static void stay(void) {
  puts("ready");
  fflush(stdout);
  while (getchar() != EOF) continue;
}

static void instances(int count, char **names) {
  for (int i = 0; i < count; i++) {
    SlabAllocator *alloc = made(names[i]);
    for (int j = 0; j <= i; j++) object(alloc);
    printf("%s\n", slab_counters_path(alloc));
  }
  stay();
}

static void children(int count) {
  SlabAllocator *alloc = made(NULL);
  int told[2], go[2];
  object(alloc);
  if (pipe(told) || pipe(go)) exit(1);
  for (int i = 0; i < count; i++) {
    pid_t child = fork();
    if (child < 0) exit(1);
    if (child > 0) continue;
    close(go[1]);
    /* Other classes than the parent's object: their first allocation is a slow path, where a child settles. */
    for (int j = 0; j <= i % 7; j++)
      if (!slab_malloc_epoch(alloc, 700, epoch_current(alloc))) _exit(1);
    SlabSnapshot snapshot;
    slab_stats_snapshot(alloc, &snapshot);
    char line[600];
    int length = snprintf(line, sizeof line, "%d %s %s\n", (int)getpid(), snapshot.global.counter_file, slab_counters_path(alloc));
    if (write(told[1], line, (size_t)length) != length) _exit(1);
    char byte;
    if (read(go[0], &byte, 1) < 0) _exit(1);
    _exit(0);
  }
  close(told[1]);
  close(go[0]);
  FILE *lines = fdopen(told[0], "r");
  char line[600];
  for (int i = 0; i < count && fgets(line, sizeof line, lines); i++) fputs(line, stdout);
  stay();
  close(go[1]);
  while (wait(NULL) > 0) continue;
}

static void *come_and_go(void *alloc) {
  void *objects[10];
  for (int i = 0; i < 10; i++) objects[i] = slab_malloc_epoch(alloc, 64, epoch_current(alloc));
  for (int i = 0; i < 5; i++) slab_free(alloc, objects[i]);
  return NULL;
}

static void threads(const char *confine, int rounds, int count) {
  SlabAllocator *alloc = made(NULL);
  if (confine && (chroot(confine) || chdir("/") || setgid(65534) || setuid(65534))) exit(1);
  pthread_t *all = calloc((size_t)count, sizeof *all);
  for (int round = 0; round < rounds; round++) {
    for (int i = 0; i < count; i++)
      if (pthread_create(&all[i], NULL, come_and_go, alloc)) exit(1);
    for (int i = 0; i < count; i++) pthread_join(all[i], NULL);
  }
  free(all);
  printf("%d %d\n", rounds * count * 10, rounds * count * 5);
  stay();
}

static void pairs(SlabAllocator *alloc, unsigned long count) {
  EpochId epoch = epoch_current(alloc);
  for (unsigned long i = 0; i < count; i++) {
    SlabHandle handle;
    if (!alloc_obj_epoch(alloc, 100, epoch, &handle) || !free_obj(alloc, handle)) exit(1);
  }
}

static void *always(void *alloc) {
  for (;;) pairs(alloc, 1u << 20);
  return NULL;
}

static void busy(void) {
  SlabAllocator *alloc = made("busy");
  pthread_t thread;
  for (int i = 0; i < 2; i++)
    if (pthread_create(&thread, NULL, always, alloc)) exit(1);
  stay();
}

/* Neighbours with other rights stay mappings of their own. */
static void map_many(long count) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  char *pages = mmap(NULL, page * (size_t)count, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) exit(1);
  for (long i = 0; i < count; i += 2)
    if (mprotect(pages + (size_t)i * page, page, PROT_NONE)) exit(1);
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  if (strcmp(what, "instances") == 0) {
    instances(argc - 2, argv + 2);
  } else if (strcmp(what, "children") == 0) {
    children(atoi(argv[2]));
  } else if (strcmp(what, "threads") == 0) {
    threads(NULL, atoi(argv[2]), atoi(argv[3]));
  } else if (strcmp(what, "confined") == 0) {
    threads(argv[2], atoi(argv[3]), atoi(argv[4]));
  } else if (strcmp(what, "reexec") == 0) {
    object(made(NULL));
    execv(argv[2], argv + 2);
    return 1;
  } else if (strcmp(what, "drop-descriptors") == 0) {
    SlabAllocator *alloc = made(NULL);
    printf("%s\n", slab_counters_path(alloc));
    for (int fd = 3; fd < 64; fd++) close(fd);
    object(alloc);
    stay();
  } else if (strcmp(what, "mappings") == 0) {
    map_many(atol(argv[2]) / 2);
    SlabAllocator *alloc = made("among-many");
    map_many(atol(argv[2]) / 2);
    object(alloc);
    stay();
  } else if (strcmp(what, "pairs") == 0) {
    pairs(made(NULL), strtoul(argv[2], NULL, 10));
  } else if (strcmp(what, "busy") == 0) {
    busy();
  } else {
    return 2;
  }
  return 0;
}
