/* temporal-slab: a slab allocator that groups objects by lifetime.
 *
 * Every function may be called from any thread at any time unless its comment says otherwise; none is async-signal-safe.
 * The library never aborts, never prints and never blocks its host on a system call: what cannot be done is refused,
 * counted and reported. Its counter file must be left as it is while the process runs: removing it only hides it, but
 * whoever cuts it shorter (the same user, or root) kills the process with SIGBUS, as with any mapped file.
 */
#ifndef TEMPORAL_SLAB_H
#define TEMPORAL_SLAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "temporal_slab_stats.h"

#define TEMPORAL_SLAB_VERSION "0.1.0"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* An allocator instance. Instances share nothing but the address-space map; objects never cross from one to another. */
typedef struct SlabAllocator SlabAllocator;

/* Names one allocation of one allocator for its whole life; 0 is never valid. Copyable, comparable, meaningless elsewhere. */
typedef uint64_t SlabHandle;

/* Index of a slot in the epoch ring, 0 … SLAB_EPOCH_COUNT-1. The slot's incarnation is told by its era. */
typedef uint32_t EpochId;
#define EPOCH_INVALID UINT32_MAX

/* A scoped holder of one incarnation of an epoch. */
typedef struct epoch_domain epoch_domain_t;

typedef enum SlabResult {
  SLAB_OK = 0,
  SLAB_ERR_ARGUMENT,     /* NULL, an epoch outside the ring, a label that is not UTF-8 */
  SLAB_ERR_NOMEM,        /* the system gave no memory */
  SLAB_ERR_CLOSED,       /* the epoch is CLOSING, or was never opened */
  SLAB_ERR_STALE,        /* the slot has another incarnation now */
  SLAB_ERR_WRONG_THREAD, /* the domain was entered on another thread */
  SLAB_ERR_WRONG_ORDER,  /* not the innermost domain of this thread, or not inside it */
  SLAB_ERR_BUSY,         /* somebody is still inside */
  SLAB_ERR_UNDERFLOW     /* refcount is 0 already */
} SlabResult;

/* ---- instances ---- */

/* New instance with epoch 0 open (era 1). NULL when the system gives no memory. */
SlabAllocator *slab_allocator_create(void);

typedef struct SlabOptions {
  size_t struct_bytes;    /* sizeof(SlabOptions): lets later versions add fields */
  const char *name;       /* shown by `tslab ps` and matched by --name; at most 63 bytes are kept. NULL: $TSLAB_NAME, else none */
  bool private_counters;  /* keep the counters out of the file that other processes can read. Also: TSLAB_COUNTERS=off */
} SlabOptions;

/* The same with options; NULL stands for all defaults. By default the counters stand in a file of the directory $TSLAB_DIR, else
 * $XDG_RUNTIME_DIR/tslab, else /dev/shm/tslab-<uid>, for `stats_dump --pid` and tslab to read. Where none can be made the instance works without
 * and its snapshot says why (counter_file). */
SlabAllocator *slab_allocator_create_with(const SlabOptions *options);

/* Path of the instance's counter file, "" when it has none. Valid while the instance lives. */
const char *slab_counters_path(SlabAllocator *alloc);

/* Ends an instance and returns all its memory, objects included. No thread may be inside a call on it or use it afterwards
 * (threads that used it before may live on). NULL is ignored. */
void slab_allocator_free(SlabAllocator *alloc);

/* ---- objects ---- */

/* Allocates size bytes (1 … 768, 16-byte aligned, not zeroed) in an epoch and writes its handle to *out.
 * NULL, with *out = 0, when size or epoch is out of range, the epoch is CLOSING, or memory is exhausted; each is counted. */
void *alloc_obj_epoch(SlabAllocator *alloc, uint32_t size, EpochId epoch, SlabHandle *out);

/* Frees by handle, from any thread. False, counted and without effect for a handle that is 0, stale, forged, freed already
 * or of another instance. */
bool free_obj(SlabAllocator *alloc, SlabHandle handle);

/* The same without a handle. A double free is refused while its slot is not in use again. */
void *slab_malloc_epoch(SlabAllocator *alloc, size_t size, EpochId epoch);

/* Frees by address. NULL is fine (true). False and counted for anything that is not the start of a live object of alloc. */
bool slab_free(SlabAllocator *alloc, void *ptr);

/* Usable bytes of a live object of any instance, 0 for every other address. */
size_t slab_usable_size(const void *ptr);

/* ---- epochs ---- */

/* The epoch opened last (ring index). */
EpochId epoch_current(SlabAllocator *alloc);

/* Opens the next free slot of the ring with a new era, makes it current and returns its index. Slots whose last incarnation
 * still has objects or domains, or is ACTIVE, are stepped over (counted). EPOCH_INVALID, counted, when none is free;
 * the current epoch then stays. The epochs opened before stay open until closed. */
EpochId epoch_advance(SlabAllocator *alloc);

/* Refuses further allocation in the epoch and returns its empty slabs to the kernel; what still lives is returned as it is
 * freed. May be repeated (sweeps again). SLAB_ERR_ARGUMENT outside the ring, SLAB_ERR_CLOSED for a slot never opened.
 * Closing the current epoch is legal: allocation in it is then refused until epoch_advance.
 * A thread that is in the midst of an allocation in the epoch, and is seen to stay there (preempted, stopped), is not waited for:
 * counted in handshake_deferrals. It may still be given up to 127 more objects a size class, until somebody's next slow path,
 * epoch_advance or epoch_close; they are the epoch's survivors like all others. */
SlabResult epoch_close(SlabAllocator *alloc, EpochId epoch);

/* Moves what still lives in one closed epoch into another closed one, which frees the slot of the first: old lifetimes can be kept together so
 * that a ring of 16 lasts for hours. The objects count as the second epoch's from then on; its era, age and label stay.
 * SLAB_ERR_ARGUMENT for the same epoch twice or outside the ring; SLAB_ERR_CLOSED when either was never opened; SLAB_ERR_BUSY, without effect, when
 * either is ACTIVE, somebody is inside the first, or one is being closed or merged at this moment. */
SlabResult epoch_merge(SlabAllocator *alloc, EpochId from, EpochId into);

/* Era of the slot's present incarnation; 0 when it was never opened or the index is outside the ring. */
uint64_t epoch_era(SlabAllocator *alloc, EpochId epoch);

/* Names the epoch: at most 31 bytes of UTF-8 are kept, never cut inside a character. NULL or "" removes the name.
 * Bytes that are not UTF-8: SLAB_ERR_ARGUMENT, nothing changes. The first 15 different labels of an instance get an id of
 * their own for attribution, later ones share id 0 (counted). */
SlabResult slab_epoch_set_label(SlabAllocator *alloc, EpochId epoch, const char *label);

/* Counts somebody into or out of the epoch, as domains do. SLAB_ERR_CLOSED when inc meets a slot that is not ACTIVE, SLAB_ERR_BUSY
 * when 2^20 - 1 are inside; SLAB_ERR_UNDERFLOW when dec meets 0. */
SlabResult slab_epoch_inc_refcount(SlabAllocator *alloc, EpochId epoch);
SlabResult slab_epoch_dec_refcount(SlabAllocator *alloc, EpochId epoch);

/* ---- domains ---- */

/* A domain on a newly opened epoch, which it closes when its last user leaves. NULL when the ring is exhausted or memory is. */
epoch_domain_t *epoch_domain_create(SlabAllocator *alloc);

/* A domain on the present incarnation of an open epoch. auto_close: when the domain's last exit leaves nobody inside the epoch
 * and the incarnation is still the same, the epoch is closed. NULL for a slot that is not ACTIVE. */
epoch_domain_t *epoch_domain_wrap(SlabAllocator *alloc, EpochId epoch, bool auto_close);

/* Enters the domain on this thread; domains nest last-in first-out per thread, and the same one may be entered repeatedly
 * on the thread that is inside it, 64 deep in all (SLAB_ERR_NOMEM beyond). SLAB_ERR_STALE / SLAB_ERR_CLOSED when its epoch is no longer open, SLAB_ERR_BUSY when
 * 2^20 - 1 are inside it.
 * A thread that ends inside stays counted: its domain can be left and destroyed no more, which is what the refcount is there to show. */
SlabResult epoch_domain_enter(epoch_domain_t *domain);

/* Leaves it. Only the innermost domain of the thread that entered it can be left: SLAB_ERR_WRONG_THREAD, SLAB_ERR_WRONG_ORDER,
 * counted and without effect. */
SlabResult epoch_domain_exit(epoch_domain_t *domain);

/* This thread's innermost domain, or NULL. */
epoch_domain_t *epoch_domain_current(void);

/* The ring index the domain stands for. */
EpochId epoch_domain_epoch(const epoch_domain_t *domain);

/* Frees the domain object. SLAB_ERR_BUSY, without effect, while a thread is inside. NULL is fine. The epoch is not touched. */
SlabResult epoch_domain_destroy(epoch_domain_t *domain);

/* Closes the domain's epoch now if the incarnation is still the same (SLAB_ERR_STALE otherwise), whoever is inside.
 * Users leave as usual afterwards. */
SlabResult epoch_domain_force_close(epoch_domain_t *domain);

/* ---- stats: see temporal_slab_stats.h. SLAB_ERR_ARGUMENT for NULL or an index out of range. ---- */

SlabResult slab_stats_global(SlabAllocator *alloc, SlabGlobalStats *out);
SlabResult slab_stats_class(SlabAllocator *alloc, uint32_t class_index, SlabClassStats *out);
SlabResult slab_stats_epoch(SlabAllocator *alloc, EpochId epoch, SlabEpochStats *out);

/* All of them from one reading, so that the laws between them hold. out is large (about 16 KiB). Any thread, and none waits for it; where one is interrupted while it changes
 * what must be read as a whole, the reader waits for it for up to 41 ms, and says torn then. */
SlabResult slab_stats_snapshot(SlabAllocator *alloc, SlabSnapshot *out);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
