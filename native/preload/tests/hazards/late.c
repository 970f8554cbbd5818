/* Allocation after main, with stdio closed, in destructors; and in threads after their destructors have run. */
#include <pthread.h>

#include "../check.h"

static void *kept[100];

static void work(void) {
  for (size_t i = 0; i < 100; i++) {
    void *p = MALLOC(i * 20 + 1);
    CHECK(p);
    free(kept[i]);
    kept[i] = p;
    fill(p, i * 20 + 1, (unsigned char)i);
  }
}

static __attribute__((destructor(101))) void latest(void) {
  work();
  for (int i = 0; i < 100; i++) free(kept[i]);
}
static __attribute__((destructor)) void late(void) { work(); }

/* A thread's own data, handed on from one round of destructors to the next, and freed in the last. */
static pthread_key_t keys[100];
static int rounds;

static void destroy(void *p) {
  void *q = MALLOC(200);
  CHECK(q && holds(p, 20, 5));
  free(p);
  if (__atomic_fetch_add(&rounds, 1, __ATOMIC_RELAXED) % 4 < 3) {
    fill(q, 200, 5);
    pthread_setspecific(keys[60], q);
  } else {
    free(q);
  }
}

/* More keys than a thread has room for: the C library allocates for them, and frees that after all destructors. */
static void *many_keys(void *unused) {
  (void)unused;
  for (int i = 0; i < 100; i++) CHECK(pthread_setspecific(keys[i], i == 60 ? NULL : (void *)keys) == 0);
  void *p = MALLOC(20);
  fill(p, 20, 5);
  CHECK(pthread_setspecific(keys[60], p) == 0);
  char *text = strerror(99999); /* kept for the thread, freed by the C library at its very end */
  CHECK(text);
  return NULL;
}

/* The same without a destructor that goes on to the last round. */
static void *keys_alone(void *unused) {
  for (int i = 0; i < 100; i++)
    if (i != 60) CHECK(pthread_setspecific(keys[i], keys) == 0);
  free(MALLOC(30));
  return unused;
}

/* Its first use of the allocator is a free, or comes only in its destructor. */
static void *only_frees(void *p) {
  free(p);
  return NULL;
}

int main(void) {
  for (int i = 0; i < 100; i++) CHECK(pthread_key_create(&keys[i], i == 60 ? destroy : NULL) == 0);
  for (int i = 0; i < 200; i++) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, many_keys, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(pthread_create(&thread, NULL, keys_alone, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(pthread_create(&thread, NULL, only_frees, MALLOC(100)) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
  }
  CHECK(rounds > 200);
  atexit(work);
  fclose(stdin), fclose(stdout), fclose(stderr);
  return 0;
}
