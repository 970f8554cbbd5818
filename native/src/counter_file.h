/* The counters of one instance in a memory-mapped file, for readers in other processes.
 *
 *   | CounterFileHeader | GlobalCounters | ThreadCounters | ThreadCounters | … |
 *
 * A reader maps the file read-only and takes no lock; the process executes nothing on its account. Every page is allocated before it is counted,
 * so a full file system is noticed here and not at a later store. Where no file can be made the counters are private memory. The file has holes: places for
 * threads that have not come yet.
 *
 * Liveness: the process holds flock(2) on the file for life; its pid and start time stand in the header. It keeps no descriptor: the lock lives with the mapping.
 */
#ifndef SLAB_COUNTER_FILE_H
#define SLAB_COUNTER_FILE_H

#include <sys/types.h>

#include "counters.h"

#define COUNTER_FILE_MAGIC UINT64_C(0x31525443424C5354) /* "TSLBCTR1", little-endian */
#define COUNTER_FILE_LAYOUT 1u
#define COUNTER_FILE_ALIGN 65536u /* the largest page size: blocks can be mapped one by one on every machine */
#define COUNTER_NAME_BYTES 64
#define COUNTER_PATH_BYTES 512

/* Written once, before the file gets its name; only the fields marked so change afterwards. */
typedef struct CounterFileHeader {
  uint64_t magic;
  uint32_t layout; /* readers refuse any other */
  uint32_t header_bytes;
  uint32_t global_offset, global_bytes;
  uint32_t blocks_offset, block_stride, block_bytes;
  uint32_t epoch_count, class_count, label_buckets;
  uint32_t slab_bytes, page_bytes;
  uint32_t pid, uid;
  uint64_t start_ticks;       /* field 22 of /proc/pid/stat, in the process's own pid namespace */
  uint64_t created_realtime_ns;
  uint64_t instance;
  char command[COUNTER_NAME_BYTES]; /* NUL-terminated; whatever bytes the process calls itself */
  char name[COUNTER_NAME_BYTES];    /* given by the user, else empty */
  char version[16];
  Counter blocks;             /* changes: places for ThreadCounters handed out, all of them allocated; some may not be in use yet, see ThreadCounters.ready */
} CounterFileHeader;
_Static_assert(sizeof(CounterFileHeader) <= 4096, "the header fits a page");

/* Why an instance's counters are not in a file. */
typedef enum CounterFileState {
  COUNTER_FILE_OK = 0,
  COUNTER_FILE_OFF,          /* turned off by the user */
  COUNTER_FILE_NO_DIRECTORY, /* cannot be made, is a symlink, is somebody else's, or others may write to it */
  COUNTER_FILE_NO_FILE,      /* cannot be made or locked */
  COUNTER_FILE_NO_SPACE,     /* the file system is full */
  COUNTER_FILE_FORKED        /* a child that has not allocated since the fork */
} CounterFileState;

typedef struct CounterStore {
  CounterFileHeader *header; /* in the file, or private */
  GlobalCounters *global;
  char *window;              /* the first blocks' places in the file, mapped ahead; NULL: none */
  bool in_file;
  dev_t device;              /* of the file, which is opened again by its path: another's must not be written to */
  ino_t inode;
  CounterFileState state;
  char *copies;              /* between the handlers of a fork: see counter_store_before_fork */
  char path[COUNTER_PATH_BYTES];
} CounterStore;

/* Makes the store of an instance; falls back to private memory. False only when memory itself is refused. name: NULL or a user's name. */
bool counter_store_open(CounterStore *store, uint64_t instance, const char *name, bool off);

/* A zeroed block for one more thread, published to readers; private when the file cannot grow. NULL when memory is refused. Any thread. */
ThreadCounters *counter_store_block(CounterStore *store);

/* Removes the file; counting goes on. */
void counter_store_remove_file(CounterStore *store);

/* Ends the store and removes its file. Blocks are unmapped with counter_block_unmap, each. */
void counter_store_close(CounterStore *store);
void counter_block_unmap(ThreadCounters *block);

/* Copies what the child will go on to count into: the head and the blocks of the shared heap and of the forking thread (NULL: it has none). Before the fork, so
 * that the parent, which counts on, changes nothing of it; no section is being written, for the caller holds every lock. */
void counter_store_before_fork(CounterStore *store, const ThreadCounters *shared, const ThreadCounters *own);
void counter_store_after_fork_in_parent(CounterStore *store);

/* In the child, before anything is counted: the copies take the place of the parent's file, at the same addresses. */
void counter_store_leave_parent(CounterStore *store, ThreadCounters *shared, ThreadCounters *own);

/* Gives a store that left its parent a file of its own, and a block its place in it. */
void counter_store_republish(CounterStore *store);
void counter_block_republish(CounterStore *store, ThreadCounters *block);

/* Text of a CounterFileState. */
const char *counter_file_state_name(uint64_t state);

/* $TSLAB_DIR, else $XDG_RUNTIME_DIR/tslab, else /dev/shm/tslab-<uid>. False when the path is too long. */
bool counter_directory(char path[COUNTER_PATH_BYTES]);

/* The directory, opened, made if need be. -1 unless it is a real directory of ours that nobody else may write to. */
int counter_directory_open(const char *path);

/* Removes the oldest of what dead processes left, so that a service that crashes in a loop does not fill the file system. */
void counter_directory_trim(int directory);

#endif
