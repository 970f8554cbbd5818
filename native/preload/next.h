/* The allocator behind this one (libc's, or another preloaded one): what is too large, too aligned, or asked for while this one sets itself up.
 * Until it is known, memory comes from a small static arena. Thread-safe; errno as the C library sets it. */
#ifndef PRELOAD_NEXT_H
#define PRELOAD_NEXT_H

#include <stddef.h>

void *next_malloc(size_t size);
void *next_calloc(size_t count, size_t size);
void *next_realloc(void *p, size_t size);
void next_free(void *p);
void *next_memalign(size_t align, size_t size);
void *next_aligned_alloc(size_t align, size_t size);
int next_posix_memalign(void **out, size_t align, size_t size);
size_t next_usable_size(void *p);

#endif
