#ifndef BENCH_FLOOR_H
#define BENCH_FLOOR_H

#include <stddef.h>
#include <stdint.h>

typedef struct FloorRing {
  char *next;
  size_t left;
  char *start;
} FloorRing;

extern _Thread_local FloorRing floor_ring;
/* Bytes of each thread's ring: as much as the thread has in use at a time, hence more than any object of the workload. */
extern size_t floor_ring_bytes;

/* Begins the calling thread's ring anew, making it at the first call. */
void floor_restart(void);

#endif
