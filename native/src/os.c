#include "os.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void *os_map(size_t bytes, size_t align) {
  int saved_errno = errno;
  void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p != MAP_FAILED && ((uintptr_t)p & (align - 1)) != 0) {
    munmap(p, bytes);
    p = mmap(NULL, bytes + align, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p != MAP_FAILED) {
      char *start = p;
      char *aligned = (char *)(((uintptr_t)start + align - 1) & ~(uintptr_t)(align - 1));
      if (aligned > start) munmap(start, (size_t)(aligned - start));
      size_t tail = (size_t)(start + align - aligned);
      if (tail > 0) munmap(aligned + bytes, tail);
      p = aligned;
    }
  }
  errno = saved_errno;
  return p == MAP_FAILED ? NULL : p;
}

OsMapAt os_map_at(void *at, size_t bytes) {
  int saved_errno = errno;
  void *p = mmap(at, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  OsMapAt result = p == at ? OS_MAP_OK : p == MAP_FAILED && errno != EEXIST ? OS_MAP_FAILED : OS_MAP_TAKEN;
  if (p != at && p != MAP_FAILED) munmap(p, bytes); /* before Linux 4.17 the address is no more than a wish */
  errno = saved_errno;
  return result;
}

bool os_map_over(void *at, size_t bytes) {
  int saved_errno = errno;
  void *p = mmap(at, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  errno = saved_errno;
  return p == at;
}

bool os_move_over(void *to, void *from, size_t bytes) {
  int saved_errno = errno;
  void *p = mremap(from, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, to);
  errno = saved_errno;
  return p == to;
}

void *os_reserve(size_t bytes) {
  int saved_errno = errno;
  void *p = mmap(NULL, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  errno = saved_errno;
  return p == MAP_FAILED ? NULL : p;
}

bool os_allow_writing(void *p, size_t bytes) {
  int saved_errno = errno;
  bool ok = mprotect(p, bytes, PROT_READ | PROT_WRITE) == 0;
  errno = saved_errno;
  return ok;
}

uint64_t os_address_space_limit(void) {
  struct rlimit limit;
  return getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY ? limit.rlim_cur : UINT64_MAX;
}

void os_unmap(void *p, size_t bytes) {
  int saved_errno = errno;
  munmap(p, bytes);
  errno = saved_errno;
}

bool os_discard(void *p, size_t bytes) {
  int saved_errno = errno;
  bool ok = madvise(p, bytes, MADV_DONTNEED) == 0;
  errno = saved_errno;
  return ok;
}

void os_no_huge_pages(void *p, size_t bytes) {
#ifndef SLAB_HUGE_PAGES
  int saved_errno = errno;
  madvise(p, bytes, MADV_NOHUGEPAGE);
  errno = saved_errno;
#else
  (void)p, (void)bytes;
#endif
}

static bool membarrier(int command) {
  int saved_errno = errno;
  bool ok = syscall(SYS_membarrier, command, 0, 0) == 0;
  errno = saved_errno;
  return ok;
}

bool os_barrier_register(void) { return membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED); }

bool os_barrier_all_threads(void) { return membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED); }

void os_yield(void) { sched_yield(); }

OsQuiet os_quiet_begin(void) {
  OsQuiet quiet = {.saved_errno = errno};
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &quiet.cancel_state);
  return quiet;
}

void os_quiet_end(OsQuiet quiet) {
  pthread_setcancelstate(quiet.cancel_state, NULL);
  errno = quiet.saved_errno;
}

void os_sleep_ns(uint32_t ns) {
  OsQuiet quiet = os_quiet_begin();
  nanosleep(&(struct timespec){.tv_nsec = ns}, NULL);
  os_quiet_end(quiet);
}

size_t os_page_bytes(void) { return (size_t)sysconf(_SC_PAGESIZE); }

uint64_t os_rss_bytes(void) {
  OsQuiet quiet = os_quiet_begin();
  uint64_t pages = 0;
  int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (fd >= 0) {
    char text[96];
    ssize_t n = read(fd, text, sizeof text);
    close(fd);
    ssize_t i = 0;
    while (i < n && text[i] != ' ') i++;
    for (i++; i < n && text[i] >= '0' && text[i] <= '9'; i++) pages = pages * 10 + (uint64_t)(text[i] - '0');
  }
  os_quiet_end(quiet);
  return pages * os_page_bytes();
}

static uint64_t clock_ns(clockid_t clock) {
  struct timespec t;
  if (clock_gettime(clock, &t) != 0) return 0;
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t os_realtime_ns(void) { return clock_ns(CLOCK_REALTIME); }
uint64_t os_realtime_coarse_ns(void) { return clock_ns(CLOCK_REALTIME_COARSE); }
uint64_t os_monotonic_ns(void) { return clock_ns(CLOCK_MONOTONIC); }
uint64_t os_monotonic_coarse_ns(void) { return clock_ns(CLOCK_MONOTONIC_COARSE); }

uint64_t os_process_start_ticks(uint32_t pid) {
  char path[64], text[1024];
  snprintf(path, sizeof path, "/proc/%u/stat", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t n = read(fd, text, sizeof text - 1);
  close(fd);
  if (n <= 0) return 0;
  text[n] = 0;
  char *p = strrchr(text, ')'); /* the command may hold blanks and parentheses: count from its end */
  for (int field = 2; p && field < 22; field++) p = strchr(p + 1, ' ');
  return p ? strtoull(p + 1, NULL, 10) : 0;
}
