#include "slab.h"

bool slab_is_empty(Slab *s) {
  for (uint32_t w = 0; w * 64 < s->slots; w++)
    if ((load_seq_cst(&s->free[w]) | load_seq_cst(&s->remote[w])) != word_mask(s->slots, w)) return false;
  return true;
}

bool slab_is_reclaimable(Slab *s) { return slab_is_empty(s) && slab_live(s) == 0; }

uint32_t slab_duplicates(Slab *s) {
  uint32_t n = 0;
  for (uint32_t w = 0; w < BITMAP_WORDS; w++) n += (uint32_t)__builtin_popcountll(load_relaxed(&s->free[w]) & load_relaxed(&s->remote[w]));
  return n;
}

uint32_t slab_taken(Slab *s) {
  uint32_t taken = s->slots;
  for (uint32_t w = 0; w * 64 < s->slots; w++) taken -= (uint32_t)__builtin_popcountll(load_relaxed(&s->free[w]));
  return taken;
}

uint32_t slab_live(Slab *s) {
  uint32_t live = 0;
  for (uint32_t slot = 0; slot < s->slots; slot++) live += load_acquire(&s->tags[slot]) & 1;
  return live;
}

bool slab_has_free(Slab *s) {
  for (uint32_t w = 0; w < BITMAP_WORDS; w++)
    if ((load_relaxed(&s->free[w]) | load_relaxed(&s->remote[w])) != 0) return true;
  return false;
}

void slab_list_push(SlabRef *head, Slab *s) {
  s->list_prev = 0;
  s->list_next = *head;
  if (*head) slab_of_ref(*head)->list_prev = slab_ref(s);
  *head = slab_ref(s);
}

void slab_list_remove(SlabRef *head, Slab *s) {
  if (s->list_prev)
    slab_of_ref(s->list_prev)->list_next = s->list_next;
  else
    *head = s->list_next;
  if (s->list_next) slab_of_ref(s->list_next)->list_prev = s->list_prev;
  s->list_next = s->list_prev = 0;
}

Slab *slab_list_pop(SlabRef *head) {
  if (!*head) return NULL;
  Slab *s = slab_of_ref(*head);
  slab_list_remove(head, s);
  return s;
}

void bin_list_push(SlabRef *head, Slab *s) {
  s->bin_prev = 0;
  s->bin_next = *head;
  if (*head) slab_of_ref(*head)->bin_prev = slab_ref(s);
  *head = slab_ref(s);
}

void bin_list_remove(SlabRef *head, Slab *s) {
  if (s->bin_prev)
    slab_of_ref(s->bin_prev)->bin_next = s->bin_next;
  else
    *head = s->bin_next;
  if (s->bin_next) slab_of_ref(s->bin_next)->bin_prev = s->bin_prev;
  s->bin_next = s->bin_prev = 0;
}
