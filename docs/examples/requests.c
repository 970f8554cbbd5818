// Three minutes of a server, each in an epoch of its own. One request in ten of the last minute is never freed. C and C++.
#include <stdio.h>
#include <temporal_slab_inline.h>

typedef struct Request {
  int id;
  char body[120];
} Request;

int main(void) {
  enum { REQUESTS = 10000 };
  static SlabHandle handles[REQUESTS];
  SlabAllocator *alloc = slab_allocator_create();
  if (!alloc) return 1;

  for (int minute = 1; minute <= 3; minute++) {
    EpochId epoch = epoch_advance(alloc);
    slab_epoch_set_label(alloc, epoch, "requests");
    for (int i = 0; i < REQUESTS; i++) {
      Request *request = (Request *)alloc_obj_epoch_inline(alloc, sizeof *request, epoch, &handles[i]);
      if (!request) return 1;
      request->id = i;
    }
    int refused = 0;
    for (int i = 0; i < REQUESTS; i++)
      if (minute < 3 || i % 10 != 0) free_obj_inline(alloc, handles[i]);
    for (int i = 0; i < REQUESTS; i++)
      if (i % 10 != 0) refused += !free_obj_inline(alloc, handles[i]); // once more: stale handles
    epoch_close(alloc, epoch);

    SlabEpochStats stats;
    slab_stats_epoch(alloc, epoch, &stats);
    printf("minute %d: %d stale frees refused, %llu requests never freed\n", minute, refused, (unsigned long long)stats.live_objects);
  }

  SlabGlobalStats stats;
  slab_stats_global(alloc, &stats);
  printf("%.1f MiB given back to the kernel\n", (double)stats.total_madvise_bytes / (1 << 20));
  slab_allocator_free(alloc);
  return 0;
}
