/* 1,000 threads come and go, 64 at a time; what one allocates others free; what lives is intact throughout. */
#include <pthread.h>

#include "../check.h"

enum { TOGETHER = 64, THREADS = 1024, OBJECTS = 200 };

typedef struct Object {
  size_t size;
  unsigned char mark, bytes[];
} Object;

static Object *shared[TOGETHER * OBJECTS];

static Object *make(unsigned seed) {
  size_t size = seed % 7 ? seed * 2654435761u % 700 : seed * 2654435761u % 20000;
  Object *o = MALLOC(sizeof *o + size);
  CHECK(o);
  o->size = size;
  o->mark = (unsigned char)seed;
  fill(o->bytes, size, o->mark);
  return o;
}

static void end(Object *o) {
  if (!o) return;
  CHECK(holds(o->bytes, o->size, o->mark));
  free(o);
}

static void *work(void *argument) {
  unsigned seed = (unsigned)(size_t)argument;
  Object *own[OBJECTS] = {0};
  for (unsigned i = 0; i < OBJECTS * 5; i++) {
    seed = seed * 1664525 + 1013904223;
    Object **place = seed & 0x10000 ? &own[(seed >> 8) % OBJECTS] : &shared[(seed >> 8) % (TOGETHER * OBJECTS)];
    end(__atomic_exchange_n(place, make(seed), __ATOMIC_ACQ_REL));
  }
  for (int i = 0; i < OBJECTS; i++) end(own[i]);
  return NULL;
}

int main(void) {
  pthread_t threads[TOGETHER];
  for (size_t n = 0; n < THREADS; n += TOGETHER) {
    for (size_t i = 0; i < TOGETHER; i++) CHECK(pthread_create(&threads[i], NULL, work, (void *)(n + i + 1)) == 0);
    for (size_t i = 0; i < TOGETHER; i++) CHECK(pthread_join(threads[i], NULL) == 0);
  }
  for (int i = 0; i < TOGETHER * OBJECTS; i++) end(shared[i]);
  return 0;
}
