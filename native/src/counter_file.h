/* The counters of one instance in a memory-mapped file, for readers in other processes.
 *
 *   | CounterFileHeader | GlobalCounters | ThreadCounters | ThreadCounters | … |
 *
 * A reader maps the file read-only and takes no lock; the process executes nothing on its account. Every page is allocated before it is counted,
 * so a full file system is noticed here and not at a later store (a file that somebody cuts shorter is not). Where no file can be made the counters are private memory. The file has holes: places for
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

/* ---- layout ---- */

size_t counter_file_head_bytes(void); /* header and global counters */
GlobalCounters *counter_file_global(CounterFileHeader *h);
size_t counter_file_block_bytes(void); /* whole pages */
uint32_t counter_file_block_stride(void);
off_t counter_file_block_offset(uint64_t index);

/* ---- making one ---- */

/* name: NULL or a user's name. */
void counter_file_fill_header(CounterFileHeader *h, uint64_t instance, const char *name);

/* True when this process's files may not grow to so many bytes: a process that tries is sent SIGXFSZ. */
bool counter_file_is_over_limit(off_t size);

/* Allocates a range of the file now, so that no store to it can fail later. */
bool counter_file_reserve(int fd, off_t offset, size_t bytes);

/* A new file in the directory, under a name that no reader looks for yet; locked, its head allocated. -1, with the reason in *state, when it cannot be. */
int counter_file_make(int dir, char temporary[64], CounterFileState *state);

/* Gives the finished file its name, and tells its path. What this process left before an exec is replaced; another copy of this library in the process (a
 * preloaded one and the program's own both count instances from 1) keeps its file: then h->instance is the next free number. */
bool counter_file_publish(CounterFileHeader *h, int dir, const char *directory, const char *temporary, char path[COUNTER_PATH_BYTES]);

/* Text of a CounterFileState. */
const char *counter_file_state_name(uint64_t state);

/* $TSLAB_DIR, else $XDG_RUNTIME_DIR/tslab, else /dev/shm/tslab-<uid>. False when the path is too long. */
bool counter_directory(char path[COUNTER_PATH_BYTES]);

/* The directory, opened, made if need be. -1 unless it is a real directory of ours that nobody else may write to. */
int counter_directory_open(const char *path);

/* Removes the oldest of what dead processes left, so that a service that crashes in a loop does not fill the file system. */
void counter_directory_trim(int directory);

#endif
