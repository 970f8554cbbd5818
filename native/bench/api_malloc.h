/* malloc and free: the C library's, or whoever is preloaded. */
#define API_NAME "malloc"

typedef struct Object {
  void *ptr;
} Object;

static inline bool api_start(void) { return true; }
static inline void api_end(void) {}
static inline Object api_alloc(size_t size) { return (Object){malloc(size)}; }
static inline void api_free(Object object) { free(object.ptr); }

static inline Object api_alloc_any(size_t size) { return api_alloc(size); }
static inline void api_free_any(Object object, size_t size) {
  (void)size;
  api_free(object);
}
