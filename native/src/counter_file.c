#include "counter_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os.h"
#include "temporal_slab.h"

static size_t pages(size_t bytes) {
  size_t page = os_page_bytes();
  return (bytes + page - 1) & ~(page - 1);
}

static size_t head_bytes(void) { return pages(sizeof(CounterFileHeader)) + pages(sizeof(GlobalCounters)); }

static uint32_t block_stride(void) { return (uint32_t)((sizeof(ThreadCounters) + COUNTER_FILE_ALIGN - 1) / COUNTER_FILE_ALIGN * COUNTER_FILE_ALIGN); }

static off_t block_offset(uint64_t index) { return (off_t)(COUNTER_FILE_ALIGN + index * block_stride()); }

static void fill_header(CounterFileHeader *h, uint64_t instance, const char *name) {
  h->layout = COUNTER_FILE_LAYOUT;
  h->header_bytes = sizeof *h;
  h->global_offset = (uint32_t)pages(sizeof *h);
  h->global_bytes = sizeof(GlobalCounters);
  h->blocks_offset = COUNTER_FILE_ALIGN;
  h->block_stride = block_stride();
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

/* Allocates a range of the file now, so that no store to it can fail later. */
static bool reserve(int fd, off_t offset, size_t bytes) {
  int result;
  do result = fallocate(fd, 0, offset, (off_t)bytes);
  while (result != 0 && errno == EINTR);
  return result == 0;
}

/* A new file under a name that no reader looks for yet, locked. -1 with *state when it cannot be. */
static int make_file(int dir, char temporary[64], CounterFileState *state) {
  static _Atomic uint32_t serial;
  snprintf(temporary, 64, ".new-%u-%u", (unsigned)getpid(), fetch_add_relaxed(&serial, 1));
  unlinkat(dir, temporary, 0);
  *state = COUNTER_FILE_NO_FILE;
  int fd = openat(dir, temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) {
    if (errno == ENOSPC) *state = COUNTER_FILE_NO_SPACE;
    return -1;
  }
  if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
    *state = COUNTER_FILE_NO_SPACE;
    if (reserve(fd, 0, head_bytes())) return fd;
  }
  unlinkat(dir, temporary, 0);
  close(fd);
  return -1;
}

static bool is_held(int dir, const char *name) {
  int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return false;
  bool held = flock(fd, LOCK_SH | LOCK_NB) != 0;
  close(fd);
  return held;
}

/* Gives the finished file its name. What this process left before an exec is replaced; another copy of this library in it (a preloaded one and the program's
 * own both count instances from 1) keeps its file. */
static bool publish(CounterStore *store, int dir, const char *directory, const char *temporary) {
  enum { COPIES_MOST = 64 };
  char name[64];
  CounterFileHeader *h = store->header;
  for (int copy = 0; copy < COPIES_MOST; copy++, h->instance++) {
    snprintf(name, sizeof name, "%u-%llu-%llu.tslab", h->pid, (unsigned long long)h->start_ticks, (unsigned long long)h->instance);
    if (is_held(dir, name)) continue;
    int n = snprintf(store->path, sizeof store->path, "%s/%s", directory, name);
    if (n > 0 && n < (int)sizeof store->path && renameat(dir, temporary, dir, name) == 0) return true;
    break;
  }
  store->path[0] = 0;
  unlinkat(dir, temporary, 0);
  return false;
}

static void use_memory(CounterStore *store, void *memory) {
  store->header = memory;
  store->global = (GlobalCounters *)((char *)memory + pages(sizeof(CounterFileHeader)));
}

/* The file, opened anew; -1 when it has no name any more or another's. No descriptor is kept: programs rely on the lowest free ones, close those they do
 * not know, and look for those they did not pass. flock(2) lasts as long as the mapping of the head, which was made through the locked descriptor. */
static int reopen(const CounterStore *store) {
  struct stat st;
  int fd = store->in_file ? open(store->path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
  if (fd >= 0 && fstat(fd, &st) == 0 && st.st_dev == store->device && st.st_ino == store->inode) return fd;
  if (fd >= 0) close(fd);
  return -1;
}

static void settle_file(CounterStore *store, int fd) {
  struct stat st;
  store->in_file = fstat(fd, &st) == 0;
  store->device = st.st_dev;
  store->inode = st.st_ino;
  close(fd);
}

static bool open_file(CounterStore *store, uint64_t instance, const char *name) {
  char directory[COUNTER_PATH_BYTES], temporary[64];
  store->state = COUNTER_FILE_NO_DIRECTORY;
  int dir = counter_directory(directory) ? counter_directory_open(directory) : -1;
  if (dir < 0) return false;
  counter_directory_trim(dir);
  int fd = make_file(dir, temporary, &store->state);
  bool ok = false;
  if (fd >= 0) {
    void *memory = mmap(NULL, head_bytes(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory != MAP_FAILED) {
      use_memory(store, memory);
      fill_header(store->header, instance, name);
      ok = publish(store, dir, directory, temporary);
      if (!ok) munmap(memory, head_bytes());
    } else {
      unlinkat(dir, temporary, 0);
    }
    if (ok)
      settle_file(store, fd);
    else
      close(fd), store->state = COUNTER_FILE_NO_FILE;
  }
  close(dir);
  return ok;
}

bool counter_store_open(CounterStore *store, uint64_t instance, const char *name, bool off) {
  OsQuiet quiet = os_quiet_begin();
  store->in_file = false;
  store->path[0] = 0;
  bool in_file = !off && open_file(store, instance, name);
  if (off) store->state = COUNTER_FILE_OFF;
  if (in_file) {
    store->state = COUNTER_FILE_OK;
  } else {
    void *memory = os_map(head_bytes(), os_page_bytes());
    if (!memory) {
      os_quiet_end(quiet);
      return false;
    }
    use_memory(store, memory);
    fill_header(store->header, instance, name);
  }
  store_relaxed(&store->global->counter_file_state, store->state);
  os_quiet_end(quiet);
  return true;
}

ThreadCounters *counter_store_block(CounterStore *store) {
  OsQuiet quiet = os_quiet_begin();
  ThreadCounters *block = NULL;
  int fd = reopen(store);
  if (fd >= 0) {
    uint64_t index = fetch_add_relaxed(&store->header->blocks, 1);
    if (reserve(fd, block_offset(index), pages(sizeof *block))) {
      void *memory = mmap(NULL, pages(sizeof *block), PROT_READ | PROT_WRITE, MAP_SHARED, fd, block_offset(index));
      if (memory != MAP_FAILED) {
        block = memory;
        block->index = index;
      }
    }
    close(fd);
  }
  if (!block && (block = os_map(pages(sizeof *block), os_page_bytes()))) {
    block->index = COUNTER_BLOCK_PRIVATE;
    if (store->in_file) counter_add_shared(&store->global->unpublished_threads, 1);
  }
  if (block) store_release(&block->ready, 1);
  os_quiet_end(quiet);
  return block;
}

void counter_block_unmap(ThreadCounters *block) { os_unmap(block, pages(sizeof *block)); }

void counter_store_remove_file(CounterStore *store) {
  if (store->path[0]) unlink(store->path);
  store->path[0] = 0;
}

void counter_store_close(CounterStore *store) {
  OsQuiet quiet = os_quiet_begin();
  counter_store_remove_file(store);
  os_unmap(store->header, head_bytes());
  store->in_file = false;
  os_quiet_end(quiet);
}

/* Puts private memory with the same content in the place of a mapping. When even that is refused the mapping stays as it is. */
static bool privatize(void *at, size_t bytes) {
  void *copy = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (copy == MAP_FAILED) return false;
  memcpy(copy, at, bytes);
  return mremap(copy, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, at) != MAP_FAILED;
}

/* Moves a mapping of the parent's file over to the same place of ours. */
static bool move_to_file(int fd, void *at, size_t bytes, off_t offset) {
  if (!reserve(fd, offset, bytes)) return false;
  for (size_t done = 0; done < bytes;) {
    ssize_t n = pwrite(fd, (char *)at + done, bytes - done, offset + (off_t)done);
    if (n <= 0) return false;
    done += (size_t)n;
  }
  return mmap(at, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, offset) != MAP_FAILED;
}

void counter_store_leave_parent(CounterStore *store) {
  if (!store->in_file) return;
  OsQuiet quiet = os_quiet_begin();
  privatize(store->header, head_bytes());
  store->in_file = false;
  store->path[0] = 0;
  store->state = COUNTER_FILE_FORKED;
  os_quiet_end(quiet);
}

void counter_block_leave_parent(ThreadCounters *block) {
  if (block->index == COUNTER_BLOCK_PRIVATE) return;
  OsQuiet quiet = os_quiet_begin();
  if (privatize(block, pages(sizeof *block))) block->index = COUNTER_BLOCK_PRIVATE;
  os_quiet_end(quiet);
}

void counter_store_republish(CounterStore *store) {
  OsQuiet quiet = os_quiet_begin();
  char name[COUNTER_NAME_BYTES], directory[COUNTER_PATH_BYTES], temporary[64];
  CounterFileHeader *h = store->header;
  memcpy(name, h->name, sizeof name);
  fill_header(h, h->instance, name);
  store_relaxed(&h->blocks, 0);
  if (store->state == COUNTER_FILE_FORKED) {
    store->state = COUNTER_FILE_NO_DIRECTORY;
    int dir = counter_directory(directory) ? counter_directory_open(directory) : -1;
    if (dir >= 0) counter_directory_trim(dir);
    int fd = dir < 0 ? -1 : make_file(dir, temporary, &store->state);
    if (fd >= 0 && move_to_file(fd, h, head_bytes(), 0)) {
      bool ok = publish(store, dir, directory, temporary);
      store->state = ok ? COUNTER_FILE_OK : COUNTER_FILE_NO_FILE;
      if (ok)
        settle_file(store, fd);
      else
        close(fd);
    } else if (fd >= 0) {
      unlinkat(dir, temporary, 0);
      close(fd);
      store->state = COUNTER_FILE_NO_SPACE;
    }
    if (dir >= 0) close(dir);
  }
  store_relaxed(&store->global->counter_file_state, store->state);
  os_quiet_end(quiet);
}

void counter_block_republish(CounterStore *store, ThreadCounters *block) {
  if (!store->in_file) return;
  OsQuiet quiet = os_quiet_begin();
  uint64_t index = fetch_add_relaxed(&store->header->blocks, 1);
  uint64_t before = block->index;
  block->index = index;
  int fd = reopen(store);
  if (fd < 0 || !move_to_file(fd, block, pages(sizeof *block), block_offset(index))) {
    block->index = before;
    counter_add_shared(&store->global->unpublished_threads, 1);
  }
  if (fd >= 0) close(fd);
  os_quiet_end(quiet);
}

const char *counter_file_state_name(uint64_t state) {
  static const char *const names[] = {"ok", "off", "no-directory", "no-file", "no-space", "forked"};
  return state < sizeof names / sizeof *names ? names[state] : "unknown";
}
