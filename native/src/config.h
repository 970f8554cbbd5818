/* Sizes that everything else follows from. */
#ifndef SLAB_CONFIG_H
#define SLAB_CONFIG_H

#include <stdint.h>

#include "temporal_slab_layout.h"

#define KIB 1024u
#define CACHE_LINE SLAB_HOT_LINE_BYTES

#define SLAB_BYTES SLAB_HOT_SLAB_BYTES
_Static_assert(SLAB_PAGE_KIB == 4 || SLAB_PAGE_KIB == 16 || SLAB_PAGE_KIB == 64, "page sizes of x86-64 and ARM64");

#define CHUNK_SHIFT 22
#define CHUNK_BYTES (UINT64_C(1) << CHUNK_SHIFT)

#define MIN_OBJECT_BYTES 64
#define MAX_SLOTS (SLAB_BYTES / MIN_OBJECT_BYTES)
#define BITMAP_WORDS (MAX_SLOTS / 64)

/* Handle and slab reference: chunk id | slab | slot, 32 bits together. A chunk holds CHUNK_BYTES / SLAB_BYTES slabs less its metadata. */
#define CHUNK_ID_BITS 16
#define SLAB_INDEX_BITS (SLAB_BYTES > 16 * KIB ? 6 : 8)
#define SLOT_BITS SLAB_HOT_SLOT_BITS
_Static_assert(CHUNK_ID_BITS + SLAB_INDEX_BITS + SLOT_BITS == 32, "place of an object in 32 bits");
_Static_assert(MAX_SLOTS == 1u << SLOT_BITS, "every slot has a number");
_Static_assert(CHUNK_BYTES / SLAB_BYTES == 1u << SLAB_INDEX_BITS, "every slab has a number");

#define MAX_CHUNKS (1u << CHUNK_ID_BITS)

#define BIN_COUNT SLAB_HOT_BINS
#define BIN_OF(epoch, cls) ((epoch) * SLAB_CLASS_COUNT + (cls))
#define BIN_EPOCH(bin) ((bin) / SLAB_CLASS_COUNT)
#define BIN_CLASS(bin) ((bin) % SLAB_CLASS_COUNT)

/* Empty slabs of an ACTIVE epoch that a thread keeps for itself, per bin; what is above goes to the class cache. */
#define BIN_EMPTY_MAX 96

/* A slab that was full is allocated from again when one in so many of its slots is free: changing slabs for a slot or two would cost more than the
 * allocation, and what is left unused meanwhile is half of that share at the most, on average. */
#define FULL_UNTIL_FREE 8

/* Free slots that a thread has at hand, per bin: MAGAZINE_SLOTS - 1. An empty magazine is filled to a half, and half of a full one goes back to the slabs, so that
 * programs that allocate and free at random come to neither end for long. A power of two, as the magazine's end is recognised by its address. */
#define MAGAZINE_SLOTS 128
#define MAGAZINE_HALF (MAGAZINE_SLOTS / 2)

/* Warm slabs a class may hold, and how many of them outlive an epoch_close (one per thread, at least 1 and at most 8:
 * 8 classes x 8 slabs x 16 KiB = 1 MiB). */
#define CACHE_CAPACITY 64
#define CACHE_RESERVE_MIN 1
#define CACHE_RESERVE_MAX 8

/* Empty slabs of ACTIVE epochs beyond what bins and caches keep are given back this many at a time. */
#define SURPLUS_BATCH 64

/* Slabs that drain out of a CLOSING epoch are given back this many at a time, or when the last of them is empty. */
#define DRAIN_BATCH 8

/* Slabs taken under one hold of a class lock when an epoch is closed: bounds the pause of a thread that wants the lock. */
#define CLOSE_BATCH 64

/* Turns of cpu_relax in which a thread tries to take a class lock before it sleeps, and those that a thread which takes one again and again leaves to it: ten
 * microseconds or some tens, by the processor; CLOSE_BATCH slabs are worked through in less. */
#define LOCK_SPINS 400
#define GIVE_WAY_SPINS 400

/* Turns of cpu_relax that epoch_close grants a thread inside an allocation before it leaves that epoch's slabs to a later pass. */
#define HANDSHAKE_SPINS 2000

/* How often epoch_close shuts the epoch's magazines anew because a thread was just changing one, before it leaves that to a later pass. */
#define SETTLE_ROUNDS 8

/* For how long the longest close stays on record when none is longer: four of the usual intervals at which somebody looks (15 s). */
#define LONGEST_CLOSE_NS UINT64_C(60000000000)

#define DOMAIN_DEPTH_MAX 64

#endif
