/* Memory for the moment in which no allocator is known yet: a few static pages, never taken back. Thread-safe. */
#ifndef PRELOAD_ARENA_H
#define PRELOAD_ARENA_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed. NULL with errno = ENOMEM when the arena is used up; align: a power of two, up to a page. */
void *arena_take(size_t align, size_t size);

bool arena_owns(const void *p);

/* Bytes asked for; p is the arena's. */
size_t arena_usable_size(const void *p);

#endif
