/* Whom contention is charged to, in builds with ENABLE_LABEL_CONTENTION: the label of the thread's innermost domain, else of the epoch concerned. */
#ifndef SLAB_CONTENTION_H
#define SLAB_CONTENTION_H

#include "allocator.h"

/* The running thread's innermost domain; alloc NULL outside any. domain.c keeps it. */
typedef struct InnermostDomain {
  SlabAllocator *alloc;
  uint32_t epoch;
} InnermostDomain;
extern _Thread_local InnermostDomain innermost_domain;

static inline uint32_t contention_bucket(SlabAllocator *alloc, uint32_t epoch) {
#ifdef ENABLE_LABEL_CONTENTION
  return load_relaxed(&alloc->label_of_epoch[innermost_domain.alloc == alloc ? innermost_domain.epoch : epoch]);
#else
  (void)alloc, (void)epoch;
  return 0;
#endif
}

#endif
