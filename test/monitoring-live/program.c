/* A program that does one thing wrong until it is ended: what no workload of the harness and no fault of native/faults does.
 *   slow         every allocation in an epoch of its own
 *   double-free  frees objects twice
 *   misuse       leaves a domain that it never entered
 *   no-memory    allocates until the kernel refuses, having asked it to */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "temporal_slab.h"

static void slow(SlabAllocator *alloc) {
  EpochId epoch = epoch_advance(alloc);
  SlabHandle handle;
  if (epoch == EPOCH_INVALID) return;
  if (alloc_obj_epoch(alloc, 128, epoch, &handle)) (void)free_obj(alloc, handle);
  (void)epoch_close(alloc, epoch);
}

static void double_free(SlabAllocator *alloc) {
  SlabHandle handle;
  if (!alloc_obj_epoch(alloc, 128, epoch_current(alloc), &handle)) return;
  (void)free_obj(alloc, handle);
  (void)free_obj(alloc, handle);
}

static void misuse(SlabAllocator *alloc) {
  epoch_domain_t *domain = epoch_domain_create(alloc);
  if (!domain) return;
  (void)epoch_domain_exit(domain);
  (void)epoch_domain_destroy(domain);
}

static void no_memory(SlabAllocator *alloc) {
  SlabHandle handle;
  (void)alloc_obj_epoch(alloc, 768, epoch_current(alloc), &handle);
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  void (*step)(SlabAllocator *) = !strcmp(what, "slow")          ? slow
                                  : !strcmp(what, "double-free") ? double_free
                                  : !strcmp(what, "misuse")      ? misuse
                                  : !strcmp(what, "no-memory")   ? no_memory
                                                                 : NULL;
  SlabAllocator *alloc = slab_allocator_create();
  if (!step || !alloc) return 2;
  if (step == no_memory) {
    const struct rlimit limit = {96u << 20, 96u << 20};
    if (setrlimit(RLIMIT_AS, &limit)) return 2;
    for (int i = 0; i < 200000; i++) step(alloc);
  }
  puts("ready");
  fflush(stdout);
  for (;;) {
    /* About 1,000 a second: above what a ratio needs to say something. */
    for (int i = 0; i < 10; i++) step(alloc);
    usleep(10000);
  }
}
