/* Everything that can be observed, and nothing else: plain 64-bit counters in blocks with one writer each.
 * A snapshot (snapshot.c) is computed from these blocks alone. The allocator's own decisions that memory safety depends on never read them.
 *
 *   ThreadCounters   one per heap; written by the heap's thread only (the shared heap's by any thread, with read-modify-writes)
 *   ClassCounters    one per class; written under the class lock, whole sections behind `seq`
 *   EpochCounters    one per ring slot; `word` by compare-and-swap, the rest under the epoch lock behind `seq`
 *   GlobalCounters   several writers, cold paths
 */
#ifndef SLAB_COUNTERS_H
#define SLAB_COUNTERS_H

#include "atomics.h"
#include "config.h"

/* Label ids that contention is attributed to. Totals are sums over them, so the law between them is true by construction. Builds without
 * ENABLE_LABEL_CONTENTION count into id 0 alone; the layout is the same. */
#define LABEL_BUCKETS SLAB_LABEL_COUNT

typedef struct ThreadClassCounters {
  Counter slow_path_hits;
  Counter cache_miss;
  Counter epoch_closed;
  Counter current_null;
  Counter current_full;
  Counter pending_cas_attempts; /* handing a slab with remote frees to its owner: what makes it allocatable again */
  Counter pending_cas_failures;
  Counter invalid_frees;
  Counter alloc_failures;
  Counter remote_frees;
  Counter lock_fast[LABEL_BUCKETS];
  Counter lock_contended[LABEL_BUCKETS];
  Counter alloc_cas_retries[LABEL_BUCKETS]; /* collecting remotely freed slots, for allocation */
  Counter free_cas_retries[LABEL_BUCKETS];  /* marking a slot as remotely freed */
} ThreadClassCounters;

/* Sums over all threads, per bin:
 *   live objects = allocs - frees + ClassCounters.moved_in - moved_out
 *                                            full slabs  = to_full - to_partial - ClassCounters.full_detached
 *                                            empty slabs = to_empty - from_empty - ClassCounters.empty_detached
 * allocs also grows by one when a double free by two racing threads was taken for two frees and is found out later, so that the first
 * equation stays true. */
typedef struct ThreadCounters {
  Counter allocs[BIN_COUNT];
  Counter frees[BIN_COUNT];
  Counter to_full[BIN_COUNT];
  Counter to_partial[BIN_COUNT];
  Counter to_empty[BIN_COUNT];
  Counter from_empty[BIN_COUNT];
  ThreadClassCounters classes[SLAB_CLASS_COUNT];
  Counter unattributed_invalid_frees;
  Counter refused_sizes;
  Counter ready;          /* 1 once the block is in use: a reader passes over the others */
  uint64_t index;         /* place in the counter file, or COUNTER_BLOCK_PRIVATE */
  uint64_t several_writers; /* the shared heap's block */
} ThreadCounters;
#define COUNTER_BLOCK_PRIVATE UINT64_MAX

/* One event more in a thread's block; cold paths, which may be counting into the shared heap's. */
static inline void tally(ThreadCounters *t, Counter *c, uint64_t n) {
#ifdef TSLAB_NO_COUNTERS
  (void)t, (void)c, (void)n;
  return;
#endif
  if (t->several_writers)
    counter_add_shared(c, n);
  else
    counter_add(c, n);
}

/* Frees that returned true and turn out to have been one too many: no second object was freed. */
static inline void slab_count_duplicates(ThreadCounters *t, uint32_t bin, uint64_t n) {
  tally(t, &t->classes[BIN_CLASS(bin)].invalid_frees, n);
  tally(t, &t->allocs[bin], n);
}

/*   slabs in epoch e = attached[e] - detached[e]
 *   new_slabs        = sum over e (attached[e] - detached[e]) + cached + overflow */
typedef struct ClassCounters {
  Counter seq; /* odd while a section is being written */
  Counter new_slabs;
  Counter cached;
  Counter overflow;
  Counter recycled;
  Counter overflowed;
  Counter madvise_calls;
  Counter madvise_bytes;
  Counter madvise_failures;
  Counter close_calls;
  Counter close_scanned;
  Counter close_recycled;
  Counter close_ns;
  Counter attached[SLAB_EPOCH_COUNT];
  Counter detached[SLAB_EPOCH_COUNT];
  Counter full_detached[SLAB_EPOCH_COUNT];
  Counter empty_detached[SLAB_EPOCH_COUNT];
  Counter moved_in[SLAB_EPOCH_COUNT]; /* objects, by epoch_merge; both sum to the same */
  Counter moved_out[SLAB_EPOCH_COUNT];
} ClassCounters;

/* word = era << 21 | refcount << 1 | active. One word, so that nobody ever sees the refcount of one incarnation with the era of another. */
#define EPOCH_ACTIVE_BIT UINT64_C(1)
#define EPOCH_REF_ONE UINT64_C(2)
#define EPOCH_REF_MAX ((UINT64_C(1) << 20) - 1)
#define EPOCH_WORD(era, refs, active) ((era) << 21 | (uint64_t)(refs) << 1 | (uint64_t)(active))
#define EPOCH_ERA(word) ((word) >> 21)
#define EPOCH_REFS(word) ((word) >> 1 & EPOCH_REF_MAX)
#define EPOCH_IS_ACTIVE(word) (((word) & EPOCH_ACTIVE_BIT) != 0)

#define LABEL_WORDS (SLAB_LABEL_BYTES / 8)

typedef struct EpochCounters {
  Counter word;
  Counter seq;
  Counter opened_monotonic_ns;
  Counter opened_realtime_ns;
  Counter closed_monotonic_ns; /* 0 while ACTIVE */
  Counter label_id;
  Counter label[LABEL_WORDS];
  Counter rss_before_close;
  Counter rss_after_close;
  Counter close_madvise_bytes; /* given back by epoch_close, between the two readings of RSS */
  Counter close_calls;
  Counter close_ns;       /* time that passed in them, and slabs they looked at */
  Counter close_scanned;
  Counter refused_allocs; /* since the incarnation opened */
} EpochCounters;

/* One epoch_close; written under the epoch lock. */
typedef struct CloseCounters {
  Counter seq;
  Counter timestamp_ns;
  Counter epoch_id;
  Counter epoch_era;
  Counter label[LABEL_WORDS];
  Counter duration_ns;
  Counter scanned;
  Counter rss_before;
  Counter rss_after;
  Counter madvise_bytes;
} CloseCounters;

typedef struct GlobalCounters {
  Counter instance;
  Counter label_contention;    /* built with ENABLE_LABEL_CONTENTION */
  Counter counter_file_state;  /* CounterFileState */
  Counter unpublished_threads; /* whose block is not in the file, for want of space */
  Counter current_epoch;
  Counter epoch_advances;
  Counter epoch_advances_refused;
  Counter epoch_slots_skipped;
  Counter domain_misuses;
  Counter label_registry_overflows;
  Counter handshake_deferrals;
  Counter mmap_calls;
  Counter mmap_failures;
  Counter mapped_bytes;
  Counter metadata_bytes;
  Counter threads;
  Counter merge_seq;           /* odd while epoch_merge moves objects from epoch to epoch */
  Counter label_count; /* published after the text: ids below it may be read without a lock */
  Counter labels[SLAB_LABEL_COUNT][LABEL_WORDS];
  CloseCounters last_close;
  CloseCounters longest_close; /* of late: gives way to a longer one, and to any after LONGEST_CLOSE_NS */
  EpochCounters epochs[SLAB_EPOCH_COUNT];
  ClassCounters classes[SLAB_CLASS_COUNT];
} GlobalCounters;

/* A section that must be read as a whole. One writer at a time (its lock is the caller's). */
static inline void section_begin(Counter *seq) {
  store_relaxed(seq, load_relaxed(seq) + 1);
  order_release();
}
static inline void section_end(Counter *seq) { store_release(seq, load_relaxed(seq) + 1); }

/* Reading: begin; read with load_relaxed; valid? else again. */
static inline uint64_t section_read(Counter *seq) { return load_acquire(seq); }
static inline bool section_valid(Counter *seq, uint64_t begun) {
  order_acquire();
  return (begun & 1) == 0 && load_relaxed(seq) == begun;
}

#endif
