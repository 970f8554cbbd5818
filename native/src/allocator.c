/* Instances: made and ended. */
#include "allocator.h"

#include "epoch.h"
#include "heap.h"
#include "os.h"

static _Atomic uint64_t instances;

static void destroy_locks(SlabAllocator *alloc, uint32_t pools) {
  while (pools-- > 0) pthread_mutex_destroy(&alloc->pools[pools].lock);
  pthread_mutex_destroy(&alloc->shared_lock);
  pthread_mutex_destroy(&alloc->heaps_lock);
  pthread_mutex_destroy(&alloc->epoch_lock);
}

static bool create_locks(SlabAllocator *alloc) {
  if (pthread_mutex_init(&alloc->epoch_lock, NULL)) return false;
  if (pthread_mutex_init(&alloc->heaps_lock, NULL)) goto no_heaps_lock;
  if (pthread_mutex_init(&alloc->shared_lock, NULL)) goto no_shared_lock;
  for (uint32_t cls = 0; cls < SLAB_CLASS_COUNT; cls++)
    if (pthread_mutex_init(&alloc->pools[cls].lock, NULL)) {
      destroy_locks(alloc, cls);
      return false;
    }
  return true;
no_shared_lock:
  pthread_mutex_destroy(&alloc->heaps_lock);
no_heaps_lock:
  pthread_mutex_destroy(&alloc->epoch_lock);
  return false;
}

SlabAllocator *slab_allocator_create(void) {
  size_t page = os_page_bytes();
  if (page == 0 || SLAB_BYTES % page != 0) return NULL; /* built for smaller pages than this machine's */
  SlabAllocator *alloc = os_map(sizeof *alloc, page);
  if (!alloc) return NULL;
  if (!(alloc->counters = os_map(sizeof *alloc->counters, page))) goto no_counters;
  if (!create_locks(alloc)) goto no_locks;
  if (!heaps_create(alloc)) goto no_heaps;
  GlobalCounters *g = alloc->counters;
  store_relaxed(&g->instance, fetch_add_relaxed(&instances, 1) + 1);
  store_relaxed(&g->label_count, 1);
  counter_add_shared(&g->metadata_bytes, sizeof *alloc + sizeof *g);
  epochs_create(alloc);
  return alloc;
no_heaps:
  destroy_locks(alloc, SLAB_CLASS_COUNT);
no_locks:
  os_unmap(alloc->counters, sizeof *alloc->counters);
no_counters:
  os_unmap(alloc, sizeof *alloc);
  return NULL;
}

void slab_allocator_free(SlabAllocator *alloc) {
  if (!alloc) return;
  heaps_destroy(alloc);
  for (Chunk *c = load_relaxed(&alloc->chunks), *next; c; c = next) {
    next = c->next;
    chunk_release(c);
  }
  destroy_locks(alloc, SLAB_CLASS_COUNT);
  os_unmap(alloc->counters, sizeof *alloc->counters);
  os_unmap(alloc, sizeof *alloc);
}
