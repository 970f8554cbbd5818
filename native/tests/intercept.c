#include "intercept.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static _Atomic bool on;
static _Atomic uint64_t calls[CALL_KINDS], failed[CALL_KINDS], fail_first[CALL_KINDS], fail_count[CALL_KINDS];

static _Atomic uint64_t own_time = UINT64_C(1000000000000), own_time_step, wall_ahead;
static _Thread_local int hold_kind = -1;
static pthread_mutex_t hold_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t hold_changed = PTHREAD_COND_INITIALIZER;
static bool held, released;

const char *intercept_name(Intercepted kind) {
  static const char *const names[CALL_KINDS] = {"mmap", "munmap", "mremap", "mprotect", "madvise", "madvise (advice only)", "membarrier", "open", "read",
                                                "openat", "mkdir", "fstat", "flock", "fallocate", "renameat", "pthread_key_create",
                                                "pthread_setspecific", "pthread_mutex_init", "malloc", "clock_gettime", "nanosleep"};
  return names[kind];
}

void intercept_on(void) {
  for (int i = 0; i < CALL_KINDS; i++) {
    atomic_store(&calls[i], 0);
    atomic_store(&failed[i], 0);
  }
  atomic_store(&on, true);
}

void intercept_off(void) { atomic_store(&on, false); }
uint64_t intercept_calls(Intercepted kind) { return atomic_load(&calls[kind]); }
uint64_t intercept_failed(Intercepted kind) { return atomic_load(&failed[kind]); }

void intercept_fail(Intercepted kind, uint64_t first, uint64_t count) {
  atomic_store(&fail_first[kind], first);
  atomic_store(&fail_count[kind], count);
}

void intercept_time(uint64_t step_ns, uint64_t ahead_ns) {
  atomic_store(&own_time_step, step_ns);
  atomic_store(&wall_ahead, ahead_ns);
}

void intercept_hold_mine(Intercepted kind) { hold_kind = (int)kind; }

bool intercept_wait_held(unsigned timeout_sec) {
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += timeout_sec;
  pthread_mutex_lock(&hold_lock);
  int error = 0;
  while (!held && error == 0) error = pthread_cond_timedwait(&hold_changed, &hold_lock, &until);
  bool result = held;
  pthread_mutex_unlock(&hold_lock);
  return result;
}

void intercept_release(void) {
  pthread_mutex_lock(&hold_lock);
  released = true;
  pthread_cond_broadcast(&hold_changed);
  pthread_mutex_unlock(&hold_lock);
}

/* True: this call is to fail. */
static bool enter(Intercepted kind) {
  if (hold_kind == (int)kind) {
    hold_kind = -1;
    pthread_mutex_lock(&hold_lock);
    held = true;
    released = false;
    pthread_cond_broadcast(&hold_changed);
    while (!released) pthread_cond_wait(&hold_changed, &hold_lock);
    held = false;
    pthread_mutex_unlock(&hold_lock);
  }
  if (!atomic_load_explicit(&on, memory_order_relaxed)) return false;
  uint64_t number = atomic_fetch_add(&calls[kind], 1) + 1;
  uint64_t first = atomic_load(&fail_first[kind]), count = atomic_load(&fail_count[kind]);
  if (count == 0 || number < first || number - first >= count) return false;
  atomic_fetch_add(&failed[kind], 1);
  return true;
}

/* WRAP(result, name, (parameters), (arguments), kind, what to do instead): weak, as programs without the linker's --wrap have no
 * __real_ at all and never come here. */
#define WRAP(result, name, parameters, arguments, kind, instead) \
  result __real_##name parameters __attribute__((weak));         \
  result __wrap_##name parameters;                               \
  result __wrap_##name parameters {                              \
    if (enter(kind)) { instead }                                 \
    return __real_##name arguments;                              \
  }

#define FAIL_ERRNO(error, value) \
  errno = (error);               \
  return (value);

WRAP(void *, mmap, (void *at, size_t bytes, int protection, int flags, int file, off_t offset), (at, bytes, protection, flags, file, offset),
     CALL_MMAP, FAIL_ERRNO(ENOMEM, MAP_FAILED))
WRAP(int, munmap, (void *at, size_t bytes), (at, bytes), CALL_MUNMAP, FAIL_ERRNO(ENOMEM, -1))
WRAP(int, mprotect, (void *at, size_t bytes, int protection), (at, bytes, protection), CALL_MPROTECT, FAIL_ERRNO(ENOMEM, -1))
WRAP(int, madvise, (void *at, size_t bytes, int advice), (at, bytes, advice),
     (advice == MADV_DONTNEED || advice == MADV_FREE) ? CALL_MADVISE : CALL_ADVISE_ONLY, FAIL_ERRNO(EINVAL, -1))
WRAP(ssize_t, read, (int file, void *buffer, size_t bytes), (file, buffer, bytes), CALL_READ, FAIL_ERRNO(EIO, -1))
WRAP(int, mkdir, (const char *path, mode_t mode), (path, mode), CALL_MKDIR, FAIL_ERRNO(EACCES, -1))
WRAP(int, fstat, (int file, struct stat * status), (file, status), CALL_FSTAT, FAIL_ERRNO(EIO, -1))
WRAP(int, flock, (int file, int operation), (file, operation), CALL_FLOCK, FAIL_ERRNO(EWOULDBLOCK, -1))
WRAP(int, fallocate, (int file, int mode, off_t offset, off_t bytes), (file, mode, offset, bytes), CALL_FALLOCATE, FAIL_ERRNO(ENOSPC, -1))
WRAP(int, renameat, (int old_dir, const char *old_path, int new_dir, const char *new_path), (old_dir, old_path, new_dir, new_path), CALL_RENAMEAT,
     FAIL_ERRNO(EACCES, -1))
WRAP(int, pthread_key_create, (pthread_key_t * key, void (*destructor)(void *)), (key, destructor), CALL_KEY_CREATE, return EAGAIN;)
WRAP(int, pthread_setspecific, (pthread_key_t key, const void *value), (key, value), CALL_SETSPECIFIC, return ENOMEM;)
WRAP(int, pthread_mutex_init, (pthread_mutex_t * mutex, const pthread_mutexattr_t *attributes), (mutex, attributes), CALL_MUTEX_INIT,
     return ENOMEM;)
WRAP(int, nanosleep, (const struct timespec *time, struct timespec *rest), (time, rest), CALL_SLEEP, FAIL_ERRNO(EINTR, -1))
WRAP(void *, malloc, (size_t bytes), (bytes), CALL_MALLOC, FAIL_ERRNO(ENOMEM, NULL))
WRAP(void *, calloc, (size_t count, size_t bytes), (count, bytes), CALL_MALLOC, FAIL_ERRNO(ENOMEM, NULL))
WRAP(void *, realloc, (void *at, size_t bytes), (at, bytes), CALL_MALLOC, FAIL_ERRNO(ENOMEM, NULL))
WRAP(void *, aligned_alloc, (size_t alignment, size_t bytes), (alignment, bytes), CALL_MALLOC, FAIL_ERRNO(ENOMEM, NULL))
WRAP(int, posix_memalign, (void **at, size_t alignment, size_t bytes), (at, alignment, bytes), CALL_MALLOC, return ENOMEM;)

int __real_clock_gettime(clockid_t clock, struct timespec *now) __attribute__((weak));
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now) {
  if (enter(CALL_CLOCK)) { FAIL_ERRNO(EINVAL, -1) }
  int status = __real_clock_gettime(clock, now);
  uint64_t step = atomic_load(&own_time_step), ahead = 0;
  if (clock == CLOCK_MONOTONIC && step) {
    ahead = atomic_fetch_add(&own_time, step) + step;
    *now = (struct timespec){0, 0};
  } else if (clock == CLOCK_REALTIME) {
    ahead = atomic_load(&wall_ahead);
  }
  ahead += (uint64_t)now->tv_nsec;
  now->tv_sec += (time_t)(ahead / 1000000000u);
  now->tv_nsec = (long)(ahead % 1000000000u);
  return status;
}

void *__real_mremap(void *old, size_t old_bytes, size_t new_bytes, int flags, ...) __attribute__((weak));
void *__wrap_mremap(void *old, size_t old_bytes, size_t new_bytes, int flags, ...);
void *__wrap_mremap(void *old, size_t old_bytes, size_t new_bytes, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  void *at = (flags & MREMAP_FIXED) ? va_arg(rest, void *) : NULL;
  va_end(rest);
  if (enter(CALL_MREMAP)) { FAIL_ERRNO(ENOMEM, MAP_FAILED) }
  return __real_mremap(old, old_bytes, new_bytes, flags, at);
}

int __real_open(const char *path, int flags, ...) __attribute__((weak));
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  unsigned mode = (flags & O_CREAT) ? va_arg(rest, unsigned) : 0;
  va_end(rest);
  if (enter(CALL_OPEN)) { FAIL_ERRNO(EMFILE, -1) }
  return __real_open(path, flags, mode);
}

int __real_openat(int dir, const char *path, int flags, ...) __attribute__((weak));
int __wrap_openat(int dir, const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  unsigned mode = (flags & O_CREAT) ? va_arg(rest, unsigned) : 0;
  va_end(rest);
  if (enter(CALL_OPENAT)) { FAIL_ERRNO(EMFILE, -1) }
  return __real_openat(dir, path, flags, mode);
}

long __real_syscall(long number, ...) __attribute__((weak));
long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...) {
  va_list rest;
  va_start(rest, number);
  long a[6];
  for (int i = 0; i < 6; i++) a[i] = va_arg(rest, long); /* what the caller did not pass is passed on unread */
  va_end(rest);
  if (number == SYS_membarrier && enter(CALL_MEMBARRIER)) { FAIL_ERRNO(EPERM, -1) }
  return __real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
