#include "arena.h"

#include <errno.h>
#include <stdint.h>

#include "atomics.h"

#ifdef PRELOAD_SANITIZED
#define ARENA_BYTES (1u << 20) /* serves all that comes before the sanitizer is ready */
#else
#define ARENA_BYTES 65536u
#endif
#define LENGTH_BYTES 16u /* before each object, so that 16-byte alignment is kept */

static _Alignas(4096) char arena[ARENA_BYTES];
static _Atomic size_t used;

void *arena_take(size_t align, size_t size) {
  if (align < LENGTH_BYTES) align = LENGTH_BYTES;
  size_t from = load_relaxed(&used), start, end;
  do {
    start = (from + LENGTH_BYTES + align - 1) & ~(align - 1);
    end = start + size + (size == 0);
    if (align > ARENA_BYTES || size > ARENA_BYTES || end > ARENA_BYTES) {
      errno = ENOMEM;
      return NULL;
    }
  } while (!cas_acq_rel(&used, &from, end));
  *(size_t *)(void *)(arena + start - LENGTH_BYTES) = size;
  return arena + start;
}

bool arena_owns(const void *p) { return (uintptr_t)p - (uintptr_t)arena < ARENA_BYTES; }

size_t arena_usable_size(const void *p) { return *(const size_t *)(const void *)((const char *)p - LENGTH_BYTES); }
