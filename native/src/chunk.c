/* Where chunks come from, and the two ways to find a slab: by its number (handles) and by address (pointers). */
#include <pthread.h>

#include "lock.h"
#include "os.h"
#include "slab.h"

_Atomic(Chunk *) chunk_by_id[MAX_CHUNKS];

_Atomic uint32_t slab_table_count;
Slab *slab_table;
uintptr_t window_start;

/* Guards what follows, and the making of the table. Held for a few instructions, never over a system call. */
static pthread_mutex_t chunk_lock = PTHREAD_MUTEX_INITIALIZER;
static Chunk *pool;
static uint32_t uses;
static uint32_t next_place = 1;

/* Where the window is to begin: away from where the system puts what it chooses a place for, which it does next to the table. Nothing is reserved there: chunks are
 * mapped one by one, where nothing else has come to stand meanwhile. 0 when none of the places can be had. */
static uintptr_t find_window(const Slab *table) {
  static const int64_t distances[] = {-(INT64_C(1) << 39), -(INT64_C(1) << 34), INT64_C(1) << 34};
  for (size_t i = 0; i < sizeof distances / sizeof *distances; i++) {
    if (distances[i] + (intptr_t)table < (intptr_t)CHUNK_BYTES) continue;
    uintptr_t start = ((uintptr_t)table + (uintptr_t)distances[i]) & ~(uintptr_t)(CHUNK_BYTES - 1);
    if (os_map_at((void *)start, SLAB_BYTES) != OS_MAP_OK) continue;
    os_unmap((void *)start, SLAB_BYTES); /* may fail: no chunk has place 0 */
    return start;
  }
  return 0;
}

bool slab_table_create(void) {
  if (load_acquire(&slab_table_count)) return true;
  /* No more chunks than the process may have address space for: the table of all is 512 MiB of it. */
  uint64_t limit = os_address_space_limit() / CHUNK_BYTES;
  uint32_t chunks = MAX_CHUNKS;
  while (chunks / 2 >= limit && chunks > 1) chunks /= 2;
  uint32_t count = chunks * SLABS_PER_CHUNK;
  Slab *table = os_reserve(count * sizeof(Slab));
  if (!table) return false;
  uintptr_t window = find_window(table);
  if (!window) {
    os_unmap(table, count * sizeof(Slab));
    return false;
  }
  os_no_huge_pages(table, count * sizeof(Slab));
  lock(&chunk_lock);
  bool first = load_relaxed(&slab_table_count) == 0;
  if (first) {
    slab_table = table;
    window_start = window;
    store_release(&slab_table_count, count);
  }
  unlock(&chunk_lock);
  if (!first) os_unmap(table, count * sizeof(Slab));
  return true;
}

/* Makes a chunk's part of the table writable, in blocks that are whole pages of any size. */
static bool open_table(uint32_t id) {
  enum { BLOCK = 64 * KIB, CHUNK_PART = SLABS_PER_CHUNK * sizeof(Slab) };
  _Static_assert(BLOCK % CHUNK_PART == 0, "no chunk's part crosses a block");
  return os_allow_writing((char *)slab_table + (size_t)id * CHUNK_PART / BLOCK * BLOCK, BLOCK);
}

/* Maps a new chunk at a free place of the window. NULL when memory or places are exhausted. */
static Chunk *chunk_map(void) {
  enum { PLACES_TRIED = 64, LONGEST_STEP = MAX_CHUNKS / PLACES_TRIED };
  uint32_t places = load_acquire(&slab_table_count) / SLABS_PER_CHUNK, step = 1;
  for (int tried = 0; tried < PLACES_TRIED; tried++) {
    lock(&chunk_lock);
    while (next_place < places && load_relaxed(&chunk_by_id[next_place])) next_place++;
    uint32_t id = next_place < places ? next_place : 1;
    next_place = id + step;
    unlock(&chunk_lock);
    if (load_relaxed(&chunk_by_id[id])) continue; /* began anew: there may be places that were taken once and are free now */

    if (!open_table(id)) return NULL;
    Chunk *c = (Chunk *)(window_start + (uintptr_t)id * CHUNK_BYTES);
    OsMapAt result = os_map_at(c, CHUNK_BYTES);
    if (result == OS_MAP_TAKEN) {
      if (step < LONGEST_STEP) step *= 2;
      continue;
    }
    if (result != OS_MAP_OK) return NULL;
    os_no_huge_pages(c, CHUNK_BYTES);
    c->id = id;
    store_release(&chunk_by_id[id], c);
    return c;
  }
  return NULL;
}

/* The Chunk, the books, the states, and as many zeros after the last slab's as a handle may lead beyond them. */
static size_t metadata_bytes(Chunk *c) { return (size_t)((char *)(chunk_states(c, SLABS_PER_CHUNK) + MAX_SLOTS) - (char *)c); }

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
  c->stride = (uint32_t)((c->slots + STATES_PER_LINE - 1) / STATES_PER_LINE * STATES_PER_LINE);
  c->first = c->carved = (uint32_t)((metadata_bytes(c) + SLAB_BYTES - 1) / SLAB_BYTES);
  c->cls = (uint8_t)cls;
  c->first_tag = first_tag | 1;
  c->next = NULL;
  store_release(&c->alloc, alloc);
  return c;
}

void chunk_release(Chunk *c) {
  store_seq_cst(&c->alloc, NULL);
  for (uint32_t i = c->first; i < c->carved; i++) {
    Slab *s = slab_of_ref(chunk_slab_ref(c, i));
    store_relaxed(&s->states, NULL);
    store_relaxed(&s->owner, OWNER_NONE);
  }
  char *books = (char *)c + CHUNK_HEADER_BYTES;
  size_t page = os_page_bytes();
  size_t used = metadata_bytes(c);
  /* The first page holds the Chunk itself and stays; the books must read as zero for the next use, discarded or not. */
  if (!os_discard((char *)c + page, CHUNK_BYTES - page)) {
    __builtin_memset(books, 0, used - CHUNK_HEADER_BYTES);
  } else {
    size_t rest = page - CHUNK_HEADER_BYTES;
    __builtin_memset(books, 0, rest < used - CHUNK_HEADER_BYTES ? rest : used - CHUNK_HEADER_BYTES);
  }
  lock(&chunk_lock);
  c->next = pool;
  pool = c;
  unlock(&chunk_lock);
}

void chunks_lock(void) { lock(&chunk_lock); }
void chunks_unlock(void) { unlock(&chunk_lock); }
