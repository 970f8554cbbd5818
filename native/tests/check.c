#include "check.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A law broken under load fails a million times: a few from each place are shown, so that other failures are seen beside it. */
#define SHOWN_PER_PLACE 4
#define PLACES 4096

static pthread_mutex_t print_lock = PTHREAD_MUTEX_INITIALIZER;
static const char *running = "(no test)";
static _Atomic uint64_t failures_here;
static _Atomic unsigned shown[PLACES]; /* by line, file and line being nearly one */
static _Atomic uint64_t failures_before;
static unsigned passed, failed;

void check_fail(const char *file, int line, const char *format, ...) {
  atomic_fetch_add(&failures_here, 1);
  if (atomic_fetch_add(&shown[(unsigned)line % PLACES], 1) >= SHOWN_PER_PLACE) return;
  const char *base = strrchr(file, '/');
  pthread_mutex_lock(&print_lock);
  printf("FAIL %s: %s:%d ", running, base ? base + 1 : file, line);
  va_list args;
  va_start(args, format);
  vprintf(format, args);
  va_end(args);
  putchar('\n');
  fflush(stdout);
  pthread_mutex_unlock(&print_lock);
}

bool check_that(bool held, const char *file, int line, const char *what) {
  if (!held) check_fail(file, line, "expected %s", what);
  return held;
}

bool check_u64(uint64_t found, uint64_t expected, const char *file, int line, const char *what) {
  if (found == expected) return true;
  check_fail(file, line, "%s: expected %" PRIu64 ", found %" PRIu64, what, expected, found);
  return false;
}

static const char *result_name(SlabResult result) {
  static const char *const names[] = {"SLAB_OK",        "SLAB_ERR_ARGUMENT",     "SLAB_ERR_NOMEM",
                                      "SLAB_ERR_CLOSED", "SLAB_ERR_STALE",       "SLAB_ERR_WRONG_THREAD",
                                      "SLAB_ERR_WRONG_ORDER", "SLAB_ERR_BUSY",   "SLAB_ERR_UNDERFLOW"};
  return (unsigned)result < sizeof names / sizeof *names ? names[result] : "(unknown result)";
}

bool check_result(SlabResult found, SlabResult expected, const char *file, int line, const char *what) {
  if (found == expected) return true;
  check_fail(file, line, "%s: expected %s, found %s", what, result_name(expected), result_name(found));
  return false;
}

bool check_text(const char *found, const char *expected, const char *file, int line, const char *what) {
  if (found && strcmp(found, expected) == 0) return true;
  check_fail(file, line, "%s: expected \"%s\", found \"%s\"", what, expected, found ? found : "(null)");
  return false;
}

void check_run(const char *name, void (*test)(void)) {
  running = name;
  for (int i = 0; i < PLACES; i++) atomic_store(&shown[i], 0);
  atomic_store(&failures_here, 0);
  test();
  uint64_t here = atomic_load(&failures_here);
  atomic_fetch_add(&failures_before, here);
  atomic_store(&failures_here, 0);
  if (here == 0) {
    printf("PASS %s\n", name);
    passed++;
  } else {
    printf("FAIL %s: %" PRIu64 " checks\n", name, here);
    failed++;
  }
  fflush(stdout);
  running = "(no test)";
}

uint64_t check_failures(void) { return atomic_load(&failures_before) + atomic_load(&failures_here); }

uint64_t check_scaled(uint64_t n) {
  const char *text = getenv("TEST_SCALE_PCT");
  uint64_t percent = text ? strtoull(text, NULL, 10) : 100;
  if (percent < 1 || percent > 100) percent = 100;
  uint64_t scaled = n * percent / 100;
  return scaled ? scaled : 1;
}

int check_finish(void) {
  if (atomic_load(&failures_here)) failed++; /* a check outside any test */
  printf("%u passed, %u failed\n", passed, failed);
  return failed || !passed;
}
