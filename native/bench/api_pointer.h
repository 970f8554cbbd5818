/* The malloc-style API: an object is freed by its address. Sizes above 768 bytes are malloc's. */
#include "slab.h"
#define API_NAME "pointer"

typedef struct Object {
  void *ptr;
} Object;

static inline bool api_start(void) { return slab_start(); }
static inline void api_end(void) { slab_end(); }
static inline Object api_alloc(size_t size) { return (Object){slab_malloc_epoch(bench_slab, size, epoch_in_use())}; }

static inline void api_free(Object object) { slab_free(bench_slab, object.ptr); }

static inline Object api_alloc_any(size_t size) {
  return size <= SLAB_MAX_OBJECT_BYTES ? api_alloc(size) : (Object){malloc(size)};
}

static inline void api_free_any(Object object, size_t size) {
  if (size <= SLAB_MAX_OBJECT_BYTES)
    api_free(object);
  else
    free(object.ptr);
}
