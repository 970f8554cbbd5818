/* Instances: made and ended. */
#include "allocator.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "epoch.h"
#include "fork.h"
#include "heap.h"
#include "os.h"

static _Atomic uint64_t instances;

static void destroy_locks(SlabAllocator *alloc, uint32_t pools) {
  while (pools-- > 0) pthread_mutex_destroy(&alloc->pools[pools].lock);
  pthread_mutex_destroy(&alloc->shared_lock);
  pthread_mutex_destroy(&alloc->heaps_lock);
  pthread_mutex_destroy(&alloc->epoch_lock);
  pthread_mutex_destroy(&alloc->merge_lock);
}

static bool create_locks(SlabAllocator *alloc) {
  if (pthread_mutex_init(&alloc->merge_lock, NULL)) return false;
  if (pthread_mutex_init(&alloc->epoch_lock, NULL)) goto no_epoch_lock;
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
no_epoch_lock:
  pthread_mutex_destroy(&alloc->merge_lock);
  return false;
}

/* TSLAB_KEEP: the process with this id leaves its files also when it ends in order, for the program that started it to read. Looked up at the start:
 * programs overwrite their environment. */
static _Atomic uint32_t kept_pid;
static void find_kept_pid(void) {
  const char *setting = secure_getenv("TSLAB_KEEP");
  if (setting) store_relaxed(&kept_pid, (uint32_t)strtoul(setting, NULL, 10));
}

/* A process that ends in order leaves no counter file behind. Its threads may still be counting: the mappings stay. */
static __attribute__((destructor)) void remove_files_at_exit(void) {
  if (load_relaxed(&kept_pid) == (uint32_t)getpid() || !instances_trylock()) return;
  for (SlabAllocator *a = instances_first(); a; a = a->next_instance) counter_store_remove_file(&a->store);
  instances_unlock();
}

static bool counters_off(const SlabOptions *options) {
  const char *setting = secure_getenv("TSLAB_COUNTERS");
  return (options && options->private_counters) || (setting && strcmp(setting, "off") == 0);
}

SlabAllocator *slab_allocator_create_with(const SlabOptions *options) {
  if (options && options->struct_bytes < sizeof *options) return NULL;
  size_t page = os_page_bytes();
  if (page == 0 || SLAB_BYTES % page != 0) return NULL; /* built for smaller pages than this machine's */
  if (!slab_table_create()) return NULL;
  SlabAllocator *alloc = os_map(sizeof *alloc, page);
  if (!alloc) return NULL;
  uint64_t instance = fetch_add_relaxed(&instances, 1) + 1;
  const char *name = options && options->name ? options->name : secure_getenv("TSLAB_NAME");
  find_kept_pid();
  if (!counter_store_open(&alloc->store, instance, name, counters_off(options))) goto no_counters;
  GlobalCounters *g = alloc->counters = alloc->store.global;
  if (!create_locks(alloc)) goto no_locks;
  if (!heaps_create(alloc)) goto no_heaps;
#ifdef ENABLE_LABEL_CONTENTION
  store_relaxed(&g->label_contention, 1);
#endif
  store_relaxed(&g->label_count, 1);
  counter_add_shared(&g->metadata_bytes, sizeof *alloc + sizeof *g);
  epochs_create(alloc);
  instances_add(alloc);
  return alloc;
no_heaps:
  destroy_locks(alloc, SLAB_CLASS_COUNT);
no_locks:
  counter_store_close(&alloc->store);
no_counters:
  os_unmap(alloc, sizeof *alloc);
  return NULL;
}

SlabAllocator *slab_allocator_create(void) { return slab_allocator_create_with(NULL); }

const char *slab_counters_path(SlabAllocator *alloc) { return alloc ? alloc->store.path : ""; }

void slab_allocator_free(SlabAllocator *alloc) {
  if (!alloc) return;
  instances_remove(alloc);
  heaps_destroy(alloc);
  for (Chunk *c = load_relaxed(&alloc->chunks), *next; c; c = next) {
    next = c->next;
    chunk_release(c);
  }
  destroy_locks(alloc, SLAB_CLASS_COUNT);
  counter_store_close(&alloc->store);
  os_unmap(alloc, sizeof *alloc);
}
