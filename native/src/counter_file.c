/* The counter file: its layout, and how one is made. */
#include "counter_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os.h"
#include "temporal_slab.h"

static size_t pages(size_t bytes) {
  size_t page = os_page_bytes();
  return (bytes + page - 1) & ~(page - 1);
}

size_t counter_file_head_bytes(void) { return pages(sizeof(CounterFileHeader)) + pages(sizeof(GlobalCounters)); }
size_t counter_file_block_bytes(void) { return pages(sizeof(ThreadCounters)); }
uint32_t counter_file_block_stride(void) { return (uint32_t)((sizeof(ThreadCounters) + COUNTER_FILE_ALIGN - 1) / COUNTER_FILE_ALIGN * COUNTER_FILE_ALIGN); }
off_t counter_file_block_offset(uint64_t index) { return (off_t)(COUNTER_FILE_ALIGN + index * counter_file_block_stride()); }
GlobalCounters *counter_file_global(CounterFileHeader *h) { return (GlobalCounters *)((char *)h + pages(sizeof *h)); }

void counter_file_fill_header(CounterFileHeader *h, uint64_t instance, const char *name) {
  h->layout = COUNTER_FILE_LAYOUT;
  h->header_bytes = sizeof *h;
  h->global_offset = (uint32_t)pages(sizeof *h);
  h->global_bytes = sizeof(GlobalCounters);
  h->blocks_offset = COUNTER_FILE_ALIGN;
  h->block_stride = counter_file_block_stride();
  h->block_bytes = sizeof(ThreadCounters);
  h->epoch_count = SLAB_EPOCH_COUNT;
  h->class_count = SLAB_CLASS_COUNT;
  h->label_buckets = LABEL_BUCKETS;
  h->slab_bytes = SLAB_BYTES;
  h->page_bytes = (uint32_t)os_page_bytes();
  h->pid = (uint32_t)getpid();
  h->uid = (uint32_t)geteuid();
  h->start_ticks = os_process_start_ticks(h->pid);
  h->created_realtime_ns = os_realtime_ns();
  h->instance = instance;
  memset(h->command, 0, sizeof h->command);
  int fd = open("/proc/self/comm", O_RDONLY | O_CLOEXEC);
  if (fd >= 0) {
    ssize_t n = read(fd, h->command, sizeof h->command - 1);
    if (n > 0 && h->command[n - 1] == '\n') h->command[n - 1] = 0;
    close(fd);
  }
  if (name) snprintf(h->name, sizeof h->name, "%s", name);
  snprintf(h->version, sizeof h->version, "%s", TEMPORAL_SLAB_VERSION);
  h->magic = COUNTER_FILE_MAGIC;
}

bool counter_file_is_over_limit(off_t size) {
  struct rlimit limit;
  return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && (rlim_t)size > limit.rlim_cur;
}

bool counter_file_reserve(int fd, off_t offset, size_t bytes) {
  int result;
  if (counter_file_is_over_limit(offset + (off_t)bytes)) return false;
  do result = fallocate(fd, 0, offset, (off_t)bytes);
  while (result != 0 && errno == EINTR);
  return result == 0;
}

/* Another process that looks for dead files may hold a new one's lock for a moment. */
static bool lock_new(int fd) {
  enum { TRIES = 1000 };
  for (int i = 0; i < TRIES; i++) {
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) return true;
    if (errno != EWOULDBLOCK) return false;
    os_yield();
  }
  return false;
}

int counter_file_make(int dir, char temporary[64], CounterFileState *state) {
  static _Atomic uint32_t serial; /* its address tells copies of this library in one process apart */
  snprintf(temporary, 64, ".new-%u-%lx-%u", (unsigned)getpid(), (unsigned long)(uintptr_t)&serial, fetch_add_relaxed(&serial, 1));
  unlinkat(dir, temporary, 0);
  *state = COUNTER_FILE_NO_FILE;
  int fd = openat(dir, temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) {
    if (errno == ENOSPC) *state = COUNTER_FILE_NO_SPACE;
    return -1;
  }
  if (lock_new(fd)) {
    *state = COUNTER_FILE_NO_SPACE;
    if (counter_file_reserve(fd, 0, counter_file_head_bytes())) return fd;
  }
  unlinkat(dir, temporary, 0);
  close(fd);
  return -1;
}

/* Another process, or another copy of this library in this one, counts into the file. */
static bool is_held(int dir, const char *name) {
  int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return false;
  bool held = flock(fd, LOCK_SH | LOCK_NB) != 0;
  close(fd);
  return held;
}

bool counter_file_publish(CounterFileHeader *h, int dir, const char *directory, const char *temporary, char path[COUNTER_PATH_BYTES]) {
  enum { COPIES_MOST = 64 };
  char name[64];
  for (int copy = 0; copy < COPIES_MOST; copy++, h->instance++) {
    snprintf(name, sizeof name, "%u-%llu-%llu.tslab", h->pid, (unsigned long long)h->start_ticks, (unsigned long long)h->instance);
    if (is_held(dir, name)) continue;
    int n = snprintf(path, COUNTER_PATH_BYTES, "%s/%s", directory, name);
    if (n > 0 && n < COUNTER_PATH_BYTES && renameat(dir, temporary, dir, name) == 0) return true;
    break;
  }
  path[0] = 0;
  unlinkat(dir, temporary, 0);
  return false;
}

const char *counter_file_state_name(uint64_t state) {
  static const char *const names[] = {"ok", "off", "no-directory", "no-file", "no-space", "forked"};
  return state < sizeof names / sizeof *names ? names[state] : "unknown";
}
