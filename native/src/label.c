#include "label.h"

#include <string.h>

/* Bytes of the UTF-8 character at p, 0 when it is none (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF). Never reads past a NUL. */
static size_t utf8_length(const unsigned char *p) {
  static const struct {
    unsigned char low, high, second_low, second_high, bytes;
  } forms[] = {{0x01, 0x7F, 0, 0, 1},       {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
               {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
               {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4}};
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
    if (p[0] < forms[i].low || p[0] > forms[i].high) continue;
    if (forms[i].bytes == 1) return 1;
    if (p[1] < forms[i].second_low || p[1] > forms[i].second_high) return 0;
    for (size_t k = 2; k < forms[i].bytes; k++)
      if (p[k] < 0x80 || p[k] > 0xBF) return 0;
    return forms[i].bytes;
  }
  return 0;
}

bool label_prepare(const char *text, uint64_t words[LABEL_WORDS]) {
  char kept[SLAB_LABEL_BYTES] = {0};
  size_t used = 0;
  bool room = true;
  for (const char *p = text; p && *p;) {
    size_t n = utf8_length((const unsigned char *)p);
    if (n == 0) return false;
    room = room && used + n < SLAB_LABEL_BYTES;
    if (room) memcpy(kept + used, p, n);
    if (room) used += n;
    p += n;
  }
  memcpy(words, kept, sizeof kept);
  return true;
}

uint32_t label_register(SlabAllocator *alloc, const uint64_t words[LABEL_WORDS]) {
  GlobalCounters *g = alloc->counters;
  if (words[0] == 0) return 0;
  uint64_t count = load_relaxed(&g->label_count);
  for (uint32_t id = 1; id < count; id++) {
    uint32_t same = 0;
    for (uint32_t w = 0; w < LABEL_WORDS; w++) same += load_relaxed(&g->labels[id][w]) == words[w];
    if (same == LABEL_WORDS) return id;
  }
  if (count == SLAB_LABEL_COUNT) {
    counter_add_shared(&g->label_registry_overflows, 1);
    return 0;
  }
  for (uint32_t w = 0; w < LABEL_WORDS; w++) store_relaxed(&g->labels[count][w], words[w]);
  store_release(&g->label_count, count + 1);
  return (uint32_t)count;
}
