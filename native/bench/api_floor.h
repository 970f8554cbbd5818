/* No allocator: the next bytes of a ring of memory, and nothing to free. What is left is the loop's own cost. */
#include "floor.h"
#define API_NAME "floor"

typedef struct Object {
  void *ptr;
} Object;

static inline bool api_start(void) { return true; }
static inline void api_end(void) {}

static inline Object api_alloc(size_t size) {
  size_t step = (size + 15) & ~(size_t)15;
  if (__builtin_expect(floor_ring.left < step, 0)) floor_restart();
  Object object = {floor_ring.next};
  floor_ring.next += step;
  floor_ring.left -= step;
  return object;
}

static inline void api_free(Object object) { (void)object; }

static inline Object api_alloc_any(size_t size) { return api_alloc(size); }
static inline void api_free_any(Object object, size_t size) {
  (void)object;
  (void)size;
}
