#include "job.h"

#include <stdlib.h>

#include "check.h"
#include "payload.h"

Job job_make(SlabAllocator *alloc, EpochId epoch, uint32_t count, uint32_t size) {
  return (Job){alloc, epoch, count, size, calloc(count, sizeof(SlabHandle)), calloc(count, sizeof(void *))};
}

void job_end(Job *job) {
  free(job->handles);
  free(job->objects);
}

void job_fill(void *argument) {
  Job *job = argument;
  for (uint32_t i = 0; i < job->count; i++) {
    job->objects[i] = alloc_obj_epoch(job->alloc, job->size, job->epoch, &job->handles[i]);
    if (!CHECK(job->objects[i] != NULL)) return;
    payload_stamp(job->objects[i], job->size, job->handles[i]);
  }
}

void job_drain(void *argument) {
  Job *job = argument;
  for (uint32_t i = 0; i < job->count; i++) {
    CHECK(payload_intact(job->objects[i], job->size, job->handles[i]));
    CHECK(free_obj(job->alloc, job->handles[i]));
  }
}
