/* Chunks, slabs and slots: where objects stand and who may change what.
 *
 * A chunk is 4 MiB of address space, aligned to its size, for one class of one allocator. Its metadata stands at its start, on pages that are
 * never given back; the slabs follow. Chunks are never unmapped: they pass from a dead allocator to a pool, so a stale pointer or handle always
 * finds memory that can be read.
 *
 *   | Chunk, a SlabPlace per slab | 2^SLAB_INDEX_BITS x (Slab + one tag per slot) | padding | slab | slab | … |
 *
 * A slab's index is its position in the chunk, counted in slabs from the chunk's start; the first few are never used, as the metadata stands there.
 *
 * A slot's tag is even when the slot holds no object and odd when it does; it grows by one at each allocation and each free. A handle carries
 * the tag of its allocation, so a handle is stale exactly when the tags differ (up to 2^31 reuses of one slot). The first tag differs from one use
 * of the chunk to the next.
 *
 *   handle = tag << 32 | chunk id | slab index | slot
 */
#ifndef SLAB_SLAB_H
#define SLAB_SLAB_H

#include <stddef.h>

#include "atomics.h"
#include "classes.h"
#include "temporal_slab.h"

typedef struct Heap Heap;

/* Names a slab in 32 bits: chunk id << SLAB_INDEX_BITS | index. 0 is none (chunk ids start at 1). */
typedef uint32_t SlabRef;

enum {
  SLAB_IS_CURRENT = 1, /* its heap allocates from it; in no list of the bin */
  SLAB_IS_FULL = 2,    /* ran out of free slots, and fewer than slab_full_until have come back; in no list of the bin */
  SLAB_IS_EMPTY = 4,   /* in the bin's empty list */
};

/* While `owner` is a heap, only that heap's thread writes the fields of the first line; other threads free through `remote`.
 * While `owner` is OWNER_SHARED (epoch CLOSING, or the owning thread is gone) `free` stands still and everybody frees through `remote`.
 * While `owner` is OWNER_NONE the slab belongs to its class (cache, overflow), under the class lock.
 *
 *   bits of free and remote, and the slots in the owner's magazine, are disjoint, but for a double free by two racing threads, which is found out
 *   in slab_collect
 *   empty  <=>  (free[w] | remote[w]) covers every slot, for all w
 *   trip   = slots that are not in `free` (+ TRIP_NEVER when current; when full, frees until slab_full_until is reached) */
typedef struct Slab {
  _Atomic(Heap *) owner;
  _Atomic uint64_t free[BITMAP_WORDS];
  char *base;
  uint16_t object_bytes;
  uint16_t slots;
  uint16_t trip;
  uint8_t flags;
  _Atomic uint8_t bin;
  _Atomic SlabRef ref;
  uint32_t reciprocal;           /* ceil(2^32 / object_bytes): n / object_bytes = n * reciprocal >> 32 for all n < SLAB_BYTES */

  _Alignas(CACHE_LINE) _Atomic uint64_t remote[BITMAP_WORDS]; /* freed by others, not yet collected */
  _Atomic uint32_t pending;      /* 1 while in the pending list of a heap */
  _Atomic SlabRef pending_next;
  SlabRef list_next, list_prev;  /* the bin's `owned`, the class's `orphans`, cache or overflow: class lock */
  SlabRef bin_next, bin_prev;    /* the bin's `partial` or `empty`: owner */

  _Alignas(CACHE_LINE) _Atomic uint32_t tags[];
} Slab;
#if SLAB_PAGE_KIB <= 16
_Static_assert(offsetof(Slab, remote) == CACHE_LINE, "what remote frees write stands apart from what the owner writes");
_Static_assert(offsetof(Slab, tags) == 2 * CACHE_LINE, "two lines before the tags");
#endif
_Static_assert(BIN_COUNT <= 256, "a bin fits its byte");

#define OWNER_NONE ((Heap *)0)
#define OWNER_SHARED ((Heap *)1)
#define TRIP_NEVER 0x8000u
_Static_assert(MAX_SLOTS < TRIP_NEVER, "a current slab never trips");

/* Where a slab's metadata stands in its chunk, in cache lines, and its bin, together: bin << PLACE_BIN_SHIFT | lines. What a free needs of a slab before it
 * touches it. 0 for a slab that was never handed out: the chunk itself, whose first word is no heap. */
typedef uint32_t SlabPlace;
#define PLACE_BIN_SHIFT 16
_Static_assert(CHUNK_BYTES / CACHE_LINE <= 1u << PLACE_BIN_SHIFT, "every line of a chunk has a number");

typedef struct Chunk {
  _Atomic(SlabAllocator *) alloc; /* NULL while in the pool */
  uint32_t stride;                /* bytes from one Slab to the next */
  uint32_t slots;                 /* per slab */
  uint32_t object_bytes;
  uint32_t first, carved;         /* indices: of the first slab, of the next one that was never handed out (class lock) */
  uint32_t id;
  uint32_t first_tag;             /* of every slot; even; differs from one use of the chunk to the next */
  uint8_t cls;
  struct Chunk *next;             /* of the allocator's chunks, or of the pool */
  struct Chunk *next_uncarved;    /* of its class's chunks with slabs left: class lock */
  _Alignas(CACHE_LINE) _Atomic SlabPlace places[1 << SLAB_INDEX_BITS];
} Chunk;
_Static_assert(offsetof(Chunk, places) <= 2 * CACHE_LINE, "the chunk's fields take two lines");
_Static_assert(offsetof(Chunk, alloc) == offsetof(Slab, owner), "a slab that was never handed out is no heap's");
#define CHUNK_HEADER_BYTES sizeof(Chunk)
_Static_assert(CHUNK_HEADER_BYTES % CACHE_LINE == 0 && CHUNK_HEADER_BYTES < 4096, "on the first page, which is never given back");

extern _Atomic(Chunk *) chunk_by_id[MAX_CHUNKS];

/* Two-level map of 48-bit addresses, 13 bits a level. Leaves are made once and stay. */
#define MAP_BITS 13
#define MAP_ENTRIES (1u << MAP_BITS)
#define MAP_KEY_LIMIT (UINT64_C(1) << (2 * MAP_BITS))
typedef _Atomic(Chunk *) MapEntry;
extern _Atomic(MapEntry *) map_root[MAP_ENTRIES];

static inline uint64_t map_key(const void *p) { return (uint64_t)(uintptr_t)p >> CHUNK_SHIFT; }

/* Chunk of an address inside any chunk that ever existed, NULL for every other address. Touches nothing at the address itself. */
static inline Chunk *chunk_of_address(const void *p) {
  uint64_t key = map_key(p);
  if (unlikely(key >= MAP_KEY_LIMIT)) return NULL;
  MapEntry *leaf = load_acquire(&map_root[key >> MAP_BITS]);
  return likely(leaf != NULL) ? load_acquire(&leaf[key & (MAP_ENTRIES - 1)]) : NULL;
}

/* A chunk set up for a class, from the pool or the system; *mapped tells which. NULL when the system gives none.
 * Thread-safe; makes system calls. */
Chunk *chunk_acquire(SlabAllocator *alloc, uint32_t cls, bool *mapped);

/* Gives the pages of a chunk back and puts it into the pool. No thread may use an object in it. */
void chunk_release(Chunk *chunk);

/* For fork. */
void chunks_lock(void);
void chunks_unlock(void);

static inline Slab *chunk_slab(Chunk *chunk, size_t index) {
  return (Slab *)((char *)chunk + CHUNK_HEADER_BYTES + index * chunk->stride);
}

/* The slab in whose place an address of the chunk stands; among the metadata, one that is never used. */
static inline size_t slab_index_at(const void *p) { return (uintptr_t)p / SLAB_BYTES & ((1u << SLAB_INDEX_BITS) - 1); }
static inline Slab *chunk_slab_at(Chunk *chunk, const void *p) { return chunk_slab(chunk, slab_index_at(p)); }

/* The slot that begins at an address in the place of s; s->slots when there is none. For a thread that holds s. */
static inline size_t slab_slot_at(Slab *s, const void *p) {
  size_t within = (uintptr_t)p % SLAB_BYTES, slot = (size_t)(within * s->reciprocal >> 32);
  return likely(slot * s->object_bytes == within && slot < s->slots) ? slot : s->slots;
}

static inline Chunk *slab_chunk(Slab *s) { return (Chunk *)((uintptr_t)s & ~(uintptr_t)(CHUNK_BYTES - 1)); }

static inline SlabRef slab_ref(Slab *s) { return load_relaxed(&s->ref); }

static inline Slab *slab_of_ref(SlabRef ref) {
  return chunk_slab(load_relaxed(&chunk_by_id[ref >> SLAB_INDEX_BITS]), ref & ((1u << SLAB_INDEX_BITS) - 1));
}

#define HANDLE_TAG_ONE (UINT64_C(1) << 32)
static inline SlabHandle handle_of(Slab *s, uint32_t slot, uint32_t tag) { return tag * HANDLE_TAG_ONE | slab_ref(s) << SLOT_BITS | slot; }
static inline uint32_t handle_tag(SlabHandle h) { return (uint32_t)(h >> 32); }
static inline size_t handle_slot(SlabHandle h) { return h & (MAX_SLOTS - 1); }
static inline SlabRef handle_ref(SlabHandle h) { return (uint32_t)h >> SLOT_BITS; }

static inline size_t slab_bin(Slab *s) { return load_relaxed(&s->bin); }

/* Moves s to a bin. Before it gets its owner, or while it is shared: the place that a free of the owner has read stays right. */
static inline void slab_set_bin(Slab *s, uint32_t bin) {
  Chunk *c = slab_chunk(s);
  store_relaxed(&c->places[slab_ref(s) & ((1u << SLAB_INDEX_BITS) - 1)], bin << PLACE_BIN_SHIFT | (uint32_t)((uintptr_t)s % CHUNK_BYTES / CACHE_LINE));
  store_seq_cst(&s->bin, (uint8_t)bin);
}

static inline SlabPlace chunk_place(Chunk *c, size_t index) { return load_relaxed(&c->places[index]); }
static inline Slab *place_slab(Chunk *c, SlabPlace place) { return (Slab *)((char *)c + (size_t)(uint16_t)place * CACHE_LINE); }
static inline size_t place_bin(SlabPlace place) { return place >> PLACE_BIN_SHIFT; }

/* Free slots that end a slab's being full. */
static inline uint32_t slab_full_until(Slab *s) { return s->slots / FULL_UNTIL_FREE; }

/* Every slot of word w of a slab with so many slots. */
static inline uint64_t word_mask(uint32_t slots, uint32_t w) {
  uint32_t from = w * 64;
  if (slots >= from + 64) return ~UINT64_C(0);
  return slots > from ? (UINT64_C(1) << (slots - from)) - 1 : 0;
}

/* Nobody seems to hold an object of s: every bit is set. Final for a shared slab, whose slots are not taken again, but for the bit of a free
 * that was one too many. */
bool slab_is_empty(Slab *s);

/* Nobody holds one: the tags say so as well. For a slab whose slots are not being taken; asked before it leaves its epoch. */
bool slab_is_reclaimable(Slab *s);

/* Slots that are marked free twice, each by one free too many. */
uint32_t slab_duplicates(Slab *s);

/* Slots that are not in `free`: in use, at hand, or freed remotely. For the owner. */
uint32_t slab_taken(Slab *s);

/* Slots that the program holds, by their tags. */
uint32_t slab_live(Slab *s);

/* Any free slot, collected or not. */
bool slab_has_free(Slab *s);

/* Lists by reference; head is a SlabRef. */
void slab_list_push(SlabRef *head, Slab *s);
void slab_list_remove(SlabRef *head, Slab *s);
Slab *slab_list_pop(SlabRef *head); /* NULL when empty */
void bin_list_push(SlabRef *head, Slab *s);
void bin_list_remove(SlabRef *head, Slab *s);

#endif
