#include "counter_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
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

/* Blocks that the file has a length for from the start. */
#define WINDOW_BLOCKS 256u
#define WINDOW_BYTES ((size_t)WINDOW_BLOCKS * block_stride())

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif

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

/* A file may not grow so large: who tries is sent SIGXFSZ. */
static bool is_over_limit(off_t size) {
  struct rlimit limit;
  return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && (rlim_t)size > limit.rlim_cur;
}

/* Allocates a range of the file now, so that no store to it can fail later. */
static bool reserve(int fd, off_t offset, size_t bytes) {
  int result;
  if (is_over_limit(offset + (off_t)bytes)) return false;
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

/* Another process, or another copy of this library in this one, counts into the file. */
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

/* The file, opened anew; -1 when it cannot be reached, or its name is another's now. */
static int reopen(const CounterStore *store) {
  struct stat st;
  int fd = open(store->path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd >= 0 && fstat(fd, &st) == 0 && st.st_dev == store->device && st.st_ino == store->inode) return fd;
  if (fd >= 0) close(fd);
  return -1;
}

/* Maps what the first blocks will stand in: a program may give up its rights, change its root or forbid itself to open files before it starts threads.
 * Through a description of its own, which has no lock: a forked child keeps these mappings for a while, and the lock is its parent's. */
static void map_window(CounterStore *store) {
  store->window = NULL;
  int fd = is_over_limit(block_offset(WINDOW_BLOCKS)) ? -1 : reopen(store);
  if (fd < 0) return;
  if (ftruncate(fd, block_offset(WINDOW_BLOCKS)) == 0) {
    void *memory = mmap(NULL, WINDOW_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, block_offset(0));
    if (memory != MAP_FAILED) store->window = memory;
  }
  close(fd);
}

/* Unmaps what no block was taken from; a block is unmapped with its stride (counter_block_unmap). */
static void unmap_rest_of_window(CounterStore *store) {
  uint64_t taken = load_relaxed(&store->header->blocks);
  if (store->window && taken < WINDOW_BLOCKS) munmap(store->window + taken * block_stride(), (WINDOW_BLOCKS - taken) * block_stride());
  store->window = NULL;
}

/* The file has its name and is mapped. The descriptor goes: programs rely on which ones are free, close those they do not know, and look for those they did not
 * pass on. The lock stays, for it belongs to the open file description, which the mapping of the head holds (flock(2), mmap(2)). */
static void settle_file(CounterStore *store, int fd) {
  struct stat st;
  store->in_file = fstat(fd, &st) == 0;
  store->device = st.st_dev;
  store->inode = st.st_ino;
  close(fd);
  map_window(store);
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
    if (ok) {
      settle_file(store, fd);
    } else {
      close(fd);
      store->state = COUNTER_FILE_NO_FILE;
    }
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
  store_relaxed(&store->global->instance, store->header->instance);
  store_relaxed(&store->global->counter_file_state, store->state);
  os_quiet_end(quiet);
  return true;
}

/* The file's place number index, allocated. The system call asks the kernel for the pages without a descriptor; where it does not know it, the path is needed. */
static ThreadCounters *window_block(CounterStore *store, uint64_t index) {
  char *block = store->window + index * block_stride();
  if (madvise(block, pages(sizeof(ThreadCounters)), MADV_POPULATE_WRITE) == 0) return (ThreadCounters *)(void *)block;
  int fd = reopen(store);
  bool reserved = fd >= 0 && reserve(fd, block_offset(index), pages(sizeof(ThreadCounters)));
  if (fd >= 0) close(fd);
  return reserved ? (ThreadCounters *)(void *)block : NULL;
}

static ThreadCounters *far_block(CounterStore *store, uint64_t index) {
  void *memory = MAP_FAILED;
  int fd = reopen(store);
  if (fd >= 0 && reserve(fd, block_offset(index), pages(sizeof(ThreadCounters))))
    memory = mmap(NULL, block_stride(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, block_offset(index));
  if (fd >= 0) close(fd);
  return memory == MAP_FAILED ? NULL : memory;
}

/* The next free place. It is counted once it is allocated: a reader never touches one that is not. */
static ThreadCounters *take_place(CounterStore *store) {
  uint64_t index = load_relaxed(&store->header->blocks);
  for (;;) {
    uint64_t mine = index;
    bool near = store->window && mine < WINDOW_BLOCKS;
    ThreadCounters *block = near ? window_block(store, mine) : far_block(store, mine);
    if (!block) return NULL;
    if (cas_acq_rel(&store->header->blocks, &index, mine + 1)) {
      block->index = mine;
      return block;
    }
    if (!near) counter_block_unmap(block);
  }
}

ThreadCounters *counter_store_block(CounterStore *store) {
  OsQuiet quiet = os_quiet_begin();
  ThreadCounters *block = store->in_file ? take_place(store) : NULL;
  if (!block && (block = os_map(block_stride(), os_page_bytes()))) {
    block->index = COUNTER_BLOCK_PRIVATE;
    if (store->in_file) counter_add_shared(&store->global->unpublished_threads, 1);
  }
  if (block) store_release(&block->ready, 1);
  os_quiet_end(quiet);
  return block;
}

void counter_block_unmap(ThreadCounters *block) { os_unmap(block, block_stride()); }

void counter_store_remove_file(CounterStore *store) {
  if (store->path[0]) unlink(store->path);
  store->path[0] = 0;
}

void counter_store_close(CounterStore *store) {
  OsQuiet quiet = os_quiet_begin();
  counter_store_remove_file(store);
  if (store->in_file) unmap_rest_of_window(store);
  os_unmap(store->header, head_bytes());
  store->in_file = false;
  os_quiet_end(quiet);
}

/* ---- fork ---- */

/* What the forking thread goes on to write in the child: the head, the shared block, its own. */
static size_t copies_bytes(void) { return head_bytes() + 2 * (size_t)block_stride(); }

/* Word by word: other threads go on counting. */
static void copy_counters(void *to, const void *from, size_t bytes) {
  Counter *target = to;
  Counter *source = (Counter *)(uintptr_t)from;
  for (size_t i = 0; i < bytes / sizeof *target; i++) store_relaxed(&target[i], load_relaxed(&source[i]));
}

void counter_store_before_fork(CounterStore *store, const ThreadCounters *shared, const ThreadCounters *own) {
  if (!store->in_file) return;
  char *copy = mmap(NULL, copies_bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (copy == MAP_FAILED) return;
  copy_counters(copy, store->header, head_bytes());
  copy_counters(copy + head_bytes(), shared, sizeof *shared);
  if (own) copy_counters(copy + head_bytes() + block_stride(), own, sizeof *own);
  store->copies = copy;
}

void counter_store_after_fork_in_parent(CounterStore *store) {
  if (store->copies) munmap(store->copies, copies_bytes());
  store->copies = NULL;
}

/* Puts private memory in the place of a mapping, at the same address. */
static bool replace(void *at, void *copy, size_t bytes) { return mremap(copy, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, at) != MAP_FAILED; }

/* No copy could be made before the fork: one is now, though the parent goes on writing. */
static char *copy_late(const CounterStore *store, const ThreadCounters *shared, const ThreadCounters *own) {
  CounterStore late = {.in_file = true, .header = store->header};
  counter_store_before_fork(&late, shared, own);
  return late.copies;
}

void counter_store_leave_parent(CounterStore *store, ThreadCounters *shared, ThreadCounters *own) {
  if (!store->in_file) return;
  OsQuiet quiet = os_quiet_begin();
  char *copy = store->copies ? store->copies : copy_late(store, shared, own);
  store->copies = NULL;
  store->in_file = false;
  store->path[0] = 0;
  store->state = COUNTER_FILE_FORKED;
  if (copy) { /* else everything stays as it is: the child counts into its parent's file */
    if (replace(store->header, copy, head_bytes())) unmap_rest_of_window(store);
    if (replace(shared, copy + head_bytes(), block_stride())) shared->index = COUNTER_BLOCK_PRIVATE;
    if (own && replace(own, copy + head_bytes() + block_stride(), block_stride())) own->index = COUNTER_BLOCK_PRIVATE;
  }
  os_quiet_end(quiet);
}

/* Moves memory over to a file, at the same address. room: bytes of address space. */
static bool move_to_file(int fd, void *at, size_t bytes, size_t room, off_t offset) {
  if (!reserve(fd, offset, bytes)) return false;
  for (size_t done = 0; done < bytes;) {
    ssize_t n = pwrite(fd, (char *)at + done, bytes - done, offset + (off_t)done);
    if (n <= 0) return false;
    done += (size_t)n;
  }
  return mmap(at, room, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, offset) != MAP_FAILED;
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
    if (fd >= 0 && move_to_file(fd, h, head_bytes(), head_bytes(), 0)) {
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
  store_relaxed(&store->global->instance, h->instance);
  store_relaxed(&store->global->counter_file_state, store->state);
  os_quiet_end(quiet);
}

void counter_block_republish(CounterStore *store, ThreadCounters *block) {
  if (!store->in_file) return;
  OsQuiet quiet = os_quiet_begin();
  uint64_t index = load_relaxed(&store->header->blocks), before = block->index;
  int fd = reopen(store);
  block->index = index;
  if (fd >= 0 && move_to_file(fd, block, pages(sizeof *block), block_stride(), block_offset(index))) {
    store_release(&store->header->blocks, index + 1);
    if (store->window && index < WINDOW_BLOCKS) munmap(store->window + index * block_stride(), block_stride());
  } else {
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
