#include "interpose.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <time.h>

static _Thread_local unsigned past_sec;
/* In ten-thousandths: 10000 is always. */
static _Atomic uint32_t madvise_fails, madvise_ignored;
static _Thread_local _Atomic uint32_t trylock_busy;
static _Atomic unsigned madvise_slow_us;

void interpose_past(unsigned seconds) { past_sec = seconds; }
void interpose_madvise_fails(double percent) { atomic_store(&madvise_fails, (uint32_t)(percent * 100)); }
void interpose_madvise_ignored(double percent) { atomic_store(&madvise_ignored, (uint32_t)(percent * 100)); }
void interpose_madvise_slow(unsigned microseconds) { atomic_store(&madvise_slow_us, microseconds); }
void interpose_trylock_busy(double percent) { atomic_store(&trylock_busy, (uint32_t)(percent * 100)); }

/* Chooses so many of ten thousand calls, at even distances. */
static bool chosen(_Atomic uint32_t *share, _Atomic uint64_t *calls) {
  uint64_t part = atomic_load(share);
  if (part == 0) return false;
  uint64_t number = atomic_fetch_add(calls, 1);
  return (number + 1) * part / 10000 != number * part / 10000;
}

int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now) {
  int result = __real_clock_gettime(clock, now);
  now->tv_sec -= (time_t)past_sec;
  return result;
}

int __real_madvise(void *at, size_t bytes, int advice);
int __wrap_madvise(void *at, size_t bytes, int advice);
int __wrap_madvise(void *at, size_t bytes, int advice) {
  enum { PAGE_BYTES = 4096 };
  static _Atomic uint64_t failing;
  if (advice == MADV_DONTNEED) {
    unsigned us = atomic_load(&madvise_slow_us);
    if (us) nanosleep(&(struct timespec){.tv_sec = us / 1000000, .tv_nsec = (long)(us % 1000000) * 1000}, NULL);
    if (chosen(&madvise_fails, &failing)) {
      errno = EINVAL;
      return -1;
    }
    /* The last part of each range stays. */
    uint64_t pages = bytes / PAGE_BYTES, kept = pages * atomic_load(&madvise_ignored) / 10000;
    bytes -= kept * PAGE_BYTES;
    if (bytes == 0) return 0;
  }
  return __real_madvise(at, bytes, advice);
}

int __real_pthread_mutex_trylock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_trylock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_trylock(pthread_mutex_t *mutex) {
  static _Thread_local _Atomic uint64_t first_tries;
  static _Thread_local bool tried; /* the same acquisition goes on: it found the lock taken */
  bool busy = !tried && chosen(&trylock_busy, &first_tries);
  int result = busy ? EBUSY : __real_pthread_mutex_trylock(mutex);
  tried = result == EBUSY;
  return result;
}
