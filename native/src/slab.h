/* Chunks, slabs and slots: where objects stand and who may change what.
 *
 * A chunk is 4 MiB of address space, aligned to its size, for one class of one allocator. The books of its slabs stand at its start, on pages that are
 * never given back; the slabs follow. Chunks are never unmapped: they pass from a dead allocator to a pool, so a stale pointer or handle always
 * finds memory that can be read.
 *
 *   | Chunk | a SlabBook for each slab | a state for each slot of each slab | padding | slab | slab | … |
 *
 * All chunks lie in one window of addresses: a chunk's number is its place in the window, and a slab's number the same in slabs. `slab_table` has one Slab for
 * every number, so what a free needs is found from a handle or an address by a shift. The first few slabs of a chunk are never used: the books stand there.
 *
 *   handle = tag << 32 | place        place = slab number << SLOT_BITS | slot        slab number = chunk number << SLAB_INDEX_BITS | index in the chunk
 *
 * A slot's state is the handle of its object, or minus the handle of the last one when it holds none. Tags are odd, and each object's is the last one's of the
 * slot + 2 (up to 2^31 reuses); the first differs from one use of the chunk to the next. So a handle is of a live object exactly when it equals the state of its
 * slot: minus a handle has an even tag and, as no place is 0 or 2^31 (the first slabs are never used), another place. Beyond a slab's states are other slabs', or zeros.
 */
#ifndef SLAB_SLAB_H
#define SLAB_SLAB_H

#include <stddef.h>

#include "atomics.h"
#include "classes.h"

typedef struct SlabHeap Heap;

/* A slab's number. 0 is none (chunk numbers start at 1). */
typedef uint32_t SlabRef;

enum {
  SLAB_IS_CURRENT = 1, /* its heap allocates from it; in no list of the bin */
  SLAB_IS_FULL = 2,    /* ran out of free slots, and fewer than slab_full_until have come back; in no list of the bin */
  SLAB_IS_EMPTY = 4,   /* in the bin's empty list */
};

typedef _Atomic uint64_t SlotState;

typedef SlabHotSlab Slab;
_Static_assert(sizeof(Slab) == 1u << SLAB_HOT_SLAB_SHIFT, "two slabs a cache line, and found by a shift");
_Static_assert(BIN_COUNT <= 256, "a bin fits its byte");

/* The rest of a slab.
 *
 *   bits of free and remote, and the slots in the owner's magazine, are disjoint, but for a double free by two racing threads, which is found out
 *   in slab_collect
 *   empty  <=>  (free[w] | remote[w]) covers every slot, for all w
 *   trip   = slots that are not in `free` (+ TRIP_NEVER when current; when full, frees until slab_full_until is reached) */
typedef struct SlabBook {
  _Atomic uint64_t free[BITMAP_WORDS];
  SlabRef bin_next, bin_prev;    /* the bin's `partial` or `empty`: owner */
  uint32_t first_tag;            /* of each slot since the states were last set: class lock */
  uint16_t trip;

  _Alignas(CACHE_LINE) _Atomic uint64_t remote[BITMAP_WORDS]; /* freed by others, not yet collected */
  _Atomic uint32_t pending;      /* 1 while in the pending list of a heap */
  _Atomic SlabRef pending_next;
  SlabRef list_next, list_prev;  /* the bin's `owned`, the class's `orphans`, cache or overflow: class lock */
} SlabBook;
#if SLAB_PAGE_KIB <= 16
_Static_assert(offsetof(SlabBook, remote) == CACHE_LINE, "what remote frees write stands apart from what the owner writes");
_Static_assert(sizeof(SlabBook) == 2 * CACHE_LINE, "two lines");
#endif

#define OWNER_NONE ((Heap *)0)
#define OWNER_SHARED ((Heap *)1)
#define TRIP_NEVER 0x8000u
_Static_assert(MAX_SLOTS < TRIP_NEVER, "a current slab never trips");

typedef struct Chunk {
  _Atomic(SlabAllocator *) alloc; /* NULL while in the pool */
  uint32_t stride;                /* from the first state of one slab to that of the next; whole cache lines; what is beyond `slots` is 0 */
  uint32_t slots;                 /* per slab */
  uint32_t object_bytes;
  uint32_t first, carved;         /* indices: of the first slab, of the next one that was never handed out (class lock) */
  uint32_t id;                    /* its place in the window */
  uint32_t first_tag;             /* of its slabs' slots; odd; differs from one use of the chunk to the next */
  uint8_t cls;
  struct Chunk *next;             /* of the allocator's chunks, or of the pool */
  struct Chunk *next_uncarved;    /* of its class's chunks with slabs left: class lock */
} Chunk;
#define CHUNK_HEADER_BYTES (2 * CACHE_LINE)
_Static_assert(sizeof(Chunk) <= CHUNK_HEADER_BYTES, "on the first page, which is never given back");

extern _Atomic(Chunk *) chunk_by_id[MAX_CHUNKS];

/* Of slab numbers that have a Slab, a power of two; 0 until slab_table_create, after which none of the three changes. */
extern _Atomic uint32_t slab_table_count;
extern Slab *slab_table;
extern uintptr_t window_start;

/* Reserves the table and finds the window, once. False when the system refuses: there can be no slabs then. Thread-safe; makes system calls. */
bool slab_table_create(void);

/* Number of the slab in whose place an address stands; beyond slab_table_count, or without a chunk, for addresses that are none of ours. */
static inline uint64_t slab_number_at(const void *p) { return ((uintptr_t)p - window_start) / SLAB_BYTES; }

/* Chunk of an address inside any chunk that ever existed, NULL for every other address. Touches nothing at the address itself. */
static inline Chunk *chunk_of_address(const void *p) {
  uint32_t count = load_acquire(&slab_table_count);
  uint64_t number = slab_number_at(p);
  return number < count ? load_acquire(&chunk_by_id[number >> SLAB_INDEX_BITS]) : NULL;
}

/* A chunk set up for a class, from the pool or the system; *mapped tells which. NULL when the system gives none.
 * Thread-safe; makes system calls. */
Chunk *chunk_acquire(SlabAllocator *alloc, uint32_t cls, bool *mapped);

/* Gives the pages of a chunk back and puts it into the pool. No thread may use an object in it. */
void chunk_release(Chunk *chunk);

/* For fork. */
void chunks_lock(void);
void chunks_unlock(void);

#define SLABS_PER_CHUNK (1u << SLAB_INDEX_BITS)
static inline SlabBook *chunk_books(Chunk *c) { return (SlabBook *)((char *)c + CHUNK_HEADER_BYTES); }
static inline SlotState *chunk_states(Chunk *c, uint32_t index) { return (SlotState *)(chunk_books(c) + SLABS_PER_CHUNK) + (size_t)index * c->stride; }
static inline SlabRef chunk_slab_ref(const Chunk *c, uint32_t index) { return c->id << SLAB_INDEX_BITS | index; }

static inline Slab *slab_of_ref(SlabRef ref) { return &slab_table[ref]; }
static inline SlabRef slab_ref(const Slab *s) { return (SlabRef)(s - slab_table); }

/* Of a slab that was handed out. */
static inline Chunk *slab_chunk(const Slab *s) { return load_relaxed(&chunk_by_id[slab_ref(s) >> SLAB_INDEX_BITS]); }
static inline SlabBook *slab_book(const Slab *s) {
  uintptr_t within = (uintptr_t)s->base % CHUNK_BYTES;
  return chunk_books((Chunk *)((uintptr_t)s->base - within)) + within / SLAB_BYTES;
}
static inline SlabBook *book_of_ref(SlabRef ref) { return slab_book(slab_of_ref(ref)); }

static inline uint32_t slab_slots(const Slab *s) { return SLAB_BYTES / s->object_bytes; }

_Static_assert((MAX_SLOTS + UINT64_C(1)) * SLAB_MAX_OBJECT_BYTES * SLAB_MAX_OBJECT_BYTES < UINT64_C(1) << 32, "(slot + 1) * e < inverse: see slab_hot_slot_at");
#define STATES_PER_LINE (CACHE_LINE / sizeof(SlotState))
#define CLASS_PADDED_ROW(index, bytes) _Static_assert(SLAB_BYTES % (bytes) == 0 || SLAB_BYTES / (bytes) % STATES_PER_LINE != 0, "a slab with bytes left over has padding behind its states");
SLAB_HOT_CLASSES(CLASS_PADDED_ROW)
#undef CLASS_PADDED_ROW

static inline SlabHandle handle_of(SlabRef ref, uint32_t slot, uint32_t tag) { return tag * SLAB_HOT_TAG_ONE | ref << SLOT_BITS | slot; }
static inline uint32_t handle_tag(SlabHandle h) { return (uint32_t)(h >> 32); }
static inline size_t handle_slot(SlabHandle h) { return h & (MAX_SLOTS - 1); }
static inline SlabRef handle_ref(SlabHandle h) { return (uint32_t)h >> SLOT_BITS; }

static inline SlabHandle state_last_handle(uint64_t freed) { return -freed; }

static inline size_t slab_bin(Slab *s) { return load_relaxed(&s->bin); }

/* Moves s to a bin. Before it gets its owner, or while it is shared: the bin that a free of the owner has read stays right. */
static inline void slab_set_bin(Slab *s, uint32_t bin) { store_seq_cst(&s->bin, (uint8_t)bin); }

/* Free slots that end a slab's being full. */
static inline uint32_t slab_full_until(Slab *s) { return slab_slots(s) / FULL_UNTIL_FREE; }

/* Every slot of word w of a slab with so many slots. */
static inline uint64_t word_mask(uint32_t slots, uint32_t w) {
  uint32_t from = w * 64;
  if (slots >= from + 64) return ~UINT64_C(0);
  return slots > from ? (UINT64_C(1) << (slots - from)) - 1 : 0;
}

/* Nobody seems to hold an object of s: every bit is set. Final for a shared slab, whose slots are not taken again, but for the bit of a free
 * that was one too many. */
bool slab_is_empty(Slab *s);

/* Nobody holds one: the states say so as well. For a slab whose slots are not being taken; asked before it leaves its epoch. */
bool slab_is_reclaimable(Slab *s);

/* Sets the states for slots that hold nothing, so that their next objects' tags are book->first_tag. For a slab that nobody has. */
void slab_set_states(Slab *s);

/* Makes book->first_tag one that no object of the slab has had, as its states may be lost with their memory. As above. */
void slab_outlive_states(Slab *s);

/* Slots that are marked free twice, each by one free too many. */
uint32_t slab_duplicates(Slab *s);

/* Slots that are not in `free`: in use, at hand, or freed remotely. For the owner. */
uint32_t slab_taken(Slab *s);

/* Slots that the program holds, by their states. */
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
