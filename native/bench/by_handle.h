/* An interface whose objects are freed by their handles: API_ALLOC and API_FREE. Sizes above 768 bytes are not its business: malloc's, as in a user's program. */
#include "slab.h"

typedef struct Object {
  void *ptr;
  SlabHandle handle;
} Object;

static inline bool api_start(void) { return slab_start(); }
static inline void api_end(void) { slab_end(); }

static inline Object api_alloc(size_t size) {
  Object object;
  object.ptr = API_ALLOC(bench_slab, (uint32_t)size, epoch_in_use(), &object.handle);
  return object;
}

static inline void api_free(Object object) { API_FREE(bench_slab, object.handle); }

static inline Object api_alloc_any(size_t size) {
  return size <= SLAB_MAX_OBJECT_BYTES ? api_alloc(size) : (Object){malloc(size), 0};
}

static inline void api_free_any(Object object, size_t size) {
  if (size <= SLAB_MAX_OBJECT_BYTES)
    api_free(object);
  else
    free(object.ptr);
}
