#include "magazine.h"

#include <string.h>

/* A magazine for a bin that has none: one whose bin's epoch is gone, else one more. */
static uint8_t find_magazine(SlabAllocator *alloc, Heap *heap) {
  for (uint32_t epoch = 0; epoch < SLAB_EPOCH_COUNT; epoch++) {
    uint64_t any;
    _Static_assert(sizeof any == SLAB_CLASS_COUNT, "an epoch's magazines in one word");
    memcpy(&any, &heap->magazine_of[BIN_OF(epoch, 0)], sizeof any);
    if (!any) continue;
    for (uint32_t bin = BIN_OF(epoch, 0); bin < BIN_OF(epoch + 1, 0); bin++) {
      uint8_t found = heap->magazine_of[bin];
      if (!found || !load_acquire(&heap->is_vacant[bin])) continue;
      heap->magazine_of[bin] = 0;
      return found;
    }
  }
  counter_add_shared(&alloc->counters->metadata_bytes, sizeof(Magazine));
  return ++heap->magazines_used;
}

Ready *magazine_open(SlabAllocator *alloc, Heap *heap, uint32_t bin) {
  if (!heap->magazine_of[bin]) heap->magazine_of[bin] = find_magazine(alloc, heap);
  store_relaxed(&heap->is_vacant[bin], false);
  Ready *bottom = heap->magazines[heap->magazine_of[bin] - 1].slots;
  store_relaxed(&heap->hot.top[bin], bottom);
  return bottom;
}

/* A Ready that can be added to and stored in one instruction. */
typedef uint64_t ReadyVector __attribute__((vector_size(sizeof(Ready))));

/* Stores count slots that stand side by side, downwards from last. */
static inline void store_run(Ready *last, uint32_t count, char *object, SlotState *state, size_t object_bytes) {
  ReadyVector ready = {(uintptr_t)object, (uintptr_t)state}, step = {object_bytes, sizeof *state};
#pragma GCC unroll 4
  for (; count > 0; count--, last--, ready += step) memcpy(last, &ready, sizeof ready);
}

Ready *magazine_load(Heap *heap, uint32_t bin, Slab *s, Ready *top, uint32_t room) {
  uint32_t left = room;
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
      store_run(top + left, count, s->base + slot * object_bytes, states + slot, object_bytes);
      free &= ~(~UINT64_C(0) >> (64 - count) << first);
      left -= count;
    } while (free && left > 0);
    store_relaxed(&book->free[w], free);
  }
  uint32_t loaded = room - left;
  if (loaded == 0) return NULL;
  if (unlikely(left > 0)) memmove(top + 1, top + 1 + left, loaded * sizeof *top);
  store_relaxed(&heap->hot.top[bin], top + loaded);
  book->trip = (uint16_t)(book->trip + loaded);
  return top + loaded;
}

static inline uint32_t lesser(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* Of the slots from r on, of which the first is one of slots in its slab: how many stand side by side in one word of the slab's bits. */
static inline uint32_t run_length(const Ready *r, const Ready *top, uint32_t slot, uint32_t slots) {
  const Ready *next = r, *end = r + lesser((uint32_t)(top - r + 1), lesser(64 - slot % 64, slots - slot));
  SlotState *state = r->state;
  while (end - next >= 4 && next[0].state == state && next[1].state == state + 1 && next[2].state == state + 2 && next[3].state == state + 3) next += 4, state += 4;
  for (; next != end && next->state == state; state++) next++;
  return (uint32_t)(next - r);
}

Ready *magazine_unload(SlabAllocator *alloc, Heap *heap, uint32_t bin) {
  Ready *top = load_relaxed(&heap->hot.top[bin]);
  if (top == MAGAZINE_SHUT) return NULL;
  Ready *rest = top - MAGAZINE_HALF;
  for (Ready *r = rest + 1; r <= top;) {
    SlabHandle last = state_last_handle(load_relaxed(r->state));
    uint32_t slot = (uint32_t)handle_slot(last);
    uint32_t count = run_length(r, top, slot, class_slots[BIN_CLASS(bin)]);
    Slab *s = slab_of_ref(handle_ref(last));
    SlabBook *book = slab_book(s);
    _Atomic uint64_t *word = &book->free[slot / 64];
    store_relaxed(word, load_relaxed(word) | ~UINT64_C(0) >> (64 - count) << (slot % 64));
    r += count;
    if (likely(book->trip > count)) {
      book->trip = (uint16_t)(book->trip - count);
    } else {
      slab_collect(heap, s); /* looks at what is at hand, marked already or not yet */
      heap_file(alloc, heap, s);
    }
  }
  store_relaxed(&heap->hot.top[bin], rest);
  return rest;
}
