/* What a snapshot holds, as structs. The numbers come from temporal_slab_fields.def; the laws they obey:
 *
 *   every total_X                = sum over classes of X
 *   class partial + full         = sum over epochs of that class's partial + full
 *   reclaimable                 <= partial + full
 *   slabs_mapped                 = partial + full + cache_size + cache_overflow_len
 *   live_objects                 = bitmap_alloc_attempts - bitmap_free_attempts
 *   sum over labels of X         = X                                    (builds with ENABLE_LABEL_CONTENTION)
 *   epoch_closed + cache_miss   <= slow_path_hits
 */
#ifndef TEMPORAL_SLAB_STATS_H
#define TEMPORAL_SLAB_STATS_H

#include <stdbool.h>
#include <stdint.h>

#define SLAB_CLASS_COUNT 8
#define SLAB_EPOCH_COUNT 16
#define SLAB_LABEL_COUNT 16      /* ids; 0 = unlabeled and overflow */
#define SLAB_LABEL_BYTES 32      /* 31 and a NUL */
#define SLAB_MAX_OBJECT_BYTES 768

/* Structs: pick the rows of one scope out of the table. */
#define SLAB_ROWS_TOP_TOP(type, name) type name;
#define SLAB_ROWS_TOP_CLASS(type, name)
#define SLAB_ROWS_TOP_EPOCH(type, name)
#define SLAB_ROWS_TOP_CLOSE(type, name)
#define SLAB_ROWS_CLASS_TOP(type, name)
#define SLAB_ROWS_CLASS_CLASS(type, name) type name;
#define SLAB_ROWS_CLASS_EPOCH(type, name)
#define SLAB_ROWS_CLASS_CLOSE(type, name)
#define SLAB_ROWS_EPOCH_TOP(type, name)
#define SLAB_ROWS_EPOCH_CLASS(type, name)
#define SLAB_ROWS_EPOCH_EPOCH(type, name) type name;
#define SLAB_ROWS_EPOCH_CLOSE(type, name)
#define SLAB_ROWS_CLOSE_TOP(type, name)
#define SLAB_ROWS_CLOSE_CLASS(type, name)
#define SLAB_ROWS_CLOSE_EPOCH(type, name)
#define SLAB_ROWS_CLOSE_CLOSE(type, name) type name;

typedef enum SlabEpochState { SLAB_EPOCH_CLOSING = 0, SLAB_EPOCH_ACTIVE = 1 } SlabEpochState;

typedef struct SlabEpochCloseStats {
#define U64(scope, name, kind) SLAB_ROWS_CLOSE_##scope(uint64_t, name)
#define F64(scope, name, kind) SLAB_ROWS_CLOSE_##scope(double, name)
#include "temporal_slab_fields.def"
#undef U64
#undef F64
  char label[SLAB_LABEL_BYTES];      /* that the epoch bore; UTF-8, NUL-terminated */
} SlabEpochCloseStats;

typedef struct SlabGlobalStats {
#define U64(scope, name, kind) SLAB_ROWS_TOP_##scope(uint64_t, name)
#define F64(scope, name, kind) SLAB_ROWS_TOP_##scope(double, name)
#include "temporal_slab_fields.def"
#undef U64
#undef F64
  uint64_t instance;                 /* of the allocator in this process, from 1 */
  bool torn;                         /* some section could not be read consistently within 41 ms */
  bool ever_closed;                  /* last_epoch_close and longest_epoch_close are meaningful */
  bool label_contention;             /* built with ENABLE_LABEL_CONTENTION */
  bool live;                         /* the process runs; false for what a dead one left */
  bool rss_known;                    /* rss_bytes_current could be read */
  const char *counter_file;          /* "ok", or why other processes cannot read the counters */
  char command[64], name[64];        /* of the process; name given by its user, else "" */
  SlabEpochCloseStats last_epoch_close;
  SlabEpochCloseStats longest_epoch_close; /* of late: replaced by one as long, and by any that comes more than a minute later */
  uint32_t label_count;              /* ids in use, id 0 included */
  char labels[SLAB_LABEL_COUNT][SLAB_LABEL_BYTES];
} SlabGlobalStats;

typedef struct SlabLabelContention {
  uint64_t lock_fast_acquire[SLAB_LABEL_COUNT];
  uint64_t lock_contended[SLAB_LABEL_COUNT];
  uint64_t bitmap_alloc_cas_retries[SLAB_LABEL_COUNT];
  uint64_t bitmap_free_cas_retries[SLAB_LABEL_COUNT];
} SlabLabelContention;

typedef struct SlabClassStats {
#define U64(scope, name, kind) SLAB_ROWS_CLASS_##scope(uint64_t, name)
#define F64(scope, name, kind) SLAB_ROWS_CLASS_##scope(double, name)
#include "temporal_slab_fields.def"
#undef U64
#undef F64
  SlabLabelContention by_label;      /* zero unless label_contention */
} SlabClassStats;

typedef struct SlabEpochStats {
#define U64(scope, name, kind) SLAB_ROWS_EPOCH_##scope(uint64_t, name)
#define F64(scope, name, kind) SLAB_ROWS_EPOCH_##scope(double, name)
#include "temporal_slab_fields.def"
#undef U64
#undef F64
  SlabEpochState state;
  uint32_t label_id;
  char label[SLAB_LABEL_BYTES];      /* UTF-8, NUL-terminated */
} SlabEpochStats;

typedef struct SlabSnapshot {
  SlabGlobalStats global;
  SlabClassStats classes[SLAB_CLASS_COUNT];
  SlabEpochStats epochs[SLAB_EPOCH_COUNT];
} SlabSnapshot;

#endif
