/* Reads the counter file of another process, alive or dead, without trusting a byte of it. */
#ifndef SLAB_COUNTER_READER_H
#define SLAB_COUNTER_READER_H

#include <stddef.h>

#include "counter_file.h"
#include "temporal_slab_stats.h"

typedef enum CounterReadResult {
  COUNTER_READ_OK = 0,
  COUNTER_READ_NO_FILE,   /* not there */
  COUNTER_READ_REFUSED,   /* a symlink, not a regular file, not ours, or writable by others */
  COUNTER_READ_MALFORMED, /* too short, or not a counter file */
  COUNTER_READ_VERSION,   /* of another layout */
  COUNTER_READ_SHRUNK     /* became shorter while it was read */
} CounterReadResult;

typedef struct CounterReader {
  int fd;
  size_t bytes;
  CounterFileHeader *header; /* read-only mapping of the whole file */
  CounterFileHeader identity; /* copied and checked once: pid, start_ticks, instance, command, name (both NUL-terminated) */
} CounterReader;

/* Opens a file. error (bytes long) receives one line for people, with what was expected and found. On OK counter_reader_close follows. */
CounterReadResult counter_reader_open(CounterReader *reader, const char *path, char *error, size_t bytes);
void counter_reader_close(CounterReader *reader);

/* One snapshot, as of now. process: pid under which this process sees the target, 0 when it does not; used for RSS.
 * Sets everything but what only the caller knows (see SlabGlobalStats). Not thread-safe: it catches SIGBUS meanwhile. */
CounterReadResult counter_reader_read(CounterReader *reader, uint32_t process, SlabSnapshot *out);

/* The process that made the file still runs: it holds the lock, or it has lost the descriptor but still maps the file. process: as for
 * counter_reader_read; with 0 the file's own pid is tried. */
bool counter_reader_is_live(const CounterReader *reader, uint32_t process);

#endif
