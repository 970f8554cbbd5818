#include "slab.h"

bool slab_is_empty(Slab *s) {
  SlabBook *book = slab_book(s);
  for (uint32_t w = 0; w * 64 < slab_slots(s); w++)
    if ((load_seq_cst(&book->free[w]) | load_seq_cst(&book->remote[w])) != word_mask(slab_slots(s), w)) return false;
  return true;
}

bool slab_is_reclaimable(Slab *s) { return slab_is_empty(s) && slab_live(s) == 0; }

void slab_set_states(Slab *s) {
  SlotState *states = load_relaxed(&s->states);
  uint32_t last_tag = slab_book(s)->first_tag - 2;
  for (uint32_t slot = 0; slot < slab_slots(s); slot++) store_relaxed(&states[slot], slab_hot_when_freed(handle_of(slab_ref(s), slot, last_tag)));
}

void slab_outlive_states(Slab *s) {
  SlotState *states = load_relaxed(&s->states);
  SlabBook *book = slab_book(s);
  uint32_t most = 0; /* tags may have passed 2^32 */
  for (uint32_t slot = 0; slot < slab_slots(s); slot++) {
    uint32_t next = handle_tag(slab_hot_next_handle(load_relaxed(&states[slot])));
    if (next - book->first_tag > most) most = next - book->first_tag;
  }
  book->first_tag += most;
}

uint32_t slab_duplicates(Slab *s) {
  SlabBook *book = slab_book(s);
  uint32_t n = 0;
  for (uint32_t w = 0; w < BITMAP_WORDS; w++) n += (uint32_t)__builtin_popcountll(load_relaxed(&book->free[w]) & load_relaxed(&book->remote[w]));
  return n;
}

uint32_t slab_taken(Slab *s) {
  SlabBook *book = slab_book(s);
  uint32_t taken = slab_slots(s);
  for (uint32_t w = 0; w * 64 < slab_slots(s); w++) taken -= (uint32_t)__builtin_popcountll(load_relaxed(&book->free[w]));
  return taken;
}

uint32_t slab_live(Slab *s) {
  SlotState *states = load_relaxed(&s->states);
  uint32_t live = 0;
  for (uint32_t slot = 0; slot < slab_slots(s); slot++) live += slab_hot_is_live(load_acquire(&states[slot]));
  return live;
}

bool slab_has_free(Slab *s) {
  SlabBook *book = slab_book(s);
  for (uint32_t w = 0; w < BITMAP_WORDS; w++)
    if ((load_relaxed(&book->free[w]) | load_relaxed(&book->remote[w])) != 0) return true;
  return false;
}

void slab_list_push(SlabRef *head, Slab *s) {
  SlabBook *book = slab_book(s);
  book->list_prev = 0;
  book->list_next = *head;
  if (*head) book_of_ref(*head)->list_prev = slab_ref(s);
  *head = slab_ref(s);
}

void slab_list_remove(SlabRef *head, Slab *s) {
  SlabBook *book = slab_book(s);
  if (book->list_prev)
    book_of_ref(book->list_prev)->list_next = book->list_next;
  else
    *head = book->list_next;
  if (book->list_next) book_of_ref(book->list_next)->list_prev = book->list_prev;
  book->list_next = book->list_prev = 0;
}

Slab *slab_list_pop(SlabRef *head) {
  if (!*head) return NULL;
  Slab *s = slab_of_ref(*head);
  slab_list_remove(head, s);
  return s;
}

void bin_list_push(SlabRef *head, Slab *s) {
  SlabBook *book = slab_book(s);
  book->bin_prev = 0;
  book->bin_next = *head;
  if (*head) book_of_ref(*head)->bin_prev = slab_ref(s);
  *head = slab_ref(s);
}

void bin_list_remove(SlabRef *head, Slab *s) {
  SlabBook *book = slab_book(s);
  if (book->bin_prev)
    book_of_ref(book->bin_prev)->bin_next = book->bin_next;
  else
    *head = book->bin_next;
  if (book->bin_next) book_of_ref(book->bin_next)->bin_prev = book->bin_prev;
  book->bin_next = book->bin_prev = 0;
}
