#include "magazine.h"

#include <string.h>

/* A Ready that can be added to and stored in one instruction. */
typedef uint64_t ReadyVector __attribute__((vector_size(sizeof(Ready))));

/* Stores count slots that stand side by side, downwards from last. */
static inline void store_run(Ready *last, uint32_t count, char *object, SlotState *state, size_t object_bytes) {
  ReadyVector ready = {(uintptr_t)object, (uintptr_t)state}, step = {object_bytes, sizeof *state};
  for (Ready *end = last - count; last > end; last--, ready += step) memcpy(last, &ready, sizeof ready);
}

Ready *magazine_load(Heap *heap, uint32_t bin, Slab *s) {
  uint32_t room = heap->is_shared ? 1 : MAGAZINE_REFILL; /* nobody frees into the shared heap's */
  uint32_t left = room;
  Ready *bottom = magazine_bottom(heap, bin);
  SlabBook *book = slab_book(s);
  SlotState *states = load_relaxed(&s->states);
  size_t object_bytes = s->object_bytes;
  for (uint32_t w = 0; w < BITMAP_WORDS && left > 0; w++) {
    uint64_t free = load_relaxed(&book->free[w]);
    if (free == 0) continue;
    do {
      uint32_t first = (uint32_t)__builtin_ctzll(free);
      uint64_t run = ~(free >> first);
      uint32_t count = run ? (uint32_t)__builtin_ctzll(run) : 64;
      if (count > left) count = left;
      size_t slot = w * 64 + first;
      store_run(bottom + left, count, s->base + slot * object_bytes, states + slot, object_bytes);
      free &= ~(~UINT64_C(0) >> (64 - count) << first);
      left -= count;
    } while (free && left > 0);
    store_relaxed(&book->free[w], free);
  }
  uint32_t loaded = room - left;
  if (loaded == 0) return NULL;
  if (unlikely(left > 0)) memmove(bottom + 1, bottom + 1 + left, loaded * sizeof *bottom);
  store_relaxed(&heap->top[bin], bottom + loaded);
  book->trip = (uint16_t)(book->trip + loaded);
  return bottom + loaded;
}
