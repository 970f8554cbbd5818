/* What the C library promises of each function, on both sides of the border between the two allocators. */
#include <malloc.h>
#include <stdint.h>
#include <sys/resource.h>

#include "../check.h"

static const size_t classes[] = {64, 96, 128, 192, 256, 384, 512, 768};

static void sizes(void) {
  int ours = getenv("LD_PRELOAD") && strstr(getenv("LD_PRELOAD"), "tslab");
  for (size_t size = 0, cls = 0; size <= 2000; size++) {
    unsigned char *p = MALLOC(size), *q = MALLOC(size);
    CHECK(p && q && p != q);
    CHECK((uintptr_t)p % 16 == 0 && (uintptr_t)q % 16 == 0);
    size_t usable = malloc_usable_size(p);
    CHECK(usable >= size);
    if (size <= 768 && ours) {
      while (classes[cls] < size) cls++;
      CHECK(usable == classes[cls]);
    }
    fill(p, usable, 1);
    fill(q, malloc_usable_size(q), 2);
    CHECK(holds(p, usable, 1));
    free(p);
    CHECK(holds(q, size, 2));
    free(q);
  }
  CHECK(malloc_usable_size(NULL) == 0);
}

static void zeroed(void) {
  for (int round = 0; round < 3; round++)
    for (size_t size = 1; size <= 1600; size += 7) {
      unsigned char *p = hidden(calloc(1, size));
      CHECK(p && holds(p, size, 0));
      fill(p, malloc_usable_size(p), 0xff);
      free(p);
    }
  CHECK(holds(hidden(calloc(3, 5)), 15, 0));
  void *none = hidden(calloc(0, 8));
  CHECK(none);
  free(none);
}

/* Every way over the border, the content kept. */
static void resizing(void) {
  static const size_t steps[] = {1, 63, 64, 65, 100, 767, 768, 769, 770, 5000, 200000, 3000000};
  enum { STEPS = sizeof steps / sizeof *steps };
  for (int from = 0; from < STEPS; from++)
    for (int to = 0; to < STEPS; to++) {
      unsigned char *p = MALLOC(steps[from]);
      fill(p, steps[from], 3);
      unsigned char *q = hidden(realloc(p, steps[to]));
      CHECK(q && (uintptr_t)q % 16 == 0 && malloc_usable_size(q) >= steps[to]);
      CHECK(holds(q, steps[from] < steps[to] ? steps[from] : steps[to], 3));
      fill(q, malloc_usable_size(q), 4);
      free(q);
    }
  unsigned char *p = hidden(realloc(NULL, 40));
  CHECK(p);
  for (size_t size = 40; size < 3000; size++) { /* grows byte by byte */
    p[size - 1] = (unsigned char)size;
    p = hidden(realloc(p, size + 1));
    CHECK(p && p[size - 1] == (unsigned char)size && p[39] == 40);
  }
  for (size_t size = 3000; size > 1; size--) {
    p = hidden(realloc(p, size));
    CHECK(p && (size < 40 || p[39] == 40));
  }
  CHECK(hidden(realloc(p, 0)) == NULL); /* glibc: freed */
  p = MALLOC(5000);
  CHECK(hidden(realloc(p, 0)) == NULL);
  p = hidden(realloc(NULL, 0));
  CHECK(p);
  free(p);
}

static void alignment(void) {
  for (size_t align = 1; align <= 65536; align *= 2)
    for (size_t size = 0; size <= 3000; size = size * 3 + 1) {
      void *p = hidden(memalign(align, size)), *q = hidden(aligned_alloc(align, size)), *r = NULL;
      CHECK(p && (uintptr_t)p % align == 0);
      CHECK(q && (uintptr_t)q % align == 0);
      errno = 7;
      int result = posix_memalign(&r, align, size);
      CHECK(errno == 7);
      if (align < sizeof(void *)) {
        CHECK(result == EINVAL && r == NULL);
      } else {
        CHECK(result == 0 && r && (uintptr_t)r % align == 0);
      }
      fill(p, size, 1), fill(q, size, 2);
      if (r) fill(r, size, 3);
      CHECK(holds(p, size, 1) && holds(q, size, 2));
      void *grown = hidden(realloc(p, 900));
      CHECK(grown && holds(grown, size < 900 ? size : 900, 1));
      free(grown), free(q), free(r);
    }
  void *p = NULL;
  CHECK(posix_memalign(&p, 24, 8) == EINVAL && posix_memalign(&p, 0, 8) == EINVAL && p == NULL);
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  void *v = hidden(valloc(100)), *w = hidden(pvalloc(100));
  CHECK(v && (uintptr_t)v % page == 0);
  CHECK(w && (uintptr_t)w % page == 0 && malloc_usable_size(w) >= page);
  free(v), free(w);
}

static size_t beyond(size_t x) { return *(size_t *)hidden(&x); }

static void refusals(void) {
  size_t half = beyond(PTRDIFF_MAX), all = beyond(SIZE_MAX);
  unsigned char *p = MALLOC(50), *kept;
  fill(p, 50, 9);
#define REFUSED(call) (errno = 0, hidden(call) == NULL && errno == ENOMEM)
  CHECK(REFUSED(malloc(half + 1)) && REFUSED(malloc(all)) && REFUSED(malloc(all - 15)));
  CHECK(REFUSED(calloc(half, 3)) && REFUSED(calloc(all, 2)) && REFUSED(calloc(all, all)) && REFUSED(calloc(1, half + 1)));
  CHECK(REFUSED(calloc(all / 16 + 2, 16))); /* wraps to a small product */
  kept = p;
  CHECK(REFUSED(realloc(kept, half + 1)) && REFUSED(realloc(kept, all)));
  CHECK(REFUSED(reallocarray(kept, all, 2)) && REFUSED(reallocarray(kept, all / 16 + 2, 16)));
  CHECK(REFUSED(memalign(64, all - 100)) && REFUSED(aligned_alloc(64, half + 1)) && REFUSED(memalign(16, all)));
  CHECK(REFUSED(valloc(all)) && REFUSED(pvalloc(all)) && REFUSED(pvalloc(all - 4096)));
  void *out = p;
  errno = 0;
  CHECK(posix_memalign(&out, 16, all) == ENOMEM && posix_memalign(&out, 64, all - 5) == ENOMEM);
  CHECK(out == p && errno == 0);
  CHECK(holds(p, 50, 9));
  p = hidden(reallocarray(p, 10, 20));
  CHECK(p && holds(p, 50, 9));
  free(p);
}

static void errno_kept(void) {
  for (size_t size = 0; size < 300000; size = size * 2 + 1) {
    void *p = MALLOC(size);
    errno = 77;
    free(p);
    CHECK(errno == 77);
  }
  errno = 78;
  free(NULL);
  CHECK(errno == 78);
}

/* Memory runs out: every function says so as it should, and what was given stays good. */
static void exhaustion(void) {
  struct rlimit limit = {256 << 20, 256 << 20}, before;
  CHECK(getrlimit(RLIMIT_AS, &before) == 0);
  limit.rlim_max = before.rlim_max;
  CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
  enum { SIZES = 3 };
  static const size_t sizes_tried[SIZES] = {40, 700, 5000};
  void **last = NULL;
  for (int i = 0; i < SIZES; i++) {
    void **p;
    errno = 0;
    while ((p = MALLOC(sizes_tried[i]))) {
      fill(p, sizes_tried[i], 1);
      *p = last;
      last = p;
    }
    CHECK(errno == ENOMEM);
  }
  CHECK(REFUSED(calloc(1, 700)) || 1);
  void *out = last;
  CHECK(posix_memalign(&out, 64, 1 << 20) == ENOMEM && out == last);
  while (last) {
    void **next = *last;
    CHECK(holds((char *)last + sizeof next, 32, 1));
    free(last);
    last = next;
  }
  CHECK(setrlimit(RLIMIT_AS, &before) == 0);
  void *p = MALLOC(700);
  CHECK(p);
  free(p);
}

int main(void) {
  sizes();
  zeroed();
  resizing();
  alignment();
  refusals();
  errno_kept();
  exhaustion();
  return 0;
}
