/* An interface whose objects are freed by their addresses: API_ALLOC and API_FREE. Sizes above 768 bytes are malloc's. */
#include "slab.h"

typedef struct Object {
  void *ptr;
} Object;

static inline bool api_start(void) { return slab_start(); }
static inline void api_end(void) { slab_end(); }
static inline Object api_alloc(size_t size) { return (Object){API_ALLOC(bench_slab, size, epoch_in_use())}; }

static inline void api_free(Object object) { API_FREE(bench_slab, object.ptr); }

static inline Object api_alloc_any(size_t size) {
  return size <= SLAB_MAX_OBJECT_BYTES ? api_alloc(size) : (Object){malloc(size)};
}

static inline void api_free_any(Object object, size_t size) {
  if (size <= SLAB_MAX_OBJECT_BYTES)
    api_free(object);
  else
    free(object.ptr);
}
