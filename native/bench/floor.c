#include "floor.h"

#include <stdlib.h>
#include <string.h>

_Thread_local FloorRing floor_ring;
size_t floor_ring_bytes;

void floor_restart(size_t size) {
  size_t bytes = floor_ring_bytes + size;
  if (!floor_ring.start) {
    // Rings of threads that end are kept: they are few, and this program is short.
    floor_ring.start = malloc(bytes);
    if (!floor_ring.start) abort();
    memset(floor_ring.start, 0, bytes);
  }
  floor_ring.next = floor_ring.start;
  floor_ring.left = bytes;
}
