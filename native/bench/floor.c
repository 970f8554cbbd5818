#include "floor.h"

#include <stdlib.h>
#include <string.h>

_Thread_local FloorRing floor_ring;
size_t floor_ring_bytes;

void floor_restart(void) {
  if (!floor_ring.start) {
    // Kept when its thread ends: the measured threads are few, and others go on with the ring of the thread that made them.
    floor_ring.start = malloc(floor_ring_bytes);
    if (!floor_ring.start) abort();
    memset(floor_ring.start, 0, floor_ring_bytes);
  }
  floor_ring.next = floor_ring.start;
  floor_ring.left = floor_ring_bytes;
}
