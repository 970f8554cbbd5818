/* The one instance that all small objects of the program come from. */
#ifndef PRELOAD_INSTANCE_H
#define PRELOAD_INSTANCE_H

#include <stdbool.h>

#include "temporal_slab.h"

/* Valid once instance_ready() was true for this thread, or it has a heap. */
extern SlabAllocator *instance;

/* Makes the instance if need be. False while another thread is at it, before the C library has started, or when memory was refused: the next
 * allocator serves then. Thread-safe; guarded. */
bool instance_ready(void);

#endif
