#include "counter_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os.h"
#include "snapshot.h"

/* Room for a million threads at once. A hostile file may claim to be as large as it likes, at no cost to its owner. */
#define BYTES_MOST ((off_t)1 << 36)

/* A file may be cut short while it is mapped; touching what is gone raises SIGBUS. */
static sigjmp_buf bus_escape;
static void on_bus(int signal_number) {
  (void)signal_number;
  siglongjmp(bus_escape, 1);
}

static CounterReadResult fail(CounterReadResult result, char *error, size_t bytes, const char *text) {
  snprintf(error, bytes, "%s", text);
  return result;
}

static CounterReadResult check_stat(int fd, size_t *size, char *error, size_t bytes) {
  struct stat st;
  if (fstat(fd, &st) != 0) return fail(COUNTER_READ_NO_FILE, error, bytes, strerror(errno));
  if (!S_ISREG(st.st_mode)) return fail(COUNTER_READ_REFUSED, error, bytes, "not a regular file");
  if (st.st_uid != geteuid() && geteuid() != 0) return fail(COUNTER_READ_REFUSED, error, bytes, "belongs to another user");
  if (st.st_mode & (S_IWGRP | S_IWOTH)) return fail(COUNTER_READ_REFUSED, error, bytes, "others may write to it");
  if (st.st_size < (off_t)sizeof(CounterFileHeader)) return fail(COUNTER_READ_MALFORMED, error, bytes, "too short for a counter file");
  if (st.st_size > BYTES_MOST) return fail(COUNTER_READ_MALFORMED, error, bytes, "too large for a counter file");
  *size = (size_t)st.st_size;
  return COUNTER_READ_OK;
}

static CounterReadResult check_header(const CounterFileHeader *h, size_t size, char *error, size_t bytes) {
  if (h->magic != COUNTER_FILE_MAGIC) return fail(COUNTER_READ_MALFORMED, error, bytes, "not a counter file");
  if (h->layout != COUNTER_FILE_LAYOUT) {
    snprintf(error, bytes, "counter file layout %u, this program reads layout %u: use the stats_dump that came with the process's library", h->layout,
             COUNTER_FILE_LAYOUT);
    return COUNTER_READ_VERSION;
  }
  bool same = h->header_bytes == sizeof *h && h->global_bytes == sizeof(GlobalCounters) && h->block_bytes == sizeof(ThreadCounters) &&
              h->epoch_count == SLAB_EPOCH_COUNT && h->class_count == SLAB_CLASS_COUNT && h->label_buckets == LABEL_BUCKETS && h->slab_bytes == SLAB_BYTES;
  if (!same)
    return fail(COUNTER_READ_VERSION, error, bytes, "counter file of another build of the library: use the stats_dump that came with the process's library");
  bool sane = h->global_offset >= sizeof *h && h->global_offset % sizeof(Counter) == 0 && h->blocks_offset % COUNTER_FILE_ALIGN == 0 &&
              h->block_stride >= h->block_bytes && h->block_stride % sizeof(Counter) == 0 &&
              (uint64_t)h->global_offset + h->global_bytes <= size && h->blocks_offset >= h->global_offset + h->global_bytes;
  if (!sane) return fail(COUNTER_READ_MALFORMED, error, bytes, "header fields do not fit together");
  return COUNTER_READ_OK;
}

CounterReadResult counter_reader_open(CounterReader *r, const char *path, char *error, size_t bytes) {
  memset(r, 0, sizeof *r);
  r->fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (r->fd < 0) {
    if (errno == ELOOP) return fail(COUNTER_READ_REFUSED, error, bytes, "is a symbolic link");
    return fail(errno == EACCES ? COUNTER_READ_REFUSED : COUNTER_READ_NO_FILE, error, bytes, strerror(errno));
  }
  CounterReadResult result = check_stat(r->fd, &r->bytes, error, bytes);
  if (result == COUNTER_READ_OK) {
    ssize_t n = pread(r->fd, &r->identity, sizeof r->identity, 0);
    if (n != (ssize_t)sizeof r->identity)
      result = fail(COUNTER_READ_SHRUNK, error, bytes, "became shorter while it was read");
    else
      result = check_header(&r->identity, r->bytes, error, bytes);
  }
  if (result == COUNTER_READ_OK) {
    r->identity.command[COUNTER_NAME_BYTES - 1] = r->identity.name[COUNTER_NAME_BYTES - 1] = 0;
    r->identity.version[sizeof r->identity.version - 1] = 0;
    void *memory = mmap(NULL, r->bytes, PROT_READ, MAP_SHARED, r->fd, 0);
    if (memory != MAP_FAILED) {
      r->header = memory;
      return COUNTER_READ_OK;
    }
    result = fail(COUNTER_READ_NO_FILE, error, bytes, strerror(errno));
  }
  close(r->fd);
  r->fd = -1;
  return result;
}

void counter_reader_close(CounterReader *r) {
  if (r->fd < 0) return;
  munmap(r->header, r->bytes);
  close(r->fd);
  r->fd = -1;
}

/* Follows a file that has grown by threads. */
static bool follow_size(CounterReader *r) {
  struct stat st;
  if (fstat(r->fd, &st) != 0 || (size_t)st.st_size < r->bytes || st.st_size > BYTES_MOST) return false;
  if ((size_t)st.st_size == r->bytes) return true;
  void *memory = mremap(r->header, r->bytes, (size_t)st.st_size, MREMAP_MAYMOVE);
  if (memory == MAP_FAILED) return false;
  r->header = memory;
  r->bytes = (size_t)st.st_size;
  return true;
}

static ThreadCounters *file_block(CounterView *view, bool restart) {
  CounterReader *r = view->source;
  const CounterFileHeader *id = &r->identity;
  uint64_t count = load_acquire(&r->header->blocks);
  uintptr_t index = restart ? 0 : (uintptr_t)view->at;
  for (; index < count; index++) {
    uint64_t offset = id->blocks_offset + (uint64_t)index * id->block_stride;
    if (offset > r->bytes || r->bytes - offset < id->block_bytes) break;
    ThreadCounters *block = (ThreadCounters *)((char *)r->header + offset);
    if (load_acquire(&block->ready) != 1) continue;
    view->at = (void *)(index + 1);
    return block;
  }
  return NULL;
}

/* A block that the header counts and the file does not hold was refused for want of space, or the file is not all there. */
static bool lacks_blocks(const CounterReader *r, const SlabGlobalStats *g) {
  const CounterFileHeader *id = &r->identity;
  uint64_t counted = load_relaxed(&r->header->blocks);
  uint64_t held = r->bytes < id->blocks_offset + (uint64_t)id->block_bytes ? 0 : (r->bytes - id->blocks_offset - id->block_bytes) / id->block_stride + 1;
  return counted > held && counted - held > g->unpublished_threads;
}

static uint64_t process_rss_bytes(uint32_t pid) {
  char path[64], text[128];
  snprintf(path, sizeof path, "/proc/%u/statm", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t n = read(fd, text, sizeof text - 1);
  close(fd);
  if (n <= 0) return 0;
  text[n] = 0;
  char *second = strchr(text, ' ');
  return second ? strtoull(second, NULL, 10) * os_page_bytes() : 0;
}

CounterReadResult counter_reader_read(CounterReader *r, uint32_t process, SlabSnapshot *out) {
  if (!follow_size(r)) return COUNTER_READ_SHRUNK;
  CounterView view = {.global = (GlobalCounters *)((char *)r->header + r->identity.global_offset), .block = file_block, .source = r};
  struct sigaction catch_bus = {.sa_handler = on_bus}, before;
  sigemptyset(&catch_bus.sa_mask);
  sigaction(SIGBUS, &catch_bus, &before);
  volatile bool whole = false;
  uint64_t now = os_realtime_ns();
  if (sigsetjmp(bus_escape, 1) == 0) {
    snapshot_read(&view, os_monotonic_ns(), out);
    out->global.counter_file = counter_file_state_name(load_relaxed(&view.global->counter_file_state));
    out->global.torn |= lacks_blocks(r, &out->global);
    whole = true;
  }
  sigaction(SIGBUS, &before, NULL);
  if (!whole) return COUNTER_READ_SHRUNK;
  SlabGlobalStats *g = &out->global;
  g->timestamp_ns = now;
  g->pid = process ? process : r->identity.pid;
  g->page_size = r->identity.page_bytes;
  g->slab_bytes = r->identity.slab_bytes;
  g->instance = r->identity.instance;
  g->live = counter_reader_is_live(r, process);
  g->rss_bytes_current = g->live && process ? process_rss_bytes(process) : 0;
  g->rss_known = g->rss_bytes_current != 0;
  memcpy(g->command, r->identity.command, sizeof g->command);
  memcpy(g->name, r->identity.name, sizeof g->name);
  return COUNTER_READ_OK;
}

/* A process may have closed descriptors it did not know, and the lock with it; but then it still maps the file. After an exec it does not. */
static bool process_maps_inode(uint32_t pid, ino_t inode) {
  char path[64], *line = NULL;
  size_t room = 0;
  bool found = false;
  snprintf(path, sizeof path, "/proc/%u/maps", pid);
  FILE *maps = fopen(path, "re");
  while (maps && !found && getline(&line, &room, maps) > 0) {
    unsigned long long mapped = 0;
    if (sscanf(line, "%*s %*s %*s %*s %llu", &mapped) == 1) found = mapped == (unsigned long long)inode;
  }
  free(line);
  if (maps) fclose(maps);
  return found;
}

bool counter_reader_is_live(const CounterReader *r, uint32_t process) {
  if (flock(r->fd, LOCK_SH | LOCK_NB) != 0) return errno == EWOULDBLOCK;
  flock(r->fd, LOCK_UN);
  struct stat st;
  uint32_t pid = process ? process : r->identity.pid;
  return os_process_start_ticks(pid) == r->identity.start_ticks && fstat(r->fd, &st) == 0 && process_maps_inode(pid, st.st_ino);
}
