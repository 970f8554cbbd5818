#include "next.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#include "atomics.h"
#include "arena.h"
#include "guard.h"

/* Only functions that every replacement allocator has: all must come from the same one. */
static struct {
  void *(*malloc)(size_t);
  void *(*calloc)(size_t, size_t);
  void *(*realloc)(void *, size_t);
  void (*free)(void *);
  void *(*memalign)(size_t, size_t);
  void *(*aligned_alloc)(size_t, size_t);
  int (*posix_memalign)(void **, size_t, size_t);
  size_t (*usable_size)(void *);
} next;
static _Atomic bool known;

/* volatile: dlsym is declared not to call back, but it may call malloc. */
static _Thread_local volatile bool looking;

static void find(void *function, const char *name) {
  void *found = dlsym(RTLD_NEXT, name);
  memcpy(function, &found, sizeof found); /* C has no cast from an object pointer to a function pointer */
}

/* False while the search is on in this very thread: dlsym may allocate. Two threads that search at the same time find the same. */
static noinline_cold bool find_all(void) {
  if (looking) return false;
  looking = true;
  find(&next.malloc, "malloc");
  find(&next.calloc, "calloc");
  find(&next.realloc, "realloc");
  find(&next.free, "free");
  find(&next.memalign, "memalign");
  find(&next.aligned_alloc, "aligned_alloc");
  find(&next.posix_memalign, "posix_memalign");
  find(&next.usable_size, "malloc_usable_size");
  looking = false;
  store_release(&known, true);
  return true;
}

static inline bool ready(void) {
#ifdef PRELOAD_SANITIZED
  if (!process_started()) return false; /* dlsym would come to a sanitizer that is not ready */
#endif
  return likely(load_acquire(&known)) || find_all();
}

void *next_malloc(size_t size) { return ready() ? next.malloc(size) : arena_take(16, size); }

void *next_calloc(size_t count, size_t size) {
  if (ready()) return next.calloc(count, size);
  size_t bytes;
  if (!__builtin_mul_overflow(count, size, &bytes)) return arena_take(16, bytes);
  errno = ENOMEM;
  return NULL;
}

void *next_realloc(void *p, size_t size) {
  if (!arena_owns(p) && ready()) return next.realloc(p, size);
  if (p && size == 0) return NULL;
  void *moved = next_malloc(size);
  size_t had = p ? arena_usable_size(p) : 0;
  if (moved && had) memcpy(moved, p, had < size ? had : size);
  return moved;
}

void next_free(void *p) {
  if (!p || arena_owns(p)) return;
  if (ready()) next.free(p);
}

void *next_memalign(size_t align, size_t size) { return ready() ? next.memalign(align, size) : arena_take(align, size); }

void *next_aligned_alloc(size_t align, size_t size) { return ready() ? next.aligned_alloc(align, size) : arena_take(align, size); }

int next_posix_memalign(void **out, size_t align, size_t size) {
  if (ready()) return next.posix_memalign(out, align, size);
  int saved_errno = errno;
  void *p = arena_take(align, size);
  errno = saved_errno;
  if (!p) return ENOMEM;
  *out = p;
  return 0;
}

size_t next_usable_size(void *p) {
  if (arena_owns(p)) return arena_usable_size(p);
  return p && ready() ? next.usable_size(p) : 0;
}
