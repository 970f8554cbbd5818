/* An allocator that goes wrong once, for proving that stats_dump notices. Linked with --wrap in front of the real one;
 * SABOTAGE names the fault, which strikes at the 1000th call. */
#include <stdlib.h>
#include <string.h>

#include "temporal_slab.h"

#define STRIKE 1000

void *__real_alloc_obj_epoch(SlabAllocator *alloc, uint32_t size, EpochId epoch, SlabHandle *out);
void *__wrap_alloc_obj_epoch(SlabAllocator *alloc, uint32_t size, EpochId epoch, SlabHandle *out);
bool __real_free_obj(SlabAllocator *alloc, SlabHandle handle);
bool __wrap_free_obj(SlabAllocator *alloc, SlabHandle handle);

static int strikes(const char *fault, int call) {
  const char *wanted = getenv("SABOTAGE");
  return call == STRIKE && wanted && strcmp(wanted, fault) == 0;
}

void *__wrap_alloc_obj_epoch(SlabAllocator *alloc, uint32_t size, EpochId epoch, SlabHandle *out) {
  static int calls;
  static unsigned char *previous;
  calls++;
  if (strikes("size", calls)) size = 1;
  unsigned char *bytes = __real_alloc_obj_epoch(alloc, size, epoch, out);
  if (previous && strikes("overwrite", calls)) previous[0] ^= 1;
  if (strikes("misalign", calls)) bytes += 8;
  if (strikes("uncounted", calls)) __real_alloc_obj_epoch(alloc, 64, epoch, &(SlabHandle){0});
  previous = bytes;
  return bytes;
}

bool __wrap_free_obj(SlabAllocator *alloc, SlabHandle handle) {
  static int calls;
  calls++;
  if (strikes("refuse", calls)) return false;
  if (strikes("forget", calls)) return true;
  return __real_free_obj(alloc, handle);
}
