/* A growing ring of objects: push at the end, take from either end or the middle. */
#ifndef TOOLS_QUEUE_H
#define TOOLS_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "temporal_slab.h"

/* A live object as its owner knows it. */
typedef struct Object {
  unsigned char *bytes;
  SlabHandle handle; /* 0: allocated without one */
  uint64_t stamp;    /* see payload.h */
  uint32_t size;
} Object;

typedef struct Queue {
  Object *ring;
  size_t capacity; /* a power of two, or 0 */
  size_t head, count;
} Queue;

/* The object at position at, 0 = oldest. */
static inline Object *queue_at(const Queue *queue, size_t at) { return &queue->ring[(queue->head + at) & (queue->capacity - 1)]; }

static inline bool queue_grow(Queue *queue) {
  size_t capacity = queue->capacity ? queue->capacity * 2 : 256;
  Object *ring = malloc(capacity * sizeof *ring);
  if (!ring) return false;
  for (size_t i = 0; i < queue->count; i++) ring[i] = *queue_at(queue, i);
  free(queue->ring);
  *queue = (Queue){.ring = ring, .capacity = capacity, .count = queue->count};
  return true;
}

/* False, and nothing pushed, when memory is exhausted. */
static inline bool queue_push(Queue *queue, Object object) {
  if (queue->count == queue->capacity && !queue_grow(queue)) return false;
  *queue_at(queue, queue->count++) = object;
  return true;
}

/* The queue must not be empty. */
static inline Object queue_take_oldest(Queue *queue) {
  Object object = *queue_at(queue, 0);
  queue->head = (queue->head + 1) & (queue->capacity - 1);
  queue->count--;
  return object;
}

static inline Object queue_take_newest(Queue *queue) { return *queue_at(queue, --queue->count); }

/* Takes position at and puts the newest in its place. */
static inline Object queue_take(Queue *queue, size_t at) {
  Object object = *queue_at(queue, at);
  *queue_at(queue, at) = *queue_at(queue, --queue->count);
  return object;
}

static inline void queue_free(Queue *queue) {
  free(queue->ring);
  *queue = (Queue){0};
}

#endif
