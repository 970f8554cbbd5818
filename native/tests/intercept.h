/* Stands between the library and the calls it makes: counts them, makes chosen ones fail, or holds one until told to go on.
 * Works in programs linked with INTERCEPT (native/Makefile: -Wl,--wrap=…), which redirects what the library's own objects call,
 * not what libc or a sanitizer calls inside. */
#ifndef TESTS_INTERCEPT_H
#define TESTS_INTERCEPT_H

#include <stdbool.h>
#include <stdint.h>

typedef enum Intercepted {
  CALL_MMAP,
  CALL_MUNMAP,
  CALL_MREMAP,
  CALL_MPROTECT,
  CALL_MADVISE, /* MADV_DONTNEED, MADV_FREE */
  CALL_ADVISE_ONLY, /* any other advice */
  CALL_MEMBARRIER,
  CALL_OPEN,
  CALL_READ,
  CALL_OPENAT,
  CALL_MKDIR,
  CALL_FSTAT,
  CALL_FLOCK,
  CALL_FALLOCATE,
  CALL_RENAMEAT,
  CALL_KEY_CREATE,
  CALL_SETSPECIFIC,
  CALL_MUTEX_INIT,
  CALL_MALLOC, /* malloc, calloc, realloc, aligned_alloc, posix_memalign */
  CALL_CLOCK,
  CALL_SLEEP, /* nanosleep; one that fails is one that a signal ended */
  CALL_KINDS
} Intercepted;

const char *intercept_name(Intercepted kind);

/* Counting and failing go on between on and off, in every thread. Counts start at 0 at on. */
void intercept_on(void);
void intercept_off(void);
uint64_t intercept_calls(Intercepted kind);
uint64_t intercept_failed(Intercepted kind);

/* Calls number first … first+count-1 (from 1) of this kind fail as the real one would: ENOMEM, EAGAIN, … . count 0: none. */
void intercept_fail(Intercepted kind, uint64_t first, uint64_t count);

/* From now on CLOCK_MONOTONIC is a clock of the test's own that each reading moves by step_ns (0: the real one again), and CLOCK_REALTIME goes ahead_ns ahead. */
void intercept_time(uint64_t step_ns, uint64_t ahead_ns);

/* The calling thread's next call of this kind stops before it is made, until intercept_release. */
void intercept_hold_mine(Intercepted kind);

/* Waits until a thread is held; false after the given time without one. */
bool intercept_wait_held(unsigned timeout_sec);
void intercept_release(void);

#endif
