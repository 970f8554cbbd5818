/* Where chunks come from, and the two maps that find them: by id (handles) and by address (pointers). */
#include <pthread.h>

#include "lock.h"
#include "os.h"
#include "slab.h"

_Atomic(Chunk *) chunk_by_id[MAX_CHUNKS];

_Atomic(MapEntry *) map_root[MAP_ENTRIES];

/* Guards what follows. Held for a few instructions, never over a system call. */
static pthread_mutex_t chunk_lock = PTHREAD_MUTEX_INITIALIZER;
static Chunk *pool;
static uint32_t next_id = 1;
static uint32_t uses;

/* Makes the leaf for an address if it is missing. */
static bool map_leaf_ensure(const void *p) {
  uint64_t key = map_key(p);
  if (key >= MAP_KEY_LIMIT) return false;
  _Atomic(MapEntry *) *root = &map_root[key >> MAP_BITS];
  if (load_acquire(root)) return true;
  size_t bytes = MAP_ENTRIES * sizeof(MapEntry);
  MapEntry *leaf = os_map(bytes, os_page_bytes());
  if (!leaf) return false;
  MapEntry *expected = NULL;
  if (!cas_acq_rel(root, &expected, leaf)) os_unmap(leaf, bytes);
  return true;
}

/* Maps a new chunk and enters it into both maps. NULL when memory or ids are exhausted. */
static Chunk *chunk_map(void) {
  Chunk *c = os_map(CHUNK_BYTES, CHUNK_BYTES);
  if (!c) return NULL;
  bool known = map_leaf_ensure(c);
  if (known) {
    lock(&chunk_lock);
    known = next_id < MAX_CHUNKS;
    if (known) c->id = next_id++;
    unlock(&chunk_lock);
  }
  if (!known) {
    os_unmap(c, CHUNK_BYTES);
    return NULL;
  }
  os_no_huge_pages(c, CHUNK_BYTES);
  uint64_t key = map_key(c);
  store_release(&load_relaxed(&map_root[key >> MAP_BITS])[key & (MAP_ENTRIES - 1)], c);
  store_release(&chunk_by_id[c->id], c);
  return c;
}

static size_t metadata_bytes(const Chunk *c) {
  return CHUNK_HEADER_BYTES + ((size_t)c->stride << SLAB_INDEX_BITS);
}

Chunk *chunk_acquire(SlabAllocator *alloc, uint32_t cls, bool *mapped) {
  lock(&chunk_lock);
  Chunk *c = pool;
  if (c) pool = c->next;
  uint32_t first_tag = ++uses * 2654435761u; /* 2^32 / golden ratio: spreads successive values */
  unlock(&chunk_lock);
  *mapped = !c;
  if (!c && !(c = chunk_map())) return NULL;

  c->slots = class_slots[cls];
  c->object_bytes = class_object_bytes[cls];
  size_t stride = sizeof(Slab) + c->slots * sizeof(uint32_t);
  c->stride = (uint32_t)((stride + CACHE_LINE - 1) & ~(size_t)(CACHE_LINE - 1));
  c->first = c->carved = (uint32_t)((metadata_bytes(c) + SLAB_BYTES - 1) / SLAB_BYTES);
  c->cls = (uint8_t)cls;
  c->first_tag = first_tag & ~1u;
  c->next = NULL;
  store_release(&c->alloc, alloc);
  return c;
}

void chunk_release(Chunk *c) {
  store_seq_cst(&c->alloc, NULL);
  for (uint32_t i = 0; i < 1u << SLAB_INDEX_BITS; i++) store_relaxed(&c->places[i], 0);
  char *body = (char *)c + CHUNK_HEADER_BYTES;
  size_t page = os_page_bytes();
  char *page_two = (char *)c + page;
  size_t used = metadata_bytes(c);
  /* The first page holds the Chunk itself and stays; slab metadata must read as zero for the next use, discarded or not. */
  if (!os_discard(page_two, CHUNK_BYTES - page)) {
    __builtin_memset(body, 0, used - CHUNK_HEADER_BYTES);
  } else {
    size_t rest = page - CHUNK_HEADER_BYTES;
    __builtin_memset(body, 0, rest < used - CHUNK_HEADER_BYTES ? rest : used - CHUNK_HEADER_BYTES);
  }
  lock(&chunk_lock);
  c->next = pool;
  pool = c;
  unlock(&chunk_lock);
}

void chunks_lock(void) { lock(&chunk_lock); }
void chunks_unlock(void) { unlock(&chunk_lock); }
