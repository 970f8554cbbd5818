/* Objects of one size and epoch, for threads to make and to free. */
#ifndef TESTS_JOB_H
#define TESTS_JOB_H

#include "temporal_slab.h"

typedef struct Job {
  SlabAllocator *alloc;
  EpochId epoch;
  uint32_t count, size;
  SlabHandle *handles;
  void **objects;
} Job;

Job job_make(SlabAllocator *alloc, EpochId epoch, uint32_t count, uint32_t size);
void job_end(Job *job);

/* Makes all objects of a Job, with payloads; frees all, their payloads checked. For actors (void *: a Job). */
void job_fill(void *job);
void job_drain(void *job);

#endif
