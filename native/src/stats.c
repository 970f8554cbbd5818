/* Snapshots of this process's own instances. */
#include <string.h>
#include <unistd.h>

#include "allocator.h"
#include "fork_child.h"
#include "lock.h"
#include "os.h"
#include "snapshot.h"

/* Heaps stay in the list, and new ones come in front. A thread that comes after the look at it has caused nothing that was read before. */
static ThreadCounters *own_block(CounterView *view, bool restart) {
  SlabAllocator *alloc = view->source;
  if (restart) lock(&alloc->heaps_lock);
  Heap *heap = restart ? alloc->heaps : ((Heap *)view->at)->next_of_alloc;
  if (restart) unlock(&alloc->heaps_lock);
  view->at = heap;
  return heap ? heap_counters(heap) : NULL;
}

SlabResult slab_stats_snapshot(SlabAllocator *alloc, SlabSnapshot *out) {
  if (!alloc || !out) return SLAB_ERR_ARGUMENT;
  fork_finish(alloc);
  CounterView view = {.global = alloc->counters, .block = own_block, .source = alloc};
  uint64_t now = os_realtime_ns();
  snapshot_read(&view, os_monotonic_ns(), out);
  SlabGlobalStats *g = &out->global;
  g->timestamp_ns = now;
  g->pid = (uint64_t)getpid();
  g->page_size = os_page_bytes();
  g->rss_bytes_current = os_rss_bytes();
  g->rss_known = g->rss_bytes_current != 0;
  g->live = true;
  g->counter_file = counter_file_state_name(load_relaxed(&alloc->counters->counter_file_state));
  memcpy(g->command, alloc->store.header->command, sizeof g->command);
  memcpy(g->name, alloc->store.header->name, sizeof g->name);
  return SLAB_OK;
}

SlabResult slab_stats_global(SlabAllocator *alloc, SlabGlobalStats *out) {
  SlabSnapshot all;
  if (!out || slab_stats_snapshot(alloc, &all) != SLAB_OK) return SLAB_ERR_ARGUMENT;
  *out = all.global;
  return SLAB_OK;
}

SlabResult slab_stats_class(SlabAllocator *alloc, uint32_t class_index, SlabClassStats *out) {
  SlabSnapshot all;
  if (!out || class_index >= SLAB_CLASS_COUNT || slab_stats_snapshot(alloc, &all) != SLAB_OK) return SLAB_ERR_ARGUMENT;
  *out = all.classes[class_index];
  return SLAB_OK;
}

SlabResult slab_stats_epoch(SlabAllocator *alloc, EpochId epoch, SlabEpochStats *out) {
  SlabSnapshot all;
  if (!out || epoch >= SLAB_EPOCH_COUNT || slab_stats_snapshot(alloc, &all) != SLAB_OK) return SLAB_ERR_ARGUMENT;
  *out = all.epochs[epoch];
  return SLAB_OK;
}
