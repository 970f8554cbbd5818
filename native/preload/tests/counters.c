/* Prints a counter file as key=value words, the first line for the instance, one for each epoch that was ever opened:
 *   counters FILE [CLASS_BYTES]     with CLASS_BYTES also the live objects of that class
 * Epoch lines: epoch=3 era=20 state=ACTIVE live=1000 label=12:03:07 (the label last, it may hold blanks). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "counter_reader.h"

int main(int argc, char **argv) {
  CounterReader reader;
  char error[256];
  static SlabSnapshot s;
  if (argc < 2) return 2;
  if (counter_reader_open(&reader, argv[1], error, sizeof error) != COUNTER_READ_OK) {
    fprintf(stderr, "%s: %s\n", argv[1], error);
    return 1;
  }
  if (counter_reader_read(&reader, 0, &s) != COUNTER_READ_OK || s.global.torn) {
    fprintf(stderr, "%s: %s\n", argv[1], s.global.torn ? "torn" : "shrunk");
    return 1;
  }
  uint64_t of_class = 0;
  for (int c = 0; c < SLAB_CLASS_COUNT; c++)
    if (argc > 2 && s.classes[c].object_size == strtoull(argv[2], NULL, 10)) of_class = s.classes[c].live_objects;
  const SlabGlobalStats *g = &s.global;
  printf("pid=%" PRIu64 " name=%s live=%d allocs=%" PRIu64 " frees=%" PRIu64 " threads=%" PRIu64 " invalid=%" PRIu64 " foreign=%" PRIu64
         " advances=%" PRIu64 " refused=%" PRIu64 " of_class=%" PRIu64 " unpublished=%" PRIu64 " deferrals=%" PRIu64
         " labels=%" PRIu32 " unlabelled=%" PRIu64 "\n",
         g->pid, g->name, g->live, g->total_bitmap_alloc_attempts, g->total_bitmap_free_attempts, g->thread_count, g->total_invalid_frees,
         g->unattributed_invalid_frees, g->epoch_advances, g->epoch_advances_refused, of_class, g->unpublished_threads, g->handshake_deferrals, g->label_count,
         g->label_registry_overflows);
  for (int e = 0; e < SLAB_EPOCH_COUNT; e++)
    if (s.epochs[e].epoch_era)
      printf("epoch=%d era=%" PRIu64 " state=%s live=%" PRIu64 " label=%s\n", e, s.epochs[e].epoch_era,
             s.epochs[e].state == SLAB_EPOCH_ACTIVE ? "ACTIVE" : "CLOSING", s.epochs[e].live_objects, s.epochs[e].label);
  counter_reader_close(&reader);
  return 0;
}
