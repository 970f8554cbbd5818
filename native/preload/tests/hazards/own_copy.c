/* A program that uses temporal-slab itself, from a copy of its own: two instances number 1 in one process, and a child's two. Prints its counter file and its
 * child's, then waits for standard input to close. */
#include <sys/wait.h>

#include "../check.h"
#include "temporal_slab.h"

static void *ours(SlabAllocator *alloc, size_t size) { return slab_malloc_epoch(alloc, size, epoch_current(alloc)); }

int main(void) {
  free(MALLOC(10));
  SlabAllocator *alloc = slab_allocator_create();
  CHECK(alloc && ours(alloc, 700));
  printf("%s\n", slab_counters_path(alloc));
  fflush(stdout);
  int ready[2];
  CHECK(pipe(ready) == 0);
  pid_t child = fork();
  if (child == 0) {
    CHECK(ours(alloc, 300)); /* another class: a child settles at its first slow path */
    free(MALLOC(700));
    printf("%s\n", slab_counters_path(alloc));
    fflush(stdout);
    CHECK(write(ready[1], "", 1) == 1);
  } else {
    char byte;
    CHECK(read(ready[0], &byte, 1) == 1);
    printf("end\n");
    fflush(stdout);
  }
  while (getchar() != EOF) continue;
  slab_allocator_free(alloc);
  return child > 0 && waitpid(child, NULL, 0) != child;
}
