/* The counters of one instance: in a file, or in private memory; across forks. */
#include "counter_store.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os.h"

/* Blocks that the file has a length for from the start. */
#define WINDOW_BLOCKS 256u
#define WINDOW_BYTES ((size_t)WINDOW_BLOCKS * counter_file_block_stride())

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif

static void use_memory(CounterStore *store, void *memory) {
  store->header = memory;
  store->global = counter_file_global(memory);
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
  int fd = counter_file_is_over_limit(counter_file_block_offset(WINDOW_BLOCKS)) ? -1 : reopen(store);
  if (fd < 0) return;
  if (ftruncate(fd, counter_file_block_offset(WINDOW_BLOCKS)) == 0) {
    void *memory = mmap(NULL, WINDOW_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, counter_file_block_offset(0));
    if (memory != MAP_FAILED) store->window = memory;
  }
  close(fd);
}

/* Unmaps what no block was taken from: a block that was has been moved away. */
static void unmap_rest_of_window(CounterStore *store) {
  uint64_t taken = load_relaxed(&store->header->blocks);
  if (store->window && taken < WINDOW_BLOCKS) munmap(store->window + taken * counter_file_block_stride(), (WINDOW_BLOCKS - taken) * counter_file_block_stride());
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
  int fd = counter_file_make(dir, temporary, &store->state);
  bool ok = false;
  if (fd >= 0) {
    void *memory = mmap(NULL, counter_file_head_bytes(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory != MAP_FAILED) {
      use_memory(store, memory);
      counter_file_fill_header(store->header, instance, name);
      ok = counter_file_publish(store->header, dir, directory, temporary, store->path);
      if (!ok) munmap(memory, counter_file_head_bytes());
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
    void *memory = os_map(counter_file_head_bytes(), os_page_bytes());
    if (!memory) {
      os_quiet_end(quiet);
      return false;
    }
    use_memory(store, memory);
    counter_file_fill_header(store->header, instance, name);
  }
  store_relaxed(&store->global->instance, store->header->instance);
  store_relaxed(&store->global->counter_file_state, store->state);
  os_quiet_end(quiet);
  return true;
}

/* The place number index in the window, allocated. The system call asks the kernel for the pages without a descriptor; where it does not know it, the path is needed. */
static void *window_place(CounterStore *store, uint64_t index) {
  char *place = store->window + index * counter_file_block_stride();
  if (madvise(place, counter_file_block_bytes(), MADV_POPULATE_WRITE) == 0) return place;
  int fd = reopen(store);
  bool reserved = fd >= 0 && counter_file_reserve(fd, counter_file_block_offset(index), counter_file_block_bytes());
  if (fd >= 0) close(fd);
  return reserved ? place : NULL;
}

/* One behind it, allocated and mapped. */
static void *far_place(CounterStore *store, uint64_t index) {
  void *place = MAP_FAILED;
  int fd = reopen(store);
  if (fd >= 0 && counter_file_reserve(fd, counter_file_block_offset(index), counter_file_block_bytes()))
    place = mmap(NULL, counter_file_block_stride(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, counter_file_block_offset(index));
  if (fd >= 0) close(fd);
  return place == MAP_FAILED ? NULL : place;
}

/* The next free place of the file, mapped, and its number. It is counted once it is allocated: a reader never touches one that is not. NULL when there is none.
 * That one could not be had counts only while it is free: another thread that took it has moved it away. */
static void *take_place(CounterStore *store, uint64_t *index) {
  *index = load_relaxed(&store->header->blocks);
  for (;;) {
    uint64_t next = *index;
    bool near = store->window && next < WINDOW_BLOCKS;
    void *place = near ? window_place(store, next) : far_place(store, next);
    if (place && cas_acq_rel(&store->header->blocks, &next, next + 1)) return place;
    if (place && !near) os_unmap(place, counter_file_block_stride());
    uint64_t taken = load_relaxed(&store->header->blocks);
    if (taken == *index) return NULL;
    *index = taken;
  }
}

bool counter_store_block(CounterStore *store, ThreadCounters *at) {
  OsQuiet quiet = os_quiet_begin();
  size_t bytes = counter_file_block_stride();
  uint64_t index;
  void *place = store->in_file ? take_place(store, &index) : NULL;
  bool ok = true;
  if (place && os_move_over(at, place, bytes)) {
    at->index = index;
  } else {
    if (place) { /* counted, but never ready: readers pass over it */
      os_unmap(place, bytes);
      ok = os_map_over(at, bytes);
    }
    if (ok) at->index = COUNTER_BLOCK_PRIVATE;
    if (store->in_file) counter_add_shared(&store->global->unpublished_threads, 1);
  }
  if (ok) store_release(&at->ready, 1);
  os_quiet_end(quiet);
  return ok;
}

bool counter_block_end(ThreadCounters *block) { return os_map_over(block, counter_file_block_stride()); }

void counter_store_remove_file(CounterStore *store) {
  if (store->path[0] && store->header->pid == (uint32_t)getpid()) unlink(store->path);
  store->path[0] = 0;
}

void counter_store_close(CounterStore *store) {
  OsQuiet quiet = os_quiet_begin();
  counter_store_remove_file(store);
  if (store->in_file) unmap_rest_of_window(store);
  os_unmap(store->header, counter_file_head_bytes());
  store->in_file = false;
  os_quiet_end(quiet);
}

/* ---- fork ---- */

/* What the forking thread goes on to write in the child: the head, the shared block, its own. */
static size_t copies_bytes(void) { return counter_file_head_bytes() + 2 * (size_t)counter_file_block_stride(); }

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
  copy_counters(copy, store->header, counter_file_head_bytes());
  copy_counters(copy + counter_file_head_bytes(), shared, sizeof *shared);
  if (own) copy_counters(copy + counter_file_head_bytes() + counter_file_block_stride(), own, sizeof *own);
  store->copies = copy;
}

void counter_store_after_fork_in_parent(CounterStore *store) {
  if (store->copies) munmap(store->copies, copies_bytes());
  store->copies = NULL;
}

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
    if (os_move_over(store->header, copy, counter_file_head_bytes())) unmap_rest_of_window(store);
    if (os_move_over(shared, copy + counter_file_head_bytes(), counter_file_block_stride())) shared->index = COUNTER_BLOCK_PRIVATE;
    if (own && os_move_over(own, copy + counter_file_head_bytes() + counter_file_block_stride(), counter_file_block_stride())) own->index = COUNTER_BLOCK_PRIVATE;
  }
  os_quiet_end(quiet);
}

/* Moves memory over to a file, at the same address. room: bytes of address space. */
static bool move_to_file(int fd, void *at, size_t bytes, size_t room, off_t offset) {
  if (!counter_file_reserve(fd, offset, bytes)) return false;
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
  counter_file_fill_header(h, h->instance, name);
  store_relaxed(&h->blocks, 0);
  if (store->state == COUNTER_FILE_FORKED) {
    store->state = COUNTER_FILE_NO_DIRECTORY;
    int dir = counter_directory(directory) ? counter_directory_open(directory) : -1;
    if (dir >= 0) counter_directory_trim(dir);
    int fd = dir < 0 ? -1 : counter_file_make(dir, temporary, &store->state);
    if (fd >= 0 && move_to_file(fd, h, counter_file_head_bytes(), counter_file_head_bytes(), 0)) {
      bool ok = counter_file_publish(store->header, dir, directory, temporary, store->path);
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
  if (fd >= 0 && move_to_file(fd, block, counter_file_block_bytes(), counter_file_block_stride(), counter_file_block_offset(index))) {
    store_release(&store->header->blocks, index + 1);
    if (store->window && index < WINDOW_BLOCKS) munmap(store->window + index * counter_file_block_stride(), counter_file_block_stride());
  } else {
    block->index = before;
    counter_add_shared(&store->global->unpublished_threads, 1);
  }
  if (fd >= 0) close(fd);
  os_quiet_end(quiet);
}
